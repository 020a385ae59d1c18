#!/usr/bin/env python3
"""Usage: unittests/Encoding/make_checkpoint_goldens.py

Writes checkpoint_goldens.inc beside this file: small quantized matrices as
checkpoints store them, and the values that they stand for.

What compressed-tensors stores is made and decoded by the PyPI package of that
name (with torch). GPTQ's and AWQ's rules are written down here a second time,
in NumPy and one integer after the other, since their packages want a GPU.
Scales are made f32 before values are computed: the package would round values to
the scales' type.
"""

import os

import numpy as np
import torch
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
from compressed_tensors.quantization.lifecycle.forward import dequantize

TORCH = {"f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32}
NAMES = {torch.int32: "I32", torch.int64: "I64", torch.int8: "I8", torch.float16: "F16",
         torch.bfloat16: "BF16", torch.float32: "F32", torch.float8_e4m3fn: "F8E4M3FN"}


def to_bytes(tensor):
    if isinstance(tensor, np.ndarray):
        return tensor.tobytes()
    return tensor.flatten().clone().view(torch.uint8).numpy().tobytes()


# --- compressed-tensors ---------------------------------------------------------

def make_compressed_tensors(rng, name, bits, strategy, size, symmetric, scale_type, shape, kind="int"):
    """Random codes and scales; (arrays, values, block)."""
    rows, columns = shape
    block = {"tensor": (-1, -1), "channel": (1, -1), "group": (1, size), "block": size}[strategy]
    grid = [1 if b < 0 else -(-n // b) for b, n in zip(block, shape)]
    options = {"group_size": size} if strategy == "group" else {}
    if strategy == "block":
        options = {"block_structure": list(size)}
    args = QuantizationArgs(num_bits=bits, type=kind, symmetric=symmetric, strategy=strategy, **options)
    low, high = -2 ** (bits - 1), 2 ** (bits - 1) - 1
    scale = torch.tensor(rng.uniform(0.01, 0.1, grid)).to(TORCH[scale_type])
    if strategy == "tensor":
        scale = scale.reshape(1)
    zero = None
    if not symmetric:
        zero = torch.tensor(rng.integers(low, high + 1, grid), dtype=torch.int8).reshape(scale.shape)
    if kind == "float":
        codes = torch.tensor(rng.uniform(-448, 448, shape)).to(torch.float8_e4m3fn)
    else:
        codes = torch.tensor(rng.integers(low, high + 1, shape), dtype=torch.int8)
    values = dequantize(codes, scale.float(), zero, args)
    state = {"weight": values.float(), "weight_scale": scale.float()}
    if zero is not None:
        state["weight_zero_point"] = zero
    compressor = BaseCompressor.get_value_from_registry(name)
    scheme = QuantizationScheme(targets=["Linear"], weights=args)
    stored = compressor.compress(state, scheme)
    restored = compressor.decompress(stored, scheme)["weight"]
    assert torch.equal(restored.float(), values.float()), "codes were not found again"
    stored["weight_scale"] = scale
    arrays = [(suffix, NAMES[t.dtype], tuple(t.shape), to_bytes(t)) for suffix, t in sorted(stored.items())]
    return arrays, values.float().numpy(), block


# --- GPTQ and AWQ ---------------------------------------------------------------

def pack_line(integers, bits, order=None):
    """int32 words of integers in little endian order of bits; `order` of a word's fields."""
    if order:
        runs = [integers[i:i + len(order)] for i in range(0, len(integers), len(order))]
        integers = [run[i] for run in runs for i in order]
    number = sum(int(v) << (bits * i) for i, v in enumerate(integers))
    words = len(integers) * bits // 32
    assert len(integers) * bits == 32 * words
    return [number >> (32 * i) & 0xffffffff for i in range(words)]


def make_transposed(rng, bits, size, symmetric, shape, version=None, shuffled=False):
    """GPTQ of a version, or AWQ: codes of the transposed matrix; (arrays, values, block)."""
    rows, columns = shape
    groups = columns // size
    order = None if version else [0, 2, 4, 6, 1, 3, 5, 7]
    codes = rng.integers(0, 2 ** bits, (columns, rows))
    zeros = np.full((groups, rows), 2 ** (bits - 1))
    if not symmetric:
        zeros = rng.integers(1, 2 ** bits + 1, (groups, rows)) if version == 1 else \
            rng.integers(0, 2 ** bits, (groups, rows))
    scales = rng.uniform(0.01, 0.1, (groups, rows)).astype(np.float16)
    group_of = np.arange(columns) // size
    if shuffled:
        group_of = rng.permutation(group_of)
    values = np.empty((rows, columns), np.float32)
    for row in range(rows):
        for column in range(columns):
            g = group_of[column]
            values[row, column] = np.float32(scales[g, row]) * np.float32(codes[column, row] - zeros[g, row])
    if version:
        qweight = np.array([pack_line(codes[:, row], bits) for row in range(rows)], np.uint32).T
    else:
        qweight = np.array([pack_line(codes[column], bits, order) for column in range(columns)], np.uint32)
    stored = zeros - 1 if version == 1 else zeros
    qzeros = np.array([pack_line(stored[g], bits, order) for g in range(groups)], np.uint32)
    arrays = [("qweight", "I32", qweight.shape, to_bytes(np.ascontiguousarray(qweight))),
              ("qzeros", "I32", qzeros.shape, to_bytes(np.ascontiguousarray(qzeros))),
              ("scales", "F16", scales.shape, to_bytes(scales))]
    if version:
        arrays.append(("g_idx", "I32", (columns,), to_bytes(group_of.astype(np.int32))))
    return arrays, values, (1, size)


# --- The table ------------------------------------------------------------------

def make_all():
    """(format, bits, symmetric, shape, arrays, values, block) of each golden."""
    rng = np.random.default_rng(6)
    for name, bits, strategy, size, symmetric, scale_type, shape in [
            ("pack-quantized", 4, "group", 8, True, "bf16", (5, 16)),
            ("pack-quantized", 4, "group", 8, False, "f16", (9, 16)),
            ("pack-quantized", 4, "channel", None, False, "f32", (9, 10)),
            ("pack-quantized", 3, "group", 8, False, "f32", (11, 24)),
            ("pack-quantized", 2, "channel", None, True, "f16", (3, 19)),
            ("pack-quantized", 7, "group", 16, True, "f32", (3, 32)),
            ("pack-quantized", 8, "tensor", None, True, "f32", (3, 6)),
            ("int-quantized", 8, "channel", None, True, "f32", (5, 7)),
            ("int-quantized", 8, "channel", None, False, "bf16", (5, 7)),
            ("int-quantized", 8, "tensor", None, False, "f32", (4, 6)),
            ("int-quantized", 4, "group", 4, False, "f16", (4, 8))]:
        arrays, values, block = make_compressed_tensors(rng, name, bits, strategy, size, symmetric,
                                                        scale_type, shape)
        yield name, bits, symmetric, shape, arrays, values, block
    for strategy, size, scale_type, shape in [("tensor", None, "f32", (4, 6)),
                                              ("channel", None, "bf16", (4, 6)),
                                              ("block", (4, 4), "f32", (6, 10))]:
        arrays, values, block = make_compressed_tensors(rng, "float-quantized", 8, strategy, size, True,
                                                        scale_type, shape, "float")
        yield "float-quantized", 8, True, shape, arrays, values, block
    for version in [1, 2]:
        for bits, size, symmetric, shape, shuffled in [
                (4, 8, True, (8, 16), False), (4, 8, False, (8, 16), False), (4, 16, False, (8, 16), True),
                (4, 8, False, (8, 24), True), (2, 16, False, (16, 32), False), (3, 16, False, (32, 32), True),
                (8, 8, False, (4, 16), False)]:
            arrays, values, block = make_transposed(rng, bits, size, symmetric, shape, version, shuffled)
            yield ["gptq", "gptq-v2"][version - 1], bits, symmetric, shape, arrays, values, block
    for symmetric in [True, False]:
        arrays, values, block = make_transposed(rng, 4, 8, symmetric, (16, 24))
        yield "awq", 4, symmetric, (16, 24), arrays, values, block


def main():
    lines = ["// Written by make_checkpoint_goldens.py; do not edit."]

    def quote(data):
        text = data.hex()
        return "\n     ".join(f'"{text[i:i + 72]}"' for i in range(0, len(text), 72))

    for name, bits, symmetric, shape, arrays, values, block in make_all():
        lines.append(f'    {{"{name}", {bits}, {{{block[0]}, {block[1]}}}, {str(symmetric).lower()}, '
                     f"{shape[0]}, {shape[1]}, {{")
        for suffix, kind, array_shape, data in arrays:
            sizes = ", ".join(str(n) for n in array_shape)
            lines.append(f'     {{"{suffix}", ElementType::{kind}, {{{sizes}}},\n     {quote(data)}}},')
        lines.append(f'     }},\n     {quote(values.astype("<f4").tobytes())}}},')
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkpoint_goldens.inc")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
