"""array.py write FILE LIST, array.py print FILE...: NumPy arrays of f32 without NumPy."""

import ast
import json
import struct
import sys


def flatten(values):
    return [x for v in values for x in flatten(v)] if isinstance(values, list) else [values]


def write(path, values):
    shape, inner = [], values
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0]
    header = repr({"descr": "<f4", "fortran_order": False, "shape": tuple(shape)})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    data = flatten(values)
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack("<%df" % len(data), *data))


def read(path):
    data = open(path, "rb").read()
    begin = 10 + struct.unpack_from("<H", data, 8)[0]
    ast.literal_eval(data[10:begin].decode())
    return struct.unpack("<%df" % ((len(data) - begin) // 4), data[begin:])


if sys.argv[1] == "write":
    write(sys.argv[2], json.loads(sys.argv[3]))
else:
    for path in sys.argv[2:]:
        print([round(x, 4) for x in read(path)])
