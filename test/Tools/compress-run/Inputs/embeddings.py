"""Compares what compress-run embed printed, numbers or JSON, with embeddings that lie in an array.

Usage: embeddings.py DIFFERENCE|cosine=LEAST ARRAY OUTPUT

Prints `close: True` or `close: False`, and the largest difference or the smallest cosine.
"""

import ast
import json
import struct
import sys

limit, array, output = sys.argv[1:]
with open(array, "rb") as f:
    data = f.read()
length = struct.unpack("<H", data[8:10])[0]
header = ast.literal_eval(data[10 : 10 + length].decode())
assert header["descr"] == "<f4" and not header["fortran_order"], header
rows, columns = header["shape"]
values = struct.unpack("<%df" % (rows * columns), data[10 + length :])
wanted = [values[i * columns : (i + 1) * columns] for i in range(rows)]

with open(output) as f:
    text = f.read()
if text.startswith("{"):
    given = [entry["embedding"] for entry in json.loads(text)["embeddings"]]
else:
    given = [[float(x) for x in line.split(" ")] for line in text.splitlines()]
assert [len(row) for row in given] == [columns] * rows, [len(row) for row in given]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / (sum(x * x for x in a) * sum(x * x for x in b)) ** 0.5


if limit.startswith("cosine="):
    least = min(map(cosine, given, wanted))
    print("close:", least >= float(limit[len("cosine="):]), least)
else:
    difference = max(abs(x - y) for a, b in zip(given, wanted) for x, y in zip(a, b))
    print("close:", difference <= float(limit), difference)
