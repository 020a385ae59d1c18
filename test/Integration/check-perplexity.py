#!/usr/bin/env python3
"""Compares `compress-run perplexity` with an independent reference's figure.

Usage: check-perplexity.py --compress-run PROGRAM --golden FILE --entry N --text FILE MODEL

The perplexity must be within 0.1 % of entry N of the golden file, which also gives the context and
the number of chunks.
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
    parser.add_argument("model")
    arguments = parser.parse_args()
    with open(arguments.golden) as file:
        golden = json.load(file)["results"][arguments.entry]
    command = [
        arguments.compress_run, "perplexity", arguments.model, "--file", arguments.text,
        "--context", str(golden["context"]), "--chunks", str(golden["chunks"]),
        "--threads", arguments.threads, "--json",
    ]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    perplexity = json.loads(result.stdout)["perplexity"]
    if abs(perplexity - golden["perplexity"]) > 1e-3 * golden["perplexity"]:
        sys.exit(f"{arguments.model}: perplexity {perplexity}, expected {golden['perplexity']}")
    print("perplexity agrees")


if __name__ == "__main__":
    main()
