"""Writes and prints one-dimensional f4 arrays in NumPy's format.

Usage: npy.py write FILE VALUE...
       npy.py print FILE
"""

import ast
import struct
import sys

command, path, *values = sys.argv[1:]
if command == "write":
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % len(values)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        f.write(struct.pack("<%df" % len(values), *map(float, values)))
else:
    with open(path, "rb") as f:
        data = f.read()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    print(*struct.unpack("<%df" % header["shape"][0], data[10 + length :]))
