#!/usr/bin/env python3
"""Compiles a model with every scheme, twice, and runs it with one and two threads.

Usage: check-schemes.py [-p TEXT | --tokens 1,2,3] [-n N] [--text FILE --limit F] --work DIR MODEL

For every scheme that compress-compile knows, two compilations, with one and two threads, must give
the same bytes, and one and two threads the same N greedy tokens and the same bits of the first
logits. With --text, the perplexity of that file in two chunks of 256 tokens must be below F times
that of the scheme f32, to tell a model from a broken one.
"""

import argparse
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys


def run(*command, succeeds=True):
    result = subprocess.run(command, capture_output=True, text=True)
    if (result.returncode == 0) != succeeds:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout if succeeds else result.stderr


def find_schemes(model):
    """The schemes' names as the error for an unknown one lists them."""
    error = run("compress-compile", model, "--scheme=?", "--dry-run", succeeds=False)
    return re.search(r"there are ([\w, -]+)", error).group(1).split(", ")


def list_files(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, _, names in os.walk(folder) for name in names)


def check_equal_folders(first, second):
    files = list_files(first)
    if "manifest.json" not in files or files != list_files(second):
        sys.exit(f"{first} has {files}, {second} has {list_files(second)}")
    for name in files:
        if not filecmp.cmp(os.path.join(first, name), os.path.join(second, name), shallow=False):
            sys.exit(f"{name} of {first} and {second} differ")


def generate(arguments, bundle, threads):
    prompt = ["--tokens", arguments.tokens] if arguments.tokens else ["-p", arguments.prompt]
    output = run("compress-run", "generate", bundle, *prompt, "-n", str(arguments.count), "--ignore-eos",
                 "--json", "--logits", "--threads", str(threads))
    answer = json.loads(output)
    if len(answer["tokens"]) != arguments.count:
        sys.exit(f"{bundle}: {len(answer['tokens'])} tokens, expected {arguments.count}")
    return {key: answer[key] for key in ("tokens", "text", "first_logits")}


def check_threads(arguments, bundle):
    one, two = (generate(arguments, bundle, threads) for threads in (1, 2))
    for key, value in one.items():
        if value != two[key]:
            sys.exit(f"{bundle}: {key} differ: {value} with one thread, {two[key]} with two")


def get_perplexity(arguments, bundle):
    output = run("compress-run", "perplexity", bundle, "--file", arguments.text, "--context", "256",
                 "--chunks", "2", "--threads", "2", "--json")
    return json.loads(output)["perplexity"]


def check_scheme(arguments, scheme):
    """The bundle's perplexity, if asked for."""
    bundles = [os.path.join(arguments.work, f"{scheme}-{threads}") for threads in (1, 2)]
    for threads, bundle in enumerate(bundles, 1):
        run("compress-compile", arguments.model, f"--scheme={scheme}", f"--threads={threads}", "-o", bundle)
    check_equal_folders(*bundles)
    check_threads(arguments, bundles[0])
    perplexity = get_perplexity(arguments, bundles[0]) if arguments.text else None
    for bundle in bundles:
        shutil.rmtree(bundle)
    return perplexity


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-p", dest="prompt")
    parser.add_argument("--tokens")
    parser.add_argument("-n", dest="count", type=int, default=16)
    parser.add_argument("--text")
    parser.add_argument("--limit", type=float)
    parser.add_argument("--work", required=True, help="folder for bundles; each is removed again")
    parser.add_argument("model")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    schemes = find_schemes(arguments.model)
    perplexities = {}
    for scheme in schemes:
        perplexities[scheme] = check_scheme(arguments, scheme)
        note = f", perplexity {perplexities[scheme]:.2f}" if arguments.text else ""
        print(f"{scheme}: equal bundles, equal text{note}", flush=True)
    for scheme, perplexity in perplexities.items():
        if arguments.text and perplexity > arguments.limit * perplexities["f32"]:
            sys.exit(f"{scheme}: perplexity {perplexity}, f32 has {perplexities['f32']}")


if __name__ == "__main__":
    main()
