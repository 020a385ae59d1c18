"""Writes a bundle's tokenizer as JSON, with one more token: more_tokens.py FROM.safetensors TO.json."""

import json
import struct
import sys

data = open(sys.argv[1], "rb").read()
end = 8 + struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:end])


def table(name, kind):
    begin, stop = header[name]["data_offsets"]
    bytes_ = data[end + begin : end + stop]
    return list(struct.unpack("<" + str(len(bytes_) // struct.calcsize(kind)) + kind, bytes_))


text = bytes(table("spelling.bytes", "B"))
begins = table("spelling.begins", "I")
types = table("types", "B")
tokenizer = json.loads(header["__metadata__"]["rules"])
tokenizer["format"] = "compress-tokenizer"
tokenizer["version"] = 1
tokenizer["tokens"] = [text[a:b].decode() for a, b in zip(begins, begins[1:])] + ["one more"]
tokenizer["scores"] = [score for score in table("scores", "f")]
if tokenizer["scores"]:
    tokenizer["scores"].append(0)
merges = table("merges", "i")
tokenizer["merges"] = [part for i in range(0, len(merges), 3) for part in merges[i : i + 2]]
names = {2: "unknown", 3: "control", 4: "user_defined", 5: "unused", 6: "byte"}
tokenizer["types"] = {name: [i for i, t in enumerate(types) if t == kind] for kind, name in names.items()}
json.dump(tokenizer, open(sys.argv[2], "w", encoding="utf-8"))
