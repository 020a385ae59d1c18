#!/usr/bin/env python3
"""Writes ggml_goldens.inc: blocks of each GGUF type with the values that the PyPI
package `gguf` (0.19 or newer) dequantizes them to.

Usage: make_ggml_goldens.py > ggml_goldens.inc
       make_ggml_goldens.py --quantize > ggml_quantized.inc

Each entry is {type, rows, columns, blocks, values}: the blocks' bytes and the
values' f32 bit patterns (little endian), both in hexadecimal. Each type has two
entries: rows of random bits, and rows of extremes (see EXTREMES). What `gguf` has no decoder for
is decoded here as ggml's src/ggml-quants.c says (see OWN); it agrees with what llama-quantize
makes of such files when it converts them to F32.

With --quantize, each entry is {type, rows, blocks}: what `gguf` quantizes the values of the entry of
type F32 before it to, rows of 256. There are two such groups: normally distributed values, and
extremes (see make_value_extremes; of MXFP4 after flush). Types that it has no encoder for are left out.
"""

import sys

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
    "Q5_1": 64,
    "Q8_0": 64,
    "Q2_K": 256,
    "Q3_K": 256,
    "Q4_K": 256,
    "Q5_K": 256,
    "Q6_K": 256,
    "IQ4_NL": 64,
    "IQ4_XS": 256,
    "BF16": 24,
    "TQ1_0": 256,
    "TQ2_0": 256,
    "MXFP4": 64,
    "NVFP4": 64,
    "Q1_0": 128,
    "Q2_0": 64,
}
# Byte offsets of the f16 fields of a block; random bits there would often be NaN.
HALVES = {
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
    "IQ4_NL": [0],
    "IQ4_XS": [0],
    "TQ1_0": [52],
    "TQ2_0": [64],
    "Q1_0": [0],
    "Q2_0": [0],
}
# Bytes that are float scales of 8 bits, and the largest code in them that is finite in all
# products.
BYTE_SCALES = {"MXFP4": (range(1), 252), "NVFP4": (range(4), 0x7E)}
# Rows of extremes: what the bytes that hold no scale are, and the scales, as f16 and as codes of
# 8 bits (of which the largest is that of the type). The first row is zero but for signs.
EXTREMES = [
    ("counting", (-0.0, 0.0), 0),
    ("ones", (65504.0, -65504.0), None),
    ("zeros", (65504.0, 65504.0), None),
    ("counting", (-1.5, 6e-8), 1),
]


# Types without a decoder in `gguf`: values per block, bits of a code, values of the codes.
OWN = {"Q1_0": (128, 1, (-1, 1)), "Q2_0": (64, 2, (-1, 0, 1, 2))}


def get_sizes(name):
    """Values and bytes of a block."""
    if name in OWN:
        values, bits, _ = OWN[name]
        return values, 2 + values * bits // 8
    return gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]


def dequantize(name, data):
    """The f32 values of rows of blocks."""
    if name not in OWN:
        return gguf.quants.dequantize(data, gguf.GGMLQuantizationType[name]).astype(numpy.float32)
    values, bits, meaning = OWN[name]
    blocks = data.reshape(-1, get_sizes(name)[1])
    scales = blocks[:, :2].copy().view(numpy.float16).astype(numpy.float32)
    digits = numpy.unpackbits(blocks[:, 2:], axis=1, bitorder="little").reshape(len(blocks), values, bits)
    codes = (digits << numpy.arange(bits, dtype=numpy.uint8)).sum(axis=2)
    return (scales * numpy.float32(meaning)[codes]).reshape(len(data), -1)


def fill_plain(random, name, blocks):
    """Floats, every second one a common number."""
    count, width = blocks.shape
    floats = random.normal(size=count).astype(numpy.float32)
    common = (
        floats.view(numpy.uint32) >> 16 if name == "BF16" else floats.astype(numpy.float16).view(numpy.uint16)
    ).astype(numpy.uint16)
    source = floats if name == "F32" else common
    blocks[::2] = source.view(numpy.uint8).reshape(count, width)[::2]
    blocks[1::2, -1] &= 0x3B  # No infinity, no NaN.


def make_random(random, name, block_bytes, count):
    blocks = random.integers(0, 256, (count, block_bytes), dtype=numpy.uint8)
    for offset in HALVES.get(name, []):
        scales = random.normal(size=count).astype(numpy.float16)
        scales[0] = numpy.float16(3e-6)  # Subnormal.
        blocks[:, offset : offset + 2] = scales.view(numpy.uint8).reshape(count, 2)
    places, largest = BYTE_SCALES.get(name, ((), 0))
    for offset in places:
        blocks[:, offset] = random.integers(0, largest + 1, count)
    if block_bytes <= 4:
        fill_plain(random, name, blocks)
    return blocks


def make_extremes(name, block_bytes, blocks_per_row):
    rows = []
    for codes, halves, byte_scale in EXTREMES:
        row = numpy.zeros((blocks_per_row, block_bytes), numpy.uint8)
        if codes == "ones":
            row[:] = 0xFF
        elif codes == "counting":
            row.flat[:] = numpy.arange(row.size) * 37 % 256
        for offset, half in zip(HALVES.get(name, []), halves):
            row[:, offset : offset + 2] = numpy.float16([half]).view(numpy.uint8)
        places, largest = BYTE_SCALES.get(name, ((), 0))
        for offset in places:
            row[:, offset] = largest if byte_scale is None else byte_scale
        rows.append(row)
    return numpy.concatenate(rows)


