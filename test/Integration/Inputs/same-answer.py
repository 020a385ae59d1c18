"""same-answer.py A B: whether two outputs of `generate --json --logits` are the same."""

import json
import sys

a, b = (json.load(open(path)) for path in sys.argv[1:])
if a["first_logits"] != b["first_logits"]:
    pairs = list(zip(a["first_logits"], b["first_logits"]))
    sys.exit(f"{sum(x != y for x, y in pairs)} of {len(pairs)} logits differ")
if a["tokens"] != b["tokens"]:
    sys.exit(f"tokens differ: {a['tokens']} and {b['tokens']}")
print(len(a["first_logits"]), "logits and", len(a["tokens"]), "tokens are equal")
