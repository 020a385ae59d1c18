"""Compares what `perplexity` and `evaluate` say: same_perplexity.py PERPLEXITY.json EVALUATE.json..."""

import json
import sys

expected, *others = [json.load(open(path)) for path in sys.argv[1:]]
same = all(other["perplexity"] == expected for other in others)
print(expected["tokens"], "tokens, same:", same)