def make_value_extremes(random, rows):
    """Rows of 256 values that are hard to round, of one kind after the other."""
    shape = (256,)
    normal = lambda: random.normal(size=shape)
    halves = lambda limit: random.integers(-2 * limit, 2 * limit + 1, shape) / 2
    kinds = [
        lambda: numpy.where(random.random(shape) < 0.5, -0.0, 0.0),
        # Ties, with and without a largest value that makes the scale a whole number.
        lambda: numpy.where(random.random(shape) < 0.1, -8, halves(8)),
        lambda: numpy.where(random.random(shape) < 0.1, 16, halves(16)),
        lambda: numpy.where(random.random(shape) < 0.1, 127, halves(127)),
        lambda: numpy.where(random.random(shape) < 0.2, random.choice([0, 15, 31], shape), abs(halves(15))),
        lambda: random.choice([-1, -0.5, 0.5, 1, 0.49999997, -0.49999997], shape),
        lambda: random.choice([-6, 6, 0.25, 0.75, 1.25, -1.75, 2.5, -3.5, 5], shape) * 2.0 ** random.integers(-9, 9),
        # Magnitudes at which scales and their reciprocals are subnormal, infinite or zero.
        lambda: random.integers(-9, 10, shape) * 2.0**-149,
        lambda: abs(random.integers(-9, 10, shape)) * -(2.0**-149),
        lambda: normal() * 2.0**-127,
        lambda: normal() * 2.0**-124,
        lambda: normal() * 2.0**-120,
        lambda: normal() * 1e-30,
        lambda: normal() * 1e-8,
        lambda: normal() * 1e-6,
        lambda: random.choice([65504.0, -65504.0, 1e4, -123.4, 0], shape),
        lambda: abs(normal()) * 6000,
        # One value, one outlier, values just below powers of two.
        lambda: numpy.full(shape, random.normal()),
        lambda: numpy.where(numpy.arange(256) == random.integers(256), 1e4, normal() * 1e-3),
        lambda: numpy.where(numpy.arange(256) % 32 == 5, 2.0 ** random.integers(-20, 15), 0)
        * (1 - random.integers(0, 12) * 2.0**-24),
    ]
    return numpy.stack([kinds[row % len(kinds)]() for row in range(rows)]).astype(numpy.float32)


VALUE_EXTREMES = 20


def flush(values, name):
    """The values for a type: zero where `gguf` converts a negative exponent to uint8_t."""
    if name != "MXFP4":
        return values
    blocks = values.reshape(-1, 32)
    small = abs(blocks).max(axis=1, keepdims=True) < 2.0**-125
    return numpy.where(small, numpy.float32(0), blocks).reshape(values.shape)


def wrap(text):
    lines = [text[i : i + 72] for i in range(0, len(text), 72)]
    return "\n".join(f'     "{line}"' for line in lines)


def write_entry(name, rows, columns, blocks):
    data = blocks.reshape(rows, -1)
    values = numpy.ascontiguousarray(dequantize(name, data))
    assert values.shape == (rows, columns) and numpy.isfinite(values).all()
    print(f'    {{"{name}", {rows}, {columns},')
    print(wrap(data.tobytes().hex()) + ",")
    print(wrap(values.tobytes().hex()) + "},")


def quantize(values, name):
    """The blocks, or None where `gguf` has no encoder."""
    with numpy.errstate(all="ignore"):  # It divides by zero, and converts infinities to integers.
        try:
            return gguf.quants.quantize(values, gguf.GGMLQuantizationType[name])
        except (NotImplementedError, KeyError):
            return None


def write_quantized():
    values = numpy.random.default_rng(20240615).normal(size=(2, 256)).astype(numpy.float32)
    values[1] /= 32
    extremes = make_value_extremes(numpy.random.default_rng(20240616), VALUE_EXTREMES)
    print("// Written by make_ggml_goldens.py; do not edit.")
    plain = ("F16", "BF16")
    for group, left_out in ((values, ()), (extremes, plain)):
        for name in TYPES:
            if name in left_out:
                continue
            blocks = quantize(flush(group, name), name)
            if blocks is None:
                continue
            print(f'    {{"{name}", {len(group)},')
            print(wrap(blocks.tobytes().hex()) + "},")


def main():
    if sys.argv[1:] == ["--quantize"]:
        return write_quantized()
    random = numpy.random.default_rng(20240614)
    print("// Written by make_ggml_goldens.py; do not edit.")
    for name, columns in TYPES.items():
        block_values, block_bytes = get_sizes(name)
        per_row = columns // block_values
        write_entry(name, ROWS, columns, make_random(random, name, block_bytes, ROWS * per_row))
        if block_values == 1:
            continue
        # One block per row is enough where there are scales per block.
        write_entry(name, len(EXTREMES), block_values, make_extremes(name, block_bytes, 1))


if __name__ == "__main__":
    main()
