"""Whether two f4 arrays in NumPy's format agree to within a share of the first one's largest magnitude.

Usage: close.py SHARE FILE FILE
"""

import ast
import struct
import sys


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    return header["shape"], struct.unpack("<%df" % ((len(data) - 10 - length) // 4), data[10 + length :])


(shape, a), (other, b) = map(read, sys.argv[2:])
share = max(abs(x - y) for x, y in zip(a, b)) / max(map(abs, a))
print("close:", shape == other and share <= float(sys.argv[1]), share)
