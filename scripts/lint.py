#!/usr/bin/env python3
"""Checks of the sources that no compiler makes. `lint.py --help` lists them.

Each check is a generator of findings (path, line, message) over the tree. A
check fails if it finds something; findings of WARNING_CHECKS are only shown.
scripts/lint-exceptions.txt lists what a check may pass over, and why.
"""

import argparse
import concurrent.futures
import fnmatch
import functools
import json
import os
import py_compile
import re
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape, quoteattr

CXX = (".cpp", ".h", ".c")
FOLDERS = [".ci", "benchmarks", "cmake", "docs", "examples", "include", "lib"]
FOLDERS += ["scripts", "test", "tools", "unittests"]
LINT_INPUTS = "test/Scripts/Inputs"
LICENSE_LINE = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"


class Tree:
    """The files of a project below `root`, read once."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._walk())

    def _walk(self):
        for name in os.listdir(self.root):
            if os.path.isfile(os.path.join(self.root, name)):
                yield name
        for folder in FOLDERS:
            for at, folders, names in os.walk(os.path.join(self.root, folder)):
                # Inputs of lint's own tests are wrong on purpose.
                folders[:] = [f for f in folders if f != "__pycache__" and
                              os.path.relpath(os.path.join(at, f), self.root) != LINT_INPUTS]
                for name in names:
                    yield os.path.relpath(os.path.join(at, name), self.root)

    def select(self, *suffixes, under=("",)):
        return [p for p in self.paths if p.endswith(suffixes) and p.startswith(tuple(under))]

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), 1)

    @functools.lru_cache(maxsize=None)
    def tests(self):
        """The text of all lit tests and unit tests, and what examples in descriptions expect."""
        paths = self.select("", under=("test/", "unittests/"))
        expected = [line for p in self.select(".td") for _, line in self.lines(p) if "expected-error" in line]
        return "\n".join([self.text(p) for p in paths] + expected)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


# --- TableGen ----------------------------------------------------------------

def dump_records(tree, path):
    """All records of a .td file, as llvm-tblgen's JSON."""
    include = ["-I", "include"]
    for line in subprocess.run(["llvm-config-22", "--includedir"], capture_output=True,
                               text=True, check=True).stdout.split():
        include += ["-I", line]
    run = subprocess.run(["llvm-tblgen-22", "--dump-json", *include, path], cwd=tree.root,
                         capture_output=True, text=True)
    return json.loads(run.stdout) if run.returncode == 0 else run.stderr.strip()


def defined_in(records, path):
    """The records whose definition is in this very file: [(class, record, line)]."""
    for kind in ["Op", "AttrDef", "TypeDef", "PassBase"]:
        for name in records["!instanceof"].get(kind, []):
            record = records[name]
            # The location closest to the definition comes first.
            file, line = record["!locs"][0].rsplit(":", 1)
            if os.path.basename(file) == os.path.basename(path):
                yield kind, record, int(line)


def spelling(kind, record, records):
    """How a record is written in IR or on the command line, and a pattern that finds it."""
    if kind == "PassBase":
        return record["argument"], r"(?<!\w)(?<!\w-)" + re.escape(record["argument"]) + r"(?![\w-])"
    if kind == "Op":
        name = records[record["opDialect"]["def"]]["name"] + "." + record["opName"]
        return name, r"(?<![\w.])" + re.escape(name) + r"(?![\w.])"
    name = records[record["dialect"]["def"]]["name"] + "." + str(record["mnemonic"])
    sigil = "#" if kind == "AttrDef" else "!"
    return sigil + name, re.escape(sigil + name) + r"(?![\w.])"


def check_tablegen(tree):
    """Every op, attribute, type and pass has a summary, a description with an example, and a test."""
    paths = tree.select(".td")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        dumps = list(pool.map(lambda p: dump_records(tree, p), paths))
    for path, records in zip(paths, dumps):
        if isinstance(records, str):
            yield path, 1, "llvm-tblgen-22 refuses the file: " + records.splitlines()[0]
            continue
        for kind, record, line in defined_in(records, path):
            name, pattern = spelling(kind, record, records)
            if not record.get("summary"):
                yield path, line, f"{name} has no summary"
            if not (record.get("description") or "").strip():
                yield path, line, f"{name} has no description"
            elif "```" not in record["description"]:
                yield path, line, f"the description of {name} has no example (```)"
            if not re.search(pattern, tree.tests()):
                yield path, line, f"{name} appears in no test"


