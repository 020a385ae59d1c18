#!/usr/bin/env python3
"""Compares sequences of unequal length in one batch with runs of each alone.

Usage: check-batch.py --compress-run PROGRAM --golden FILE [--converted] MODEL

The batch takes every prompt of the golden file, the i-th one continued by 8 * i of its golden
tokens, so that all lengths differ. Greedy tokens, the reason for their end and every bit of the
first logits must be those of each sequence alone, with one and two threads: sums do not depend on
the number of rows. Sequences may end before others do. The tokens must also be the golden ones,
unless weights were --converted.
"""

import argparse
import json
import subprocess
import sys

STRIDE = 8


def generate(arguments, prompts, count, threads):
    """One answer per prompt."""
    command = [arguments.compress_run, "generate", arguments.model, "-n", str(count), "--json", "--logits",
               "--threads", str(threads)]
    for prompt in prompts:
        command += ["--tokens", ",".join(map(str, prompt))]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    report = json.loads(result.stdout)
    total = sum(map(len, prompts))
    if report["timings"]["prompt_tokens"] != total:
        sys.exit(f"{report['timings']['prompt_tokens']} prompt tokens, expected {total}")
    return report["sequences"] if len(prompts) > 1 else [report]


def check_golden(answer, golden):
    """Golden tokens go on after the end of a text."""
    tokens = answer["tokens"]
    if tokens != golden[:len(tokens)]:
        return f"tokens {tokens}, expected {golden}"
    if len(tokens) != len(golden) and answer["stop_reason"] != "end_of_text":
        return f"{len(tokens)} tokens, expected {len(golden)}"
    return None


def check_same(answer, alone):
    for key in ("prompt_tokens", "tokens", "stop_reason"):
        if answer[key] != alone[key]:
            return f"{key} {answer[key]}, alone {alone[key]}"
    pairs = zip(answer["first_logits"], alone["first_logits"])
    unequal = sum(a != b for a, b in pairs)
    if unequal or not alone["first_logits"]:
        return f"{unequal} of {len(alone['first_logits'])} logits differ from those alone"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--golden", required=True)
    parser.add_argument("--converted", action="store_true", help="don't compare with golden tokens")
    parser.add_argument("model")
    arguments = parser.parse_args()
    with open(arguments.golden) as file:
        goldens = json.load(file)
    prompts = [golden["prompt_tokens"] + golden["greedy_tokens"][:STRIDE * i] for i, golden in enumerate(goldens)]
    if len(prompts) < 3 or len(set(map(len, prompts))) != len(prompts):
        sys.exit(f"{arguments.golden}: expected three prompts or more, of unequal length")
    count = len(goldens[0]["greedy_tokens"]) - STRIDE * (len(goldens) - 1)
    alone = [generate(arguments, [prompt], count, 1)[0] for prompt in prompts]
    for i, (answer, golden) in enumerate(zip(alone, goldens)):
        wrong = check_golden(answer, golden["greedy_tokens"][STRIDE * i:][:count])
        if wrong and not arguments.converted:
            sys.exit(f"{arguments.model}, prompt {i} alone: {wrong}")
    for threads in (1, 2):
        batch = generate(arguments, prompts, count, threads)
        if len(batch) != len(prompts):
            sys.exit(f"{len(batch)} answers, expected {len(prompts)}")
        for i, (answer, expected) in enumerate(zip(batch, alone)):
            wrong = check_same(answer, expected)
            if wrong:
                sys.exit(f"{arguments.model}, prompt {i} of the batch, {threads} threads: {wrong}")
    lengths = ", ".join(str(len(prompt)) for prompt in prompts)
    ends = ", ".join(str(len(answer["tokens"])) for answer in alone)
    print(f"a batch of {lengths} tokens gives {ends} tokens as each sequence alone")


if __name__ == "__main__":
    main()
