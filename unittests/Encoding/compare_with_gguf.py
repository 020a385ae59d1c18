#!/usr/bin/env python3
"""Compares every GGUF type with the PyPI package `gguf` (0.19 or newer), on more
blocks than the goldens have; not a part of the tests.

Usage: compare_with_gguf.py --translate build/bin/compress-translate [--blocks N] [--seed S]

Decoding: a GGUF file with a tensor of N blocks of each type, in which all bits but those of
scales are random and the first blocks are extremes (as in make_ggml_goldens.py). The SHA-256
of the values of each tensor must be what `gguf` says.
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
        writer.add_tensor(name, data, raw_dtype=gguf.GGMLQuantizationType[name])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def hash_values(name, data):
    return hashlib.sha256(numpy.ascontiguousarray(goldens.dequantize(name, data)).tobytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--translate", required=True, help="the tool compress-translate")
    parser.add_argument("--blocks", type=int, default=4096, help="blocks of each type")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tensors = make_tensors(numpy.random.default_rng(options.seed), options.blocks)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "all-types.gguf")
        write_file(path, tensors)
        command = [options.translate, "--hash-tensors", path]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    ours = {line.split()[1]: line.split()[0] for line in lines}
    different = [name for name, data in tensors.items() if ours[name] != hash_values(name, data)]
    print(f"{len(tensors) - len(different)} of {len(tensors)} types decode alike, {options.blocks} blocks each")
    if different:
        sys.exit("different: " + ", ".join(different))


if __name__ == "__main__":
    main()
