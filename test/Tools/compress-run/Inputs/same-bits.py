"""same-bits.py MODEL TOKENS.npy WORK SCHEME...: whether generated code and the evaluator in its arithmetic give the same
logits, bit for bit, for each scheme. compress-run is found on PATH."""

import os
import subprocess
import sys


def score(model, tokens, folder, *options):
    command = ["compress-run", "call", model, "--score", "--function", "score", "--input", tokens,
               "--output-dir", folder, *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "result0.npy"), "rb") as file:
        return file.read()


def main():
    model, tokens, work, *schemes = sys.argv[1:]
    for scheme in schemes:
        reference = score(model, tokens, os.path.join(work, "reference"), f"--scheme={scheme}", "--reference=f32")
        # The header of a .npy file ends with the shape that generated code has to be told.
        shape = reference[:128].split(b"'shape': (")[1].split(b")")[0].decode().replace(", ", "x").strip(",x")
        generated = score(model, tokens, os.path.join(work, "generated"), f"--scheme={scheme}",
                          f"--result-shape=0={shape}")
        print(f"{scheme}: {'same bits' if generated == reference else 'differ'}")


main()
