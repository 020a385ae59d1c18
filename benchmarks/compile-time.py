#!/usr/bin/env python3
"""Measures what compiling a model of twice as many layers costs.

Usage: compile-time.py [--scheme S] [--rounds N] [--work DIR] --compress-compile PROGRAM MODEL.gguf

Writes a GGUF file with every layer of MODEL twice (PyPI's `gguf` package) and compiles both by
turns. For each: CPU seconds (user and system) of a dry run (import, scheme, ledger), of a compilation
for one processor and of one for two, and the peak resident memory of the second. From these:

  code        = two processors - one                what generating the code takes
  parameters  = one processor - code - dry run      unpacking, laying out, hashing and writing weights
  compiling   = dry run + code                      all but the parameters

Prints the smallest figure of all rounds, since other work on the machine only adds to CPU time, and
for what is measured the spread (largest - smallest). The load is printed before and after: where it
is high, or the spread is, the figures mean little.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import gguf

TARGETS = ["--target=x86-64-v3", "--target=x86-64-v3+f16c"]


def double_layers(source, destination):
    """Layer n + i is a copy of layer i; returns n."""
    reader = gguf.GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    key = f"{architecture}.block_count"
    layers = int(reader.fields[key].contents())
    writer = gguf.GGUFWriter(destination, architecture)
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        value = 2 * layers if name == key else field.contents()
        inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, value, field.types[0], sub_type=inner)
    for tensor in reader.tensors:
        names = [tensor.name]
        if tensor.name.startswith("blk."):
            _, layer, rest = tensor.name.split(".", 2)
            names.append(f"blk.{int(layer) + layers}.{rest}")
        for name in names:
            writer.add_tensor(name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return layers


def measure(arguments, model, *options):
    """(CPU seconds, peak MiB) of one run."""
    command = [arguments.compress_compile, model, f"--scheme={arguments.scheme}", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_all(arguments, model, work):
    output = os.path.join(work, "bundle")
    figures = {"dry run": measure(arguments, model, "--dry-run")[0]}
    figures["one processor"], figures["peak MiB"] = measure(arguments, model, TARGETS[0], "-o", output)
    figures["two processors"] = measure(arguments, model, *TARGETS, "-o", output)[0]
    return figures


def summarize(rounds):
    """{quantity: (smallest, spread)}; derived ones have no spread."""
    table = {}
    for name in rounds[0]:
        values = [figures[name] for figures in rounds]
        table[name] = (min(values), max(values) - min(values))
    dry, one, two = (table[name][0] for name in ("dry run", "one processor", "two processors"))
    table["code"] = (two - one, None)
    table["parameters"] = (one - (two - one) - dry, None)
    table["compiling"] = (dry + two - one, None)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compress-compile", required=True)
    parser.add_argument("--scheme", default="source")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", help="folder for the doubled model and bundles (a temporary one)")
    parser.add_argument("model")
    arguments = parser.parse_args()
    work = tempfile.mkdtemp(dir=arguments.work)
    try:
        doubled = os.path.join(work, "doubled.gguf")
        layers = double_layers(arguments.model, doubled)
        print("load before: %.2f" % os.getloadavg()[0])
        rounds = {arguments.model: [], doubled: []}
        for _ in range(arguments.rounds):
            for model, figures in rounds.items():
                figures.append(measure_all(arguments, model, work))
        print("load after: %.2f" % os.getloadavg()[0])
    finally:
        shutil.rmtree(work)
    once, twice = (summarize(figures) for figures in rounds.values())
    print(f"{'':16}{layers:>9} layers{2 * layers:>15} layers   ratio")
    for name, (value, spread) in once.items():
        cells = [f"{v:9.2f}" + (f" +- {s:4.2f}" if s is not None else " " * 8)
                 for v, s in (once[name], twice[name])]
        print(f"{name:16}{cells[0]}  {cells[1]}    {twice[name][0] / value:6.2f}")


if __name__ == "__main__":
    main()
