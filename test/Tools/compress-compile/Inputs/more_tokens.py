"""Adds a token to a tokenizer: more_tokens.py FROM TO."""

import json
import sys

tokenizer = json.load(open(sys.argv[1], encoding="utf-8"))
tokenizer["tokens"].append("one more")
json.dump(tokenizer, open(sys.argv[2], "w", encoding="utf-8"))
