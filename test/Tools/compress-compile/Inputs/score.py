"""score.py write GOLDEN DIR, score.py check GOLDEN DIR: arguments and results of @score."""

import json
import math
import os
import struct
import sys


def write(path, rows):
    header = repr({"descr": "<i4", "fortran_order": False, "shape": (len(rows), len(rows[0]))})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        for row in rows:
            file.write(struct.pack("<%di" % len(row), *row))


def read(path):
    data = open(path, "rb").read()
    begin = 10 + struct.unpack_from("<H", data, 8)[0]
    return struct.unpack("<%df" % ((len(data) - begin) // 4), data[begin:])


def loss(logits, token):
    largest = max(logits)
    return largest + math.log(sum(math.exp(x - largest) for x in logits)) - logits[token]


command, golden, folder = sys.argv[1:]
score = json.load(open(golden))["tiny"]["score"]
tokens = score["tokens"]
if command == "write":
    write(os.path.join(folder, "one.npy"), [tokens])
    write(os.path.join(folder, "two.npy"), [list(reversed(tokens)), tokens])
else:
    one, two = (read(os.path.join(folder, name, "result0.npy")) for name in ("one", "two"))
    width = len(one) // len(tokens)
    rows = [one[i * width : (i + 1) * width] for i in range(len(tokens))]
    losses = [loss(row, token) for row, token in zip(rows, tokens[1:])]
    mean, expected = sum(losses) / len(losses), score["mean_negative_log_likelihood"]
    print("mean negative log likelihood agrees:", abs(mean - expected) < 1e-4 * expected, mean)
    print("batch equals single:", two[len(one) :] == one)
