"""Lines that compute one product x * transpose(w), on one thread, of 4096 x 4096 weights and M rows of x.

The weights' codes are drawn so that they survive our codec exactly: either side multiplies the same numbers.
"""

import dataclasses
import json
import os
import shutil
import struct
import sys
from statistics import median

import numpy

from comparison.process import ComparisonError, run, run_json, say
from comparison.rounds import Line

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "onnx_worker.py")
THREADS = 1
BLOCK = 32

# @product multiplies what it is given, encoded as `activations` says, with weights of a file of f32 values.
MODULE = """
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
!x = tensor<?x{size}xf32>
!a = tensor<?x{size}xf32{activations}>
!w = tensor<{size}x{size}xf32{weights}>
ml_program.global private @w(#compress.parameter<"w.safetensors", "w"{stored}>) : !w
func.func @product(%x: !x) -> !x {{
  %w = ml_program.global_load_const @w : !w
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : !x
  %empty = tensor.empty(%m) : !x
  %init = linalg.fill ins(%zero : f32) outs(%empty : !x) -> !x
  {encode}
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %w : !a, !w) outs(%init : !x) -> !x
  return %y : !x
}}
"""


@dataclasses.dataclass
class Kernel:
    group: str
    title: str
    # Names of onnx_worker.py; the fastest counts.
    peers: dict
    ours: str
    # How far the results may be from exact ones, as root of mean squares over that of the exact ones.
    tolerance: float
    weights: str = ""
    activations: str = ""


KERNELS = [
    Kernel("matmul-4bit", "4-bit weights, 8-bit activations", {"matmul_nbits": "MatMulNBits, accuracy level 4"},
           "i4 with f32 scales in blocks of 32, int8 in blocks of 32", 0.02,
           f", #quantized.affine<i4, block = [1, {BLOCK}], scale = f32>",
           f", #quantized.affine<i8, block = [1, {BLOCK}], scale = f32, narrow = true, sums = true>"),
    Kernel("matmul-8bit", "8-bit weights, 8-bit activations",
           {"u8u8": "MatMulInteger of u8 and u8", "u8s8": "MatMulInteger of u8 and i8"},
           "i8 with a scale per row on both sides, from f32 to f32", 1e-6,
           ", #quantized.affine<i8, block = [1, -1], scale = f32>",
           ", #quantized.affine<i8, block = [1, -1], scale = f32, narrow = true, sums = true>"),
    Kernel("matmul-f32", "f32", {"f32": "MatMul", "numpy": "numpy with OpenBLAS"}, "f32", 1e-5),
]


