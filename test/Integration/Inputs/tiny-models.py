"""tiny-models.py MODELS FOLDER: compares logits of each model of the folder MODELS with its logits.npy.

Generated code, with the weights as they are, and the reference, each with @score. Encoders have @encode and
hidden_states.npy instead. Works in FOLDER.
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
    golden = next(file for file in ("logits.npy", "hidden_states.npy") if os.path.exists(os.path.join(model, file)))
    if golden == "logits.npy":
        function, columns = ["--score", "--function", "score"], 61
    else:
        function, columns = ["--function", "encode"], 24
    for options in [[], ["--reference"]]:
        output = os.path.join(folder, name + "".join(options))
        run("compress-run", "call", model, "--scheme=f32", *function, "--input", os.path.join(model, "tokens.npy"),
            "--output-dir", output, "--result-shape", f"0=1x96x{columns}", *options)
        # Both sum in f32 at most; a wrong weight or position changes far more than this.
        answer = run(sys.executable, close, "1e-4", os.path.join(model, golden),
                     os.path.join(output, "result0.npy"))
        if not answer.startswith("close: True"):
            sys.exit(f"{name} {' '.join(options)}: {answer}")
    print(f"{name}: {golden.removesuffix('.npy').replace('_', ' ')} agree")
