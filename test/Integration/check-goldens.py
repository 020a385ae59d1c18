#!/usr/bin/env python3
"""Compares greedy text and logits of `compress-run generate` with goldens.

Usage: check-goldens.py --compress-run PROGRAM --golden FILE [--threads N] [--norm-tolerance R] MODEL

MODEL is a bundle or a model file. For every prompt of the golden file, the greedy tokens must be
equal, each listed logit of the first step within 1e-3 of the largest one's magnitude, and the
logits' L2 norm within R (1e-4) of the golden's.
"""

import argparse
import json
import math
import subprocess
import sys


def generate(arguments, prompt, count):
    command = [
        arguments.compress_run, "generate", arguments.model, "-p", prompt,
        "-n", str(count), "--temperature", "0", "--ignore-eos", "--json", "--logits",
        "--threads", str(arguments.threads),
    ] + arguments.option
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout)


def check(golden, answer, norm_tolerance):
    """What is wrong, or None."""
    if answer["prompt_tokens"] != golden["prompt_tokens"]:
        return f"prompt tokens {answer['prompt_tokens']}, expected {golden['prompt_tokens']}"
    for i, (got, want) in enumerate(zip(answer["tokens"], golden["greedy_tokens"])):
        if got != want:
            return f"token {i} is {got}, expected {want}"
    if len(answer["tokens"]) != len(golden["greedy_tokens"]):
        return f"{len(answer['tokens'])} tokens, expected {len(golden['greedy_tokens'])}"
    logits = answer["first_logits"]
    largest = max(abs(x) for x in logits)
    for token, want in golden["first_logits_top"].items():
        if abs(logits[int(token)] - want) > 1e-3 * largest:
            return f"logit of token {token} is {logits[int(token)]}, expected {want}"
    norm = math.sqrt(sum(x * x for x in logits))
    if abs(norm - golden["first_logits_l2"]) > norm_tolerance * golden["first_logits_l2"]:
        return f"the logits' norm is {norm}, expected {golden['first_logits_l2']}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--golden", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--norm-tolerance", type=float, default=1e-4)
    parser.add_argument("--option", action="append", default=[],
                        help="one more option of compress-run generate")
    parser.add_argument("model")
    arguments = parser.parse_args()
    with open(arguments.golden) as file:
        goldens = json.load(file)
    if not goldens:
        sys.exit(f"{arguments.golden}: no prompts")
    for golden in goldens:
        answer = generate(arguments, golden["prompt"], len(golden["greedy_tokens"]))
        wrong = check(golden, answer, arguments.norm_tolerance)
        if wrong:
            sys.exit(f"{arguments.model}, prompt {golden['prompt']!r}: {wrong}")
    print(f"{len(goldens)} prompts agree")


if __name__ == "__main__":
    main()
