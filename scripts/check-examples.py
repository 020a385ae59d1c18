#!/usr/bin/env python3
"""Usage: scripts/check-examples.py --opt TOOL [FILE.td...]

Runs the examples (```mlir) in the descriptions of ops, attributes, types and
passes through TOOL, compress-opt. Each must parse and verify. Values that an
example uses and does not define are defined with the types that it uses.

A pass with two examples turns the first into the second. One with a single
example runs over it under --verify-diagnostics: where it is to fail, the
example says so with `expected-error`.

Prints a line for each example that fails; the exit code is 1 if one did or if
there was none.
"""

import argparse
import os
import re
import subprocess
import sys
import textwrap

import lint

UNDECLARED = re.compile(r"^<stdin>:(\d+):(\d+): error: use of undeclared SSA value name", re.M)
MISTYPED = re.compile(r"error: definition of SSA value '(%[^'#]+)#0' has type 'none'.*?"
                      r"previously used here with type '(.*?)'\n", re.S)


class Runner:
    def __init__(self, tool):
        self.tool = tool

    def run(self, source, *options):
        """(succeeded, output, error) of the tool over `source`."""
        run = subprocess.run([self.tool, *options, "-"], input=source, capture_output=True, text=True)
        return run.returncode == 0, run.stdout, run.stderr

    def complete(self, example):
        """The example with definitions of what it leaves open, or an error: (source, error).

        They stand at the end: a module's body allows uses before definitions, and says then which
        type a use has.
        """
        types, body = {}, example
        for _ in range(100):
            source = body + "".join(f'{name} = "example.value"() : () -> {type}\n'
                                    for name, type in types.items())
            succeeded, _, error = self.run(source, "--allow-unregistered-dialect")
            if succeeded:
                return source, None
            mistyped = MISTYPED.search(error)
            lines = source.splitlines()
            for line, column in UNDECLARED.findall(error):
                name = re.match(r"%[\w$.-]+", lines[int(line) - 1][int(column) - 1:]).group()
                types[name] = "none"
            if mistyped:
                types[mistyped.group(1)] = mistyped.group(2)
            elif not UNDECLARED.search(error):
                return None, error
        return None, "its values have no consistent types"


def examples(description):
    blocks = re.findall(r"```mlir\n(.*?)```", description or "", re.S)
    return [textwrap.dedent(block) for block in blocks]


def check_fragments(runner, blocks):
    """Errors of examples of ops, attributes and types."""
    for block in blocks:
        error = runner.complete(block)[1]
        if error:
            yield error


def check_pass(runner, argument, anchor, blocks):
    """Errors of the examples of a pass."""
    nested = argument if anchor in ("", "builtin.module") else f"{anchor}({argument})"
    pipeline = f"--pass-pipeline=builtin.module({nested})"
    if len(blocks) == 2:
        succeeded, output, error = runner.run(blocks[0], pipeline)
        wanted_succeeded, wanted, wanted_error = runner.run(blocks[1])
        if not succeeded or not wanted_succeeded:
            yield error or wanted_error
        elif output != wanted:
            yield f"gives\n{output}instead of\n{wanted}"
    elif len(blocks) == 1:
        succeeded, _, error = runner.run(blocks[0], pipeline, "--verify-diagnostics")
        if not succeeded:
            yield error
    else:
        yield f"has {len(blocks)} examples, not one or two"


def anchor_of(record):
    """The op that a pass runs on, as pipelines spell it."""
    operation = re.search(r"OperationPass<(.*)>", record["baseClass"])
    name = operation.group(1).split("::")[-1] if operation else ""
    return {"FuncOp": "func.func", "": ""}.get(name, "builtin.module")


def check_file(tree, runner, path):
    """(number of examples, [errors]) of one file."""
    records = lint.dump_records(tree, path)
    if isinstance(records, str):
        return 1, [f"{path}: {records}"]
    count, errors = 0, []
    for kind, record, line in lint.defined_in(records, path):
        blocks = examples(record["description"])
        count += len(blocks)
        if kind == "PassBase":
            found = check_pass(runner, record["argument"], anchor_of(record), blocks)
        else:
            found = check_fragments(runner, blocks)
        name = lint.spelling(kind, record, records)[0]
        errors += [f"{path}:{line}: the example of {name}: {error.strip()}" for error in found]
    return count, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opt", required=True, metavar="TOOL")
    parser.add_argument("files", nargs="*", metavar="FILE.td")
    arguments = parser.parse_args()
    tree = lint.Tree(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    runner = Runner(arguments.opt)
    total, errors = 0, []
    for path in arguments.files or tree.select(".td", under=("include/",)):
        count, found = check_file(tree, runner, path)
        total += count
        errors += found
    print("\n".join(errors + [f"{total} examples, {len(errors)} errors"]))
    return 1 if errors or not total else 0


if __name__ == "__main__":
    sys.exit(main())
