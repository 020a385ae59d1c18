#!/usr/bin/env python3
"""Measures what every scheme makes of a model: its size, its quality, and how exactly it is computed.

Usage: schemes.py --compress-compile PROGRAM --compress-run PROGRAM --text FILE [--tokens N]
                  [--context N] [--chunks N] [--threads T] [--schemes A,B] [--work DIR] MODEL

For every scheme that the compiler knows (or those named), prints a row of a Markdown table:

  size, bits      all parameters of the bundle, and their bits per weight, from the manifest's ledger
  perplexity      of generated code on --chunks consecutive chunks of --context tokens of the text; the
                  second half of each chunk is scored
  to f32          how far that is above the scheme f32
  simulated       perplexity when f32 kernels compute with the values that the scheme's encodings of
                  weights and activations hold (--simulate)
  to simulated    how far the perplexity is above that
  KL reference    mean KL(reference || generated code) in nats over the first --tokens tokens of the
                  text: the probabilities of the next token by the reference evaluator in the
                  arithmetic of generated code (compress-run call --reference=f32) against those of
                  the code for this processor; 0 means that all logits are the same bits
  KL double       the same against the evaluator that sums in double precision (--reference=double)
  KL targets      where activations are encoded: the same of the code for this processor against the
                  code for x86-64-v3

A bundle is deleted as soon as it is measured; at most one lies in the work folder.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import numpy

OTHER_TARGET = "x86-64-v3"
COLUMNS = ["scheme", "size", "bits", "perplexity", "to f32", "simulated", "to simulated",
           "KL reference", "KL double", "KL targets"]


def run(*command, succeeds=True):
    result = subprocess.run(command, capture_output=True, text=True)
    if (result.returncode == 0) != succeeds:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout if succeeds else result.stderr


def find_schemes(arguments):
    """The schemes' names as the error for an unknown one lists them."""
    error = run(arguments.compress_compile, arguments.model, "--scheme=?", "--dry-run", succeeds=False)
    return re.search(r"there are ([\w, -]+)", error).group(1).split(", ")


@contextlib.contextmanager
def compile_bundle(arguments, scheme, *options):
    path = os.path.join(arguments.work, "bundle")
    run(arguments.compress_compile, arguments.model, f"--scheme={scheme}", *options, "-o", path)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def get_perplexity(arguments, bundle):
    output = run(arguments.compress_run, "perplexity", bundle, "--file", arguments.text,
                 "--context", str(arguments.context), "--chunks", str(arguments.chunks),
                 "--threads", str(arguments.threads), "--json")
    return json.loads(output)["perplexity"]


def write_tokens(arguments, bundle):
    """The text's first tokens as an array in a file; its path."""
    with open(arguments.text, encoding="utf-8") as file:
        text = file.read()
    # Of a part that is long enough, the last token may change with what follows.
    length, tokens = 2 * arguments.tokens, []
    while len(tokens) <= arguments.tokens:
        if length >= 2 * len(text):
            sys.exit(f"{arguments.text}: {len(tokens)} tokens, more than {arguments.tokens} are needed")
        output = run(arguments.compress_run, "generate", bundle, "-p", text[:length], "-n", "1", "--json")
        tokens = json.loads(output)["prompt_tokens"]
        length *= 2
    path = os.path.join(arguments.work, "tokens.npy")
    numpy.save(path, numpy.array([tokens[:arguments.tokens]], dtype=numpy.int32))
    return path


def get_log_probabilities(arguments, tokens, vocabulary, program, *options):
    """log p of the next token after each of the tokens, in double precision."""
    folder = os.path.join(arguments.work, "results")
    run(arguments.compress_run, "call", program, *options, "--function", "score", "--input", tokens,
        "--result-shape", f"0=1x{arguments.tokens}x{vocabulary}", "--output-dir", folder,
        "--threads", str(arguments.threads))
    (name,) = os.listdir(folder)
    logits = numpy.load(os.path.join(folder, name))[0].astype(numpy.float64)
    shutil.rmtree(folder)
    logits -= logits.max(axis=1, keepdims=True)
    return logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))


def get_divergence(p, q):
    """Mean KL(p || q) over the rows of two arrays of log probabilities, in nats."""
    return float((numpy.exp(p) * (p - q)).sum(axis=1).mean())


def measure(arguments, scheme):
    figures = {"scheme": scheme}
    with compile_bundle(arguments, scheme, "--score") as bundle:
        with open(os.path.join(bundle, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        figures["perplexity"] = get_perplexity(arguments, bundle)
        tokens = write_tokens(arguments, bundle)
        score = [arguments, tokens, manifest["model"]["vocabulary"]]
        generated = get_log_probabilities(*score, bundle)
    ledger = manifest["ledger"]
    values = sum(int(numpy.prod(entry["shape"])) for entry in ledger)
    figures["bytes"] = sum(entry["bytes_after"] for entry in ledger)
    figures["bits"] = 8 * figures["bytes"] / values
    for column, arithmetic in (("KL reference", "f32"), ("KL double", "double")):
        reference = get_log_probabilities(*score, arguments.model, f"--scheme={scheme}", "--score",
                                          f"--reference={arithmetic}")
        figures[column] = get_divergence(reference, generated)
    if any(entry.get("activations", "f32") != "f32" for entry in ledger):
        with compile_bundle(arguments, scheme, "--score", f"--target={OTHER_TARGET}") as bundle:
            figures["KL targets"] = get_divergence(generated, get_log_probabilities(*score, bundle))
    with compile_bundle(arguments, scheme, "--simulate") as bundle:
        figures["simulated"] = get_perplexity(arguments, bundle)
    return figures


def format_row(figures, base):
    def percent(value, to):
        return f"{100 * (value / to - 1):+.2f} %" if to else "-"

    perplexity, simulated = figures["perplexity"], figures["simulated"]
    divergences = [figures.get(column) for column in COLUMNS if column.startswith("KL")]
    cells = [f"`{figures['scheme']}`", f"{figures['bytes'] / 2**20:.1f} MiB", f"{figures['bits']:.2f}",
             f"{perplexity:.3f}", percent(perplexity, base), f"{simulated:.3f}",
             percent(perplexity, simulated)]
    cells += ["-" if kl is None else f"{kl:.1e}" if kl else "0" for kl in divergences]
    return "| " + " | ".join(cells) + " |"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compress-compile", required=True)
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--text", required=True, help="a text in UTF-8")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--chunks", type=int, default=8)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--schemes", help="names with commas between them (all)")
    parser.add_argument("--work", help="folder for a temporary one")
    parser.add_argument("model")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    schemes = arguments.schemes.split(",") if arguments.schemes else find_schemes(arguments)
    rows = []
    arguments.work = tempfile.mkdtemp(dir=arguments.work)
    try:
        for scheme in schemes:
            rows.append(measure(arguments, scheme))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(arguments.work)
    base = next((figures["perplexity"] for figures in rows if figures["scheme"] == "f32"), None)
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" + "|--:" * (len(COLUMNS) - 1) + "|")
    for figures in rows:
        print(format_row(figures, base))


if __name__ == "__main__":
    main()
