"""Writes a bundle of the toy model that unittests/Runtime/ToyProgram.h describes.

Usage: make_toy_bundle.py TOY_CODE.so BUNDLE
"""

import hashlib
import json
import os
import platform
import shutil
import struct
import sys

code, bundle = sys.argv[1:]
os.makedirs(bundle)
shutil.copyfile(code, os.path.join(bundle, "code.so"))

table = [((i * 37 + 11) % 64) / 8 - 4 for i in range(64)]
header = json.dumps(
    {
        "seed": {"dtype": "I32", "shape": [1], "data_offsets": [0, 4]},
        "__pad.0": {"dtype": "U8", "shape": [60], "data_offsets": [4, 64]},
        "table": {"dtype": "F32", "shape": [64], "data_offsets": [64, 320]},
    }
).encode()
header += b" " * (-(len(header) + 8) % 64)
with open(os.path.join(bundle, "parameters-0.safetensors"), "wb") as f:
    f.write(struct.pack("<Q", len(header)) + header)
    f.write(struct.pack("<i", 5) + bytes(60) + struct.pack("<64f", *table))


def vector(name, size, element="i32"):
    return {"name": name, "element": element, "shape": [size]}


def member(name):
    with open(os.path.join(bundle, name), "rb") as f:
        data = f.read()
    return {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


tokens = ["<s>", "</s>", "<unk>"] + [chr(c) for c in range(ord("a"), ord("z") + 1)]
tokens += ["\u2581", "<0xC3>", "<0xA9>"]
tokenizer = {
    "format": "compress-tokenizer",
    "version": 1,
    "spelling": "metaspace",
    "merging": "score",
    "ignore_merges": False,
    "pre_tokenizer": [],
    "prefix_space": "never",
    "prefix_unless_space": False,
    "byte_fallback": False,
    "fuse_unknown": False,
    "bos": 0,
    "eos": 1,
    "unknown": 2,
    "add_bos": True,
    "add_eos": False,
    "stop_tokens": [],
    "strip_left": [],
    "strip_right": [],
    "chat_template": "{% for m in messages %}{{ m.role | first }} {{ m.content }} {% endfor %}",
    "types": {"control": [0, 1], "unknown": [2], "byte": [30, 31]},
    "tokens": tokens,
    "scores": [0] * len(tokens),
    "merges": [],
}
with open(os.path.join(bundle, "tokenizer.json"), "w") as f:
    json.dump(tokenizer, f)

manifest = {
    "format": "compress-bundle",
    "version": 2,
    "abi": 3,
    "generator": "tests",
    "model": {"name": "toy", "architecture": "toy", "vocabulary": 32, "context_length": 600, "layers": 1},
    "cache": {"layers": 1, "heads": 1, "head_dim": 1, "type": "f32",
              "key_block_bytes": 64, "value_block_bytes": 64,
              "key_group": 1, "recent_positions": 0, "recent_block_bytes": 0},
    "targets": [
        {"triple": platform.machine() + "-unknown-linux-gnu", "cpu": "", "features": [], "library": "code.so"}
    ],
    "parameters": [
        {"file": "parameters-0.safetensors", "key": "seed"},
        {"file": "parameters-0.safetensors", "key": "table"},
    ],
    "functions": {
        "add": {
            "arguments": [vector("a", "n", "f32"), vector("b", "n", "f32")],
            "results": [vector("sum", "n", "f32")],
        },
        "step": {
            "arguments": [
                vector("tokens", "t"),
                vector("sequence", "t"),
                vector("position", "t"),
                vector("wanted", "w"),
                {"name": "cache", "cache": True},
            ],
            "results": [{"name": "logits", "element": "f32", "shape": ["w", 32]}],
        },
    },
    "files": [member(name) for name in ["code.so", "parameters-0.safetensors", "tokenizer.json"]],
    "tokenizer": "tokenizer.json",
    "ledger": [],
    "options": {},
}
with open(os.path.join(bundle, "manifest.json"), "w") as f:
    json.dump(manifest, f)
