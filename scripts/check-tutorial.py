#!/usr/bin/env python3
"""Runs a tutorial's commands and compares what they print with what it shows.

Usage: check-tutorial.py --build DIR --work DIR FILE.md

The ```sh blocks run in order, in one shell that stops at the first failure, in a folder where
`build/bin`, `docs`, `examples` and `test` are those of the project. A ```text block shows the output of the
block before it: its lines must be among the output's, in this order. `...` stands for any text,
a number with a decimal point for any such number, and a run of spaces for any other.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

MARKER = "@@ end of block"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def read_blocks(path):
    """[(line, commands, shown output or None)]."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    blocks = []
    for match in FENCE.finditer(text):
        kind, body = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        if kind == "sh":
            blocks.append((line, body, None))
        elif kind == "text" and blocks and blocks[-1][2] is None:
            blocks[-1] = (blocks[-1][0], blocks[-1][1], body)
        else:
            sys.exit(f"{path}:{line}: a block of {kind} that follows no commands")
    return blocks


def prepare(work, build):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, "build"))
    os.symlink(os.path.join(os.path.abspath(build), "bin"), os.path.join(work, "build", "bin"))
    for name in ("docs", "examples", "test"):
        os.symlink(os.path.join(root, name), os.path.join(work, name))


def run_blocks(blocks, work):
    """The outputs of the blocks that ran, standard error included, and the exit code."""
    script = "exec 2>&1\n" + "".join(f"{commands}\necho; echo '{MARKER}'\n" for _, commands, _ in blocks)
    shell = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=work, capture_output=True)
    outputs = shell.stdout.decode("utf-8", "replace").split(MARKER + "\n")
    return outputs, shell.returncode


def make_pattern(line):
    pattern = ""
    for part in re.split(r"(\.\.\.|\d+\.\d+(?:e[-+]\d+)?|\s+)", line.strip()):
        if part == "...":
            pattern += ".*"
        elif re.fullmatch(r"\d+\.\d.*", part):
            pattern += r"\d+\.\d+(e[-+]\d+)?"
        elif part and part.isspace():
            pattern += r"\s+"
        else:
            pattern += re.escape(part)
    return re.compile(r"\s*" + pattern + r"\s*")


def find_missing(shown, output):
    """The first shown line that the output lacks."""
    lines = iter(output.splitlines())
    for line in filter(str.strip, shown.splitlines()):
        pattern = make_pattern(line)
        if not any(pattern.fullmatch(candidate) for candidate in lines):
            return line
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--work", required=True, help="scratch folder; replaced")
    parser.add_argument("tutorial")
    arguments = parser.parse_args()
    blocks = read_blocks(arguments.tutorial)
    compared = sum(shown is not None for _, _, shown in blocks)
    if not compared:
        sys.exit(f"{arguments.tutorial}: shows no output")
    prepare(arguments.work, arguments.build)
    outputs, code = run_blocks(blocks, arguments.work)
    for (line, commands, shown), output in zip(blocks, outputs):
        missing = find_missing(shown, output) if shown else None
        if missing:
            sys.exit(f"{arguments.tutorial}:{line}: the output has no line\n  {missing}\nit is\n{output}")
    if code != 0 or len(outputs) != len(blocks) + 1:
        line = blocks[len(outputs) - 1][0]
        sys.exit(f"{arguments.tutorial}:{line}: exit code {code}\n{outputs[-1]}")
    print(f"{len(blocks)} blocks of commands, {compared} outputs as shown")


if __name__ == "__main__":
    main()