# --- Errors ------------------------------------------------------------------

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?P<raw>.*?)\)"|"(?P<string>(?:\\.|[^"\\\n])*)"'
                   r"|'(?:\\.|[^'\\\n])+'|;", re.S)
ERROR_CALL = re.compile(r"\b\w*(?:[eE]rror|[fF]ail|[rR]efuse|[iI]nvalid)\w*\s*\(")
NOT_EMITTED = re.compile(r"(take|consume|handle|join|log)\w*|notifyMatchFailure|cantFail|getError|static_assert")
PLACEHOLDER = re.compile(r"\{\d*[^}]*\}|%[-+0-9.]*[a-z]+|\\[nt]")


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def fragments(code):
    """The constant parts of the literals of a statement, up to its semicolon, as word lists."""
    parts, end = [""], 0
    for token in TOKEN.finditer(code):
        if token.group() == ";":
            break
        literal = token.group("string") if token.group("raw") is None else token.group("raw")
        if literal is None:
            continue
        if code[end:token.start()].strip():
            parts.append("")  # Not adjacent: something is between the two.
        parts[-1] += literal
        end = token.end()
    return [words(piece) for part in parts for piece in PLACEHOLDER.split(part)]


def blank_comments(text):
    """The same text with the comments' characters as blanks, so that offsets stay."""
    def replace(token):
        if token.group().startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", token.group())
        return token.group()
    return TOKEN.sub(replace, text)


def emitted_errors(text):
    """Errors emitted with words of their own: (offset, [word lists])."""
    text = blank_comments(text)
    literals = [(t.start(), t.end()) for t in TOKEN.finditer(text) if t.group() != ";"]
    for call in ERROR_CALL.finditer(text):
        inside = any(start <= call.start() < end for start, end in literals)
        name = call.group().rstrip("( \n")
        if inside or NOT_EMITTED.fullmatch(name):
            continue
        found = [f for f in fragments(text[call.end():]) if f]
        if found:
            yield call.start(), found


def check_errors(tree):
    """Every error that lib emits is expected by a test."""
    size = 4
    tested = words(tree.tests())
    grams = {n: set(zip(*(tested[i:] for i in range(n)))) for n in range(1, size + 1)}

    def covered(fragment):
        n = min(size, len(fragment))
        return any(tuple(fragment[i:i + n]) in grams[n] for i in range(len(fragment) - n + 1))

    for path in tree.select(".cpp", ".h", under=("lib/", "include/")):
        text = tree.text(path)
        for offset, found in emitted_errors(text):
            longest = max(found, key=len)
            telling = [f for f in found if len(f) >= size] or [longest]
            if not any(covered(f) for f in telling):
                yield path, line_of(text, offset), f"no test expects \"{' '.join(longest)}\""


# --- Text --------------------------------------------------------------------

MACHINE_PATH = re.compile(r"(?<![\w.$}*~-])/(work|home|root|opt|mnt|tmp|usr/local|usr/lib/llvm[-\w]*)(?=/)")
REGISTRY = re.compile(r"\b(pypi\.org|pythonhosted\.org|deb\.debian\.org)\b")
# Code speaks of itself, not of how it came to be or of what is missing.
CHATTER = re.compile(r"\b(TODO|FIXME|XXX|HACK|not (?:yet )?implemented|for now|as (?:requested|discussed)"
                     r"|the user asked|previous (?:version|attempt))\b")


def check_paths(tree):
    """No path of one machine, and no address of a package registry: clients know theirs."""
    for path in tree.paths:
        for number, line in tree.lines(path):
            for pattern, what in [(MACHINE_PATH, "a folder of one machine"), (REGISTRY, "a registry's host")]:
                match = pattern.search(line)
                if match:
                    yield path, number, f"names {what}: {match.group()}"


def check_chatter(tree):
    """Comments speak of the code: no left-overs and no history of how it came to be."""
    for path in tree.select(*CXX, ".td", ".py", ".sh", ".cmake", ".txt", ".mlir", ".test"):
        if path == "scripts/lint.py":
            continue
        for number, line in tree.lines(path):
            match = CHATTER.search(line)
            if match:
                yield path, number, f"\"{match.group()}\": say what is, or open an issue"


def check_format(tree, fix=False):
    """C++ is formatted by clang-format-22."""
    paths = tree.select(*CXX)
    if not paths:
        return
    if fix:
        subprocess.run(["clang-format-22", "-i", *paths], cwd=tree.root, check=True)

    def run(path):
        return subprocess.run(["clang-format-22", path], cwd=tree.root, capture_output=True,
                              check=True, text=True).stdout

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, wanted in zip(paths, pool.map(run, paths)):
            have = tree.text(path)
            if not fix and have != wanted:
                pairs = zip(have.splitlines(), wanted.splitlines())
                number = next((i for i, (a, b) in enumerate(pairs, 1) if a != b), 1)
                yield path, number, "not formatted; scripts/lint.py --fix mends it"


def check_python(tree):
    """Python scripts compile."""
    with tempfile.TemporaryDirectory() as folder:
        for path in tree.select(".py"):
            try:
                py_compile.compile(os.path.join(tree.root, path), doraise=True,
                                   cfile=os.path.join(folder, "out"))
            except py_compile.PyCompileError as error:
                yield path, 1, str(error).strip().splitlines()[-1]


def check_headers(tree):
    """C++ and TableGen files begin with the licence header; headers have guards named after their path."""
    for path in tree.select(*CXX, ".td"):
        text = tree.text(path)
        name = os.path.basename(path)
        first = text.split("\n", 1)[0]
        if not first.startswith(f"//===- {name} - ") or not first.endswith("===//"):
            yield path, 1, f"the first line is not `//===- {name} - What it is ---...---===//`"
        elif len(first) > 80:
            yield path, 1, f"the first line has {len(first)} characters, more than 80"
        if LICENSE_LINE not in text[:800]:
            yield path, 1, f"the header lacks `{LICENSE_LINE}`"
        if path.endswith((".h", ".td")) and path.startswith("include/"):
            guard = re.sub(r"\W", "_", path[len("include/"):]).upper()
            if f"#ifndef {guard}\n#define {guard}\n" not in text:
                yield path, 1, f"no include guard {guard}"


def functions(lines):
    """Functions that start in the first column, as LLVM's style has them: (line, length)."""
    start, inside = None, False
    for number, line in enumerate(lines, 1):
        if inside:
            if line.startswith("}"):
                if line == "}":
                    yield start, number - start + 1
                start, inside = None, False
        elif not line or re.match(r"[}#/]|(inline )?(namespace|class|struct|enum|extern|union)\b", line):
            start = None
        elif start or not line[0].isspace():
            start = start or number
            inside = line.endswith("{")


def check_sizes(tree):
    """Library files stay under 600 lines and functions under 100."""
    for path in tree.select(".cpp", under=("lib/", "tools/")):
        lines = tree.text(path).splitlines()
        if len(lines) > 600:
            yield path, 1, f"{len(lines)} lines: is there more than one thing in it?"
        for start, length in functions(lines):
            if length > 100:
                yield path, start, f"a function of {length} lines"


def check_lit(tree):
    """Lit tests run something and check its result."""
    checks = re.compile(r"FileCheck|verify-diagnostics|\bnot\b|\bdiff\b|\bcmp\b|%python|CHECK")
    for path in tree.select(".mlir", ".test", under=("test/",)):
        if "/Inputs/" in path:
            continue
        runs = "\n".join(re.findall(r"RUN:(.*(?:\\\n.*)*)", tree.text(path)))
        if not runs:
            yield path, 1, "has no RUN line"
        elif not checks.search(runs):
            yield path, 1, "runs something and checks nothing"
        elif "FileCheck" in runs and "CHECK" not in tree.text(path) and "check-prefix" not in runs:
            yield path, 1, "runs FileCheck without a CHECK line"


def check_links(tree):
    """Links between documents lead somewhere."""
    for path in tree.select(".md"):
        for number, line in tree.lines(path):
            for target in re.findall(r"\]\(([^)#\s]+)", line):
                at = os.path.join(tree.root, os.path.dirname(path), target)
                if "://" not in target and not os.path.exists(at):
                    yield path, number, f"links to {target}, which does not exist"


CHECKS = {
    "tablegen": check_tablegen,
    "errors": check_errors,
    "paths": check_paths,
    "chatter": check_chatter,
    "format": check_format,
    "python": check_python,
    "headers": check_headers,
    "links": check_links,
    "lit": check_lit,
    "sizes": check_sizes,
}
WARNING_CHECKS = {"sizes"}


# --- Exceptions and report ---------------------------------------------------

class Exceptions:
    """`CHECK PATH-GLOB | PART OF THE MESSAGE | REASON` lines."""

    def __init__(self, tree):
        self.path = "scripts/lint-exceptions.txt"
        self.rules, self.broken = [], []
        if not os.path.exists(os.path.join(tree.root, self.path)):
            return
        for number, line in tree.lines(self.path):
            if not line.strip() or line.startswith("#"):
                continue
            parts = [part.strip() for part in line.split("|")]
            head = parts[0].split()
            if len(parts) != 3 or len(head) != 2 or head[0] not in CHECKS or not parts[2]:
                self.broken.append((self.path, number, "not `CHECK PATH | PART | REASON`"))
            else:
                self.rules.append([number, head[0], head[1], parts[1], 0])

    def allow(self, check, path, message):
        for rule in self.rules:
            if rule[1] == check and fnmatch.fnmatch(path, rule[2]) and rule[3] in message:
                rule[4] += 1
                return True
        return False

    def stale(self, checks):
        return self.broken + [(self.path, rule[0], "allows nothing any more: remove it")
                              for rule in self.rules if not rule[4] and rule[1] in checks]


def write_xunit(path, results):
    with open(path, "w", encoding="utf-8") as file:
        file.write('<testsuites><testsuite name="lint">\n')
        for name, findings in results.items():
            file.write(f'<testcase classname="lint" name={quoteattr(name)}>')
            if findings and name not in WARNING_CHECKS:
                file.write(f"<failure>{escape(chr(10).join(findings))}</failure>")
            file.write("</testcase>\n")
        file.write("</testsuite></testsuites>\n")


def parse_arguments():
    listing = "\n".join(f"  {name:9} {check.__doc__}" for name, check in CHECKS.items())
    parser = argparse.ArgumentParser(
        description="Checks of the sources:\n" + listing,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fix", action="store_true", help="format the files first")
    parser.add_argument("--xunit", metavar="FILE", help="also write the results as xunit")
    parser.add_argument("--only", metavar="CHECK", action="append", choices=CHECKS)
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                        help="the tree to check (the project itself)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    tree = Tree(arguments.root)
    exceptions = Exceptions(tree)
    results, failures = {}, 0
    if arguments.fix:
        list(check_format(tree, fix=True))
        tree = Tree(arguments.root)
    for name in arguments.only or CHECKS:
        found = [f for f in CHECKS[name](tree) if not exceptions.allow(name, f[0], f[2])]
        results[name] = [f"{path}:{line}: {message} [{name}]" for path, line, message in found]
    results["exceptions"] = [f"{path}:{line}: {message} [exceptions]"
                             for path, line, message in exceptions.stale(results)]
    for name, findings in results.items():
        warning = name in WARNING_CHECKS
        for finding in findings:
            print(("warning: " if warning else "") + finding)
        failures += bool(findings) and not warning
    print(f"lint: {len(results) - failures} checks passed, {failures} failed")
    if arguments.xunit:
        write_xunit(arguments.xunit, results)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
