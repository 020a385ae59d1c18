#!/usr/bin/env python3
"""Writes ggml_goldens.inc: random blocks of each GGUF type with the values that
the PyPI package `gguf` (0.17 or newer) dequantizes them to.

Usage: make_ggml_goldens.py > ggml_goldens.inc

Each entry is {type, rows, columns, blocks, values}: the blocks' bytes and the
values' f32 bit patterns (little endian), both in hexadecimal.
"""

import gguf
import numpy

ROWS = 2
# Columns per row: two blocks of 32 or one of 256 values.
TYPES = {
    "F32": 24,
    "F16": 24,
    "Q4_0": 64,
    "Q4_1": 64,
    "Q5_0": 64,
    "Q8_0": 64,
    "Q4_K": 256,
    "Q6_K": 256,
    "BF16": 24,
}
# Byte offsets of the f16 fields of a block; random bits there would often be NaN.
HALVES = {
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q8_0": [0],
    "Q4_K": [0, 2],
    "Q6_K": [208],
}


def make_blocks(random, name, block_bytes, count):
    blocks = random.integers(0, 256, (count, block_bytes), dtype=numpy.uint8)
    for offset in HALVES.get(name, []):
        scales = random.normal(size=count).astype(numpy.float16)
        scales[0] = numpy.float16(3e-6)  # Subnormal.
        blocks[:, offset : offset + 2] = scales.view(numpy.uint8).reshape(count, 2)
    if block_bytes < 4 or name == "F32":
        # Plain floats: every second one is a common number.
        floats = random.normal(size=count).astype(numpy.float32)
        common = (
            floats.view(numpy.uint32) >> 16
            if name == "BF16"
            else floats.astype(numpy.float16).view(numpy.uint16)
        ).astype(numpy.uint16)
        source = floats if name == "F32" else common
        width = block_bytes
        blocks[::2] = source.view(numpy.uint8).reshape(count, width)[::2]
        blocks[1::2, -1] &= 0x3B  # No infinity, no NaN.
    return blocks


def wrap(text):
    lines = [text[i : i + 72] for i in range(0, len(text), 72)]
    return "\n".join(f'     "{line}"' for line in lines)


def main():
    random = numpy.random.default_rng(20240614)
    print("// Written by make_ggml_goldens.py; do not edit.")
    for name, columns in TYPES.items():
        kind = gguf.GGMLQuantizationType[name]
        block_values, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        count = ROWS * columns // block_values
        blocks = make_blocks(random, name, block_bytes, count)
        data = blocks.reshape(ROWS, -1)
        values = numpy.ascontiguousarray(
            gguf.quants.dequantize(data, kind).astype(numpy.float32)
        )
        assert values.shape == (ROWS, columns) and numpy.isfinite(values).all()
        print(f'    {{"{name}", {ROWS}, {columns},')
        print(wrap(data.tobytes().hex()) + ",")
        print(wrap(values.tobytes().hex()) + "},")


if __name__ == "__main__":
    main()
