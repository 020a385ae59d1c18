"""tiny-models.py MODELS ARCHITECTURES FOLDER: compares logits of each model of the folder MODELS with its logits.npy.

Generated code, with the weights as they are, and the reference, each with @score. Encoders have @encode and
hidden_states.npy instead. A model with a file NAME.json in the folder ARCHITECTURES is imported by it, others by what is
built in. Works in FOLDER.
"""

import os
import shutil
import subprocess
import sys

models, architectures, folder = sys.argv[1:]
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
    program, function, columns = [model, "--score"], "score", 61
    if golden == "hidden_states.npy":
        program, function, columns = [model], "encode", 24
    architecture = os.path.join(architectures, name + ".json")
    if os.path.exists(architecture):
        # The MLIR file refers to the weights beside it.
        program = [os.path.join(folder, name + ".mlir")]
        run("compress-translate", "--import-huggingface", model, "--architecture", architecture, "-o", *program)
        shutil.copy(os.path.join(model, "model.safetensors"), folder)
    for options in [[], ["--reference"]]:
        output = os.path.join(folder, name + "".join(options))
        run("compress-run", "call", *program, "--scheme=f32", "--function", function, "--input",
            os.path.join(model, "tokens.npy"), "--output-dir", output, "--result-shape", f"0=1x96x{columns}", *options)
        # Both sum in f32 at most; a wrong weight or position changes far more than this.
        answer = run(sys.executable, close, "1e-4", os.path.join(model, golden),
                     os.path.join(output, "result0.npy"))
        if not answer.startswith("close: True"):
            sys.exit(f"{name} {' '.join(options)}: {answer}")
    print(f"{name}: {golden.removesuffix('.npy').replace('_', ' ')} agree")
