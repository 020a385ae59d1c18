"""Prints what the tests look at in a bundle's manifest."""

import hashlib
import json
import os
import sys

path = sys.argv[1]
text = open(path, encoding="utf-8").read()
manifest = json.loads(text)
print("paths:", "some" if '"/' in text or os.path.dirname(os.path.abspath(path)) in text else "none")
print("model:", manifest["model"]["vocabulary"], manifest["model"]["context_length"], manifest["model"]["layers"])
print("cache:", manifest["cache"]["type"])
print("functions:", *sorted(manifest["functions"]))
print("step:", *[argument["name"] for argument in manifest["functions"]["step"]["arguments"]])


def matches(file):
    data = open(os.path.join(os.path.dirname(path), file["name"]), "rb").read()
    return len(data) == file["bytes"] and hashlib.sha256(data).hexdigest() == file["sha256"]


print("files match:", all(map(matches, manifest["files"])))
ledger = {entry["symbol"]: entry for entry in manifest["ledger"]}
for symbol in ["token_embd", "output"]:
    if symbol in ledger:
        print(f"{symbol}:", ledger[symbol]["reason"], ledger[symbol]["shape"])
print("every weight has an error or is a copy:",
      all(("relative_error" in e) == (e["algorithm"] != "copy") for e in ledger.values()))
print("gathered:", *sorted({p["key"].split(".")[0] for p in manifest["parameters"] if p.get("gathered")}))
