#!/usr/bin/env python3
"""Prints what `compress-translate --hash-tensors` must print for a GGUF file, by
the PyPI package `gguf` (0.17 or newer), which decodes independently.

Usage: hash-tensors.py MODEL > GOLDEN
"""

import hashlib
import sys

import gguf
import numpy


def main():
    for tensor in gguf.GGUFReader(sys.argv[1]).tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        shape = [int(size) for size in reversed(tensor.shape)]
        values = numpy.ascontiguousarray(values.reshape(shape), dtype="<f4")
        digest = hashlib.sha256(values.tobytes()).hexdigest()
        print(digest, tensor.name, tensor.tensor_type.name, "x".join(map(str, shape)))


if __name__ == "__main__":
    main()
