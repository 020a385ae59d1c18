"""tiny-models.py MODELS FOLDER: compares logits of each model of the folder MODELS with its logits.npy.

Generated code, with the weights as they are, and the reference, each with @score. Works in FOLDER.
"""

import os
import subprocess
import sys

models, folder = sys.argv[1:]
tools = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "Tools")
close = os.path.join(tools, "compress-run", "Inputs", "close.py")


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout


for name in sorted(os.listdir(models)):
    model = os.path.join(models, name)
    for options in [[], ["--reference"]]:
        output = os.path.join(folder, name + "".join(options))
        run("compress-run", "call", model, "--scheme=f32", "--score", "--function", "score", "--input",
            os.path.join(model, "tokens.npy"), "--output-dir", output, "--result-shape", "0=1x96x61", *options)
        # Both sum in f32 at most; a wrong weight or position changes far more than this.
        answer = run(sys.executable, close, "1e-4", os.path.join(model, "logits.npy"),
                     os.path.join(output, "result0.npy"))
        if not answer.startswith("close: True"):
            sys.exit(f"{name} {' '.join(options)}: {answer}")
    print(f"{name}: logits agree")
