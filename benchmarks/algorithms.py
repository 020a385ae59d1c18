#!/usr/bin/env python3
"""Measures what every algorithm makes of a model in several formats: size, quality, time, memory.

Usage: algorithms.py --compress-compile PROGRAM --compress-run PROGRAM --calibration FILE --text FILE
                     [--formats A,B] [--algorithms A,,B] [--sequences N] [--context N] [--chunks N]
                     [--budgets N,N] [--sensitivity FILE] [--threads T] [--work DIR] MODEL

For every format and algorithm prints a row of a Markdown table:

  bits            per weight, over all parameters of the bundle, from the manifest's ledger
  size            of all parameters
  perplexity      of generated code on --chunks consecutive chunks of --context tokens of --text; the second
                  half of each chunk is scored
  KL              mean divergence of the model's distribution of the next token from that of the same model
                  in f32, on the same tokens, in nats
  time, memory    wall-clock time and peak resident memory of compress-compile, calibration included

Algorithms that look at inputs learn from --sequences sequences of --context tokens of --calibration, which should
be another text than --text. A format is a name below, which says how the weights of layers are stored;
embeddings and heads have 8 bits in all of them. With --budgets, for each number of bytes a row follows for which
formats were chosen weight by weight (compress-compile --budget), rounded by the last of the algorithms.

A bundle is deleted as soon as it is measured; at most two lie in the work folder.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time

BLOCK = "block = [1, 32]"
SUPER = "#quantized.affine<ui6, block = [1, 8], scale = f16>"
# Per format: scheme, encoding of the weights.
FORMATS = {
    "w8a8": ("w8a8", f"#quantized.affine<i8, {BLOCK}, scale = f16>"),
    "4-symmetric": ("w4", f"#quantized.affine<i4, {BLOCK}, scale = f16>"),
    "4-minimum": ("w4", f"#quantized.affine<ui4, {BLOCK}, scale = f16, min = f16>"),
    "4-nested": ("w4", f"#quantized.affine<ui4, {BLOCK}, scale = {SUPER}, min = {SUPER}>"),
    "3-symmetric": ("w4", f"#quantized.affine<i3, {BLOCK}, scale = f16>"),
    "3-minimum": ("w4", f"#quantized.affine<ui3, {BLOCK}, scale = f16, min = f16>"),
    "3-nested": ("w4", f"#quantized.affine<ui3, {BLOCK}, scale = {SUPER}, min = {SUPER}>"),
    "nf4": ("w4", '#quantized.codebook<"nf4", block = [1, 64], scale = f16>'),
}
ALGORITHMS = ["rtn", "mse", "gptq-mse", "awq", "awq,gptq-mse"]
WITHOUT_DATA = {"rtn", "mse", "hqq"}
COLUMNS = ["format", "algorithm", "bits", "size", "perplexity", "KL", "time", "memory"]


def run(*command):
    """Standard output, seconds, and peak resident bytes of the command."""
    start = time.monotonic()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{errors.read()}")
        return output.read(), seconds, usage.ru_maxrss * 1024


def compile_bundle(arguments, name, *options):
    path = os.path.join(arguments.work, name)
    _, seconds, memory = run(arguments.compress_compile, arguments.model, *options,
                             "--threads", str(arguments.threads), "-o", path)
    return path, seconds, memory


def calibrate(arguments):
    return ["--calibration", arguments.calibration, "--sequences", str(arguments.sequences),
            "--context", str(arguments.context)]


def measure(arguments, label, algorithm, base, *options):
    """A row of the table for what compress-compile makes of the options."""
    bundle, seconds, memory = compile_bundle(arguments, "bundle", *options)
    with open(os.path.join(bundle, "manifest.json"), encoding="utf-8") as file:
        ledger = json.load(file)["ledger"]
    output, _, _ = run(arguments.compress_run, "evaluate", bundle, "--file", arguments.text, "--context",
                       str(arguments.context), "--chunks", str(arguments.chunks), "--threads",
                       str(arguments.threads), "--json", *(["--against", base] if base else []))
    shutil.rmtree(bundle)
    result = json.loads(output)
    values = sum(math.prod(entry["shape"]) for entry in ledger)
    size = sum(entry["bytes_after"] for entry in ledger)
    return {"format": label, "algorithm": algorithm, "bits": 8 * size / values, "bytes": size,
            "perplexity": result["perplexity"]["perplexity"],
            "KL": result["against"]["kl_divergence"]["mean"] if base else 0,
            "seconds": seconds, "memory": memory}


def format_row(figures):
    cells = [figures["format"], f"`{figures['algorithm']}`", f"{figures['bits']:.2f}",
             f"{figures['bytes'] / 2**20:.1f} MiB", f"{figures['perplexity']:.3f}", f"{figures['KL']:.4f}",
             f"{figures['seconds']:.0f} s", f"{figures['memory'] / 2**20:.0f} MiB"]
    return "| " + " | ".join(cells) + " |"


def measure_all(arguments):
    yield measure(arguments, "f32", "copy", None, "--scheme=f32")
    base, _, _ = compile_bundle(arguments, "f32", "--scheme=f32")
    algorithms = arguments.algorithms.split(",,")
    for name in arguments.formats.split(","):
        scheme, encoding = FORMATS[name]
        for algorithm in algorithms:
            options = [] if algorithm in WITHOUT_DATA else calibrate(arguments)
            yield measure(arguments, name, algorithm, base, f"--scheme={scheme}", f"--override=blk.*={encoding}",
                          f"--algorithm={algorithm}", *options)
    sensitivity = arguments.sensitivity or os.path.join(arguments.work, "sensitivity.json")
    for budget in filter(None, arguments.budgets.split(",")):
        yield measure(arguments, f"at most {budget}", algorithms[-1], base, "--scheme=w4", f"--budget={budget}",
                      "--sensitivity", sensitivity, f"--algorithm={algorithms[-1]}", *calibrate(arguments))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compress-compile", required=True)
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--calibration", required=True, help="a text in UTF-8 to learn from")
    parser.add_argument("--text", required=True, help="a text in UTF-8 to evaluate on")
    parser.add_argument("--formats", default=",".join(FORMATS), help="names with commas between them")
    parser.add_argument("--algorithms", default=",,".join(ALGORITHMS),
                        help="as --algorithm takes them, with two commas between them")
    parser.add_argument("--sequences", type=int, default=64)
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--chunks", type=int, default=20)
    parser.add_argument("--budgets", default="", help="bytes, such as 70M,80M")
    parser.add_argument("--sensitivity", help="file that compress-compile --sensitivity keeps")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--work", help="folder for a temporary one")
    parser.add_argument("model")
    arguments = parser.parse_args()
    for name in arguments.formats.split(","):
        if name not in FORMATS:
            parser.error(f"unknown format '{name}'; there are {', '.join(FORMATS)}")
    return arguments


def main():
    arguments = parse_arguments()
    rows = []
    arguments.work = tempfile.mkdtemp(dir=arguments.work)
    try:
        for figures in measure_all(arguments):
            rows.append(figures)
            print(json.dumps(figures), file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(arguments.work)
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---|---" + "|--:" * (len(COLUMNS) - 2) + "|")
    for figures in rows:
        print(format_row(figures))


if __name__ == "__main__":
    main()
