"""frontend-modules.py MODULES FOLDER: runs each module of the folder MODULES and compares with its results.

In f32, as generated code, by the reference, and from what compress-opt makes of it; under w8a8, where generated code must
give what the simulation of its encodings in f32 gives. Works in FOLDER.
"""

import glob
import os
import subprocess
import sys

modules, folder = sys.argv[1:]
tools = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "Tools")
close = os.path.join(tools, "compress-run", "Inputs", "close.py")


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout


def expect_close(tolerance, golden, output, what):
    """Compares the results in the folder `output` with the files `golden`, in order."""
    for i, path in enumerate(golden):
        answer = run(sys.executable, close, tolerance, path, os.path.join(output, f"result{i}.npy"))
        if not answer.startswith("close: True"):
            sys.exit(f"{what}, result {i}: {answer}")


for source in sorted(glob.glob(os.path.join(modules, "*.mlir"))):
    name = os.path.basename(source).removesuffix(".mlir")
    inputs = [part for path in sorted(glob.glob(os.path.join(modules, f"{name}-argument-*.npy")))
              for part in ("--input", path)]
    golden = sorted(glob.glob(os.path.join(modules, f"{name}-result-*.npy")))
    if not inputs or not golden:
        sys.exit(f"{name}: no arguments or results")

    def call(module, *options):
        output = os.path.join(folder, name + "".join(options))
        run("compress-run", "call", module, "--function", name.replace("-", "_"), "--output-dir", output, *inputs, *options)
        return output

    model_ir = os.path.join(folder, name + ".mlir")
    run("compress-opt", "--compress-frontend-pipeline", source, "-o", model_ir)
    # Sums of up to 64 values of f32, of which each step rounds.
    expect_close("1e-5", golden, call(source), f"{name}, generated code")
    expect_close("1e-5", golden, call(source, "--reference"), f"{name}, reference")
    expect_close("1e-5", golden, call(model_ir, "--threads=1"), f"{name}, from compress-opt")
    encoded = call(source, "--scheme=w8a8")
    simulated = call(source, "--scheme=w8a8", "--simulate")
    # A value on the edge between two codes may round otherwise: one in 127 of a part of a sum.
    expect_close("3e-4", sorted(glob.glob(os.path.join(simulated, "*.npy"))), encoded, f"{name}, w8a8 and its simulation")
    expect_close("2e-2", golden, encoded, f"{name}, w8a8")
    print(f"{name}: results agree")
