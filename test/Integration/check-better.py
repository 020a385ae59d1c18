#!/usr/bin/env python3
"""Checks that of two bundles one predicts a text better.

Usage: check-better.py --compress-run PROGRAM --text FILE [--context N] [--ratio R] BETTER OTHER

The perplexity of BETTER must be at most R (1) times that of OTHER.
"""

import argparse
import json
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--text", required=True)
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--ratio", type=float, default=1.0)
    parser.add_argument("better")
    parser.add_argument("other")
    arguments = parser.parse_args()
    perplexities = []
    for bundle in (arguments.better, arguments.other):
        command = [arguments.compress_run, "perplexity", bundle, "--file", arguments.text, "--context",
                   str(arguments.context), "--json"]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
        perplexities.append(json.loads(result.stdout)["perplexity"])
    better, other = perplexities
    if not better <= arguments.ratio * other:
        sys.exit(f"{better:.4f} is more than {arguments.ratio} times {other:.4f}")
    print(f"better: {better:.4f} against {other:.4f}")


if __name__ == "__main__":
    main()
