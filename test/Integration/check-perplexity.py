#!/usr/bin/env python3
"""Compares `compress-run perplexity` with an independent reference's figure.

Usage: check-perplexity.py --compress-run PROGRAM --golden FILE --entry N --text FILE
         [--within PERCENT] [--other MODEL] MODEL

The perplexity must be within 0.1 % (or PERCENT) of entry N of the golden file, which also gives the
context and the number of chunks; with --other, of that model's perplexity instead.
"""

import argparse
import json
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--golden", required=True)
    parser.add_argument("--entry", type=int, required=True)
    parser.add_argument("--text", required=True)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--within", type=float, default=0.1)
    parser.add_argument("--other")
    parser.add_argument("model")
    arguments = parser.parse_args()
    with open(arguments.golden) as file:
        golden = json.load(file)["results"][arguments.entry]

    def measure(model):
        command = [
            arguments.compress_run, "perplexity", model, "--file", arguments.text,
            "--context", str(golden["context"]), "--chunks", str(golden["chunks"]),
            "--threads", arguments.threads, "--json",
        ]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
        return json.loads(result.stdout)["perplexity"]

    perplexity = measure(arguments.model)
    expected = measure(arguments.other) if arguments.other else golden["perplexity"]
    if abs(perplexity - expected) > arguments.within / 100 * expected:
        sys.exit(f"{arguments.model}: perplexity {perplexity}, expected {expected}")
    print("perplexity agrees")


if __name__ == "__main__":
    main()