def make_weights(kernel, size, random):
    """What the worker reads: values, or codes with their scales."""
    if kernel.group == "matmul-f32":
        return {"values": random.standard_normal((size, size), numpy.float32)}
    # The largest magnitude stands in each block, so that the block's scale is what it is here.
    most, block = (7, BLOCK) if kernel.group == "matmul-4bit" else (127, size)
    codes = random.integers(-most, most, (size, size), numpy.int8, endpoint=True)
    codes[:, ::block] = most
    exponents = random.integers(-8, -4, (size, size // block)) if block == BLOCK else numpy.zeros((size, 1))
    return {"codes": codes, "scales": numpy.exp2(exponents).astype(numpy.float32)}


def get_values(weights):
    if "values" in weights:
        return weights["values"]
    codes, scales = weights["codes"], weights["scales"]
    return codes.astype(numpy.float32) * numpy.repeat(scales, codes.shape[1] // scales.shape[1], axis=1)


def make_input(kernel, rows, size, random):
    if kernel.group != "matmul-8bit":
        return random.standard_normal((rows, size), numpy.float32)
    # Integers that a scale of 1 keeps.
    x = random.integers(-127, 127, (rows, size), endpoint=True).astype(numpy.float32)
    x[:, 0] = 127
    return x


def write_safetensors(path, values):
    header = {"w": {"dtype": "F32", "shape": list(values.shape), "data_offsets": [0, values.nbytes]}}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + values.tobytes())


def write_module(kernel, size, folder):
    encode, stored = "", ""
    if kernel.activations:
        encode, stored = "%a = compress.encode %x : !x to !a", ", stored = #quantized.float<f32>"
    text = MODULE.format(size=size, weights=kernel.weights, activations=kernel.activations, encode=encode,
                         stored=stored)
    path = os.path.join(folder, "product.mlir")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text if encode else text.replace("%a,", "%x,"))
    return path


class Product:
    """The weights of a kernel for either side, and our code."""

    def __init__(self, kernel, size, arguments, peers, work):
        self.kernel, self.size, self.arguments, self.peers = kernel, size, arguments, peers
        self.folder = os.path.join(work, kernel.group)
        self.codes, self.bundle = os.path.join(self.folder, "codes.npz"), os.path.join(self.folder, "bundle")
        os.makedirs(self.folder)
        random = numpy.random.default_rng(1)
        weights = make_weights(kernel, size, random)
        self.values = get_values(weights)
        numpy.savez(self.codes, **weights)
        write_safetensors(os.path.join(self.folder, "w.safetensors"), self.values)
        run([arguments.compress_compile, write_module(kernel, size, self.folder), "-o", self.bundle])
        self.inputs = {}
        for rows in [1, 16] if arguments.quick else [1, 16, 512]:
            self.inputs[rows] = os.path.join(self.folder, f"x{rows}.npy")
            numpy.save(self.inputs[rows], make_input(kernel, rows, size, random))

    def get_repeats(self, rows):
        return max(3, 200 // rows)

    def get_error(self, rows, path):
        """Root of mean squares of the differences from the exact product, over that of the product."""
        exact = numpy.load(self.inputs[rows]).astype(numpy.float64) @ self.values.T.astype(numpy.float64)
        difference = numpy.load(path).astype(numpy.float64) - exact
        return float(numpy.sqrt((difference**2).mean() / (exact**2).mean()))

    def measure_peer(self, name, rows):
        """Seconds of a call, and the file with what it computed."""
        output = os.path.join(self.folder, "peer.npy")
        result = run_json([sys.executable, WORKER, name, "--codes", self.codes, "--input", self.inputs[rows],
                           "--output", output, "--repeat", self.get_repeats(rows), "--threads", THREADS],
                          self.peers.get_python_environment())
        return median(result["samples"]), output

    def measure_ours(self, rows):
        folder = os.path.join(self.folder, "results")
        shutil.rmtree(folder, ignore_errors=True)
        result = run_json([self.arguments.compress_run, "call", self.bundle, "--function", "product", "--input",
                           self.inputs[rows], "--result-shape", f"0={rows}x{self.size}", "--output-dir", folder,
                           "--repeat", self.get_repeats(rows), "--threads", THREADS, "--json"])
        if len(result["results"]) != 1:
            raise ComparisonError(f"{self.bundle}: {len(result['results'])} results of @product, 1 was expected")
        return result["seconds"], result["results"][0]["file"]


class KernelLine(Line):
    """A product with some number of rows."""

    def __init__(self, product, rows):
        super().__init__()
        self.product, self.rows, self.peer = product, rows, None
        self.errors = {}

    def get_title(self):
        return f"{self.rows} x {self.product.size} x {self.product.size}, {THREADS} thread"

    def get_name(self):
        return f"{self.get_title()} ({self.product.kernel.title})"

    def prepare(self, measure):
        peers = self.product.kernel.peers
        self.peer = min(peers, key=lambda name: measure(lambda: self.product.measure_peer(name, self.rows)[0]))

    def measure(self, side, result):
        seconds, path = result
        if side not in self.errors:
            self.errors[side] = self.product.get_error(self.rows, path)
        return seconds * 1e3

    def measure_peer(self):
        return self.measure("peer", self.product.measure_peer(self.peer, self.rows))

    def measure_ours(self):
        return self.measure("ours", self.product.measure_ours(self.rows))

    def describe(self):
        kernel = self.product.kernel
        return {"group": kernel.group, "title": self.get_title(), "weights": kernel.title, "rows": self.rows,
                "size": self.product.size, "peer": kernel.peers[self.peer], "ours": kernel.ours, "unit": "ms",
                "higher": False, "errors": self.errors,
                "outputs": f"errors {self.errors['peer']:.0e}, {self.errors['ours']:.0e}",
                "agreed": max(self.errors.values()) <= kernel.tolerance}


def prepare_kernels(arguments, peers, work):
    """The lines of all kernels, ready to be measured."""
    size = 256 if arguments.quick else 4096
    lines = []
    for kernel in KERNELS:
        if kernel.group in arguments.lines:
            say(f"make and compile a product of {kernel.title}")
            product = Product(kernel, size, arguments, peers, work)
            lines += [KernelLine(product, rows) for rows in product.inputs]
    return lines
