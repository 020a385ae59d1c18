#!/usr/bin/env python3
"""Compares every GGUF type with the PyPI package `gguf` (0.19 or newer), on more
blocks than the goldens have, both ways; not a part of the tests.

Usage: compare_with_gguf.py --translate build/bin/compress-translate [--blocks N] [--seed S]

Decoding: a GGUF file with a tensor of N blocks of each type, in which all bits but those of
scales are random and the first blocks are extremes (as in make_ggml_goldens.py). The SHA-256
of the values of each tensor must be what `gguf` says.

Writing: a GGUF file with two tensors of F32, in which a row of 256 values is normal or hard to round
(make_value_extremes). The SHA-256 of the blocks that they are written as must be that of `gguf`'s, for
every type that it writes.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile

import gguf
import numpy

import make_ggml_goldens as goldens


def make_tensors(random, blocks):
    """{type: bytes of shape [rows, bytes per row]}; a row is a block, or 24 plain floats."""
    tensors = {}
    for name in goldens.TYPES:
        if name in goldens.OWN:
            continue
        values, size = goldens.get_sizes(name)
        if values == 1:
            tensors[name] = goldens.make_random(random, name, size, blocks * 24).reshape(blocks, -1)
            continue
        extremes = goldens.make_extremes(name, size, 1)
        rest = goldens.make_random(random, name, size, blocks - len(extremes))
        tensors[name] = numpy.concatenate([extremes, rest])
    return tensors


def write_file(path, tensors):
    writer = gguf.GGUFWriter(path, "llama")
    for name, data in tensors.items():
        plain = data.dtype == numpy.float32
        writer.add_tensor(name, data, raw_dtype=None if plain else gguf.GGMLQuantizationType[name])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def hash_values(name, data):
    return hashlib.sha256(numpy.ascontiguousarray(goldens.dequantize(name, data)).tobytes()).hexdigest()


def hash_tensors(translate, tensors, *options):
    """{name: hash} of a GGUF file with these tensors."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tensors.gguf")
        write_file(path, tensors)
        command = [translate, "--hash-tensors", path, *options]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[1]: line.split()[0] for line in lines}


def report(action, types, different, blocks):
    print(f"{len(types) - len(different)} of {len(types)} types {action} alike, {blocks} blocks each")
    return [f"{name} {action}s otherwise" for name in different]


def compare_decoding(options, random):
    tensors = make_tensors(random, options.blocks)
    ours = hash_tensors(options.translate, tensors)
    different = [name for name, data in tensors.items() if ours[name] != hash_values(name, data)]
    return report("decode", tensors, different, options.blocks)


def compare_writing(options, random):
    scales = numpy.exp(random.normal(size=(options.blocks, 1)) * 3)
    normal = random.normal(size=(options.blocks, 256)) * scales
    tensors = {
        "normal": normal.clip(-65504, 65504).astype(numpy.float32),
        "extreme": goldens.make_value_extremes(random, options.blocks),
    }
    tensors["flushed"] = goldens.flush(tensors["extreme"], "MXFP4")
    types, different = [], []
    for name in goldens.TYPES:
        expected = {tensor: goldens.quantize(values, name) for tensor, values in tensors.items()}
        if expected["normal"] is None:
            continue
        types.append(name)
        ours = hash_tensors(options.translate, tensors, "--written-as=" + name)
        for tensor, blocks in expected.items():
            if tensor == "extreme" and name == "MXFP4":
                continue  # See Rounding::GGML.
            if ours[tensor] != hashlib.sha256(blocks.tobytes()).hexdigest():
                different.append(f"{name} of {tensor} values")
    return report("write", types, different, len(tensors) * options.blocks)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--translate", required=True, help="the tool compress-translate")
    parser.add_argument("--blocks", type=int, default=4096, help="blocks of each type; rows of 256 values")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = numpy.random.default_rng(options.seed)
    if problems := compare_decoding(options, random) + compare_writing(options, random):
        sys.exit("; ".join(problems))


if __name__ == "__main__":
    main()
