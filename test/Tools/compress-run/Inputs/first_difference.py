"""Prints the op that `compress-run compare --json` found, and the largest error before it."""

import json
import sys

report = json.load(open(sys.argv[1]))
first = report["first"]
op = report["ops"][first]
before = max(each["relative_error"] for each in report["ops"][:first])
print(op["op"], *op["parameters"], f"{op['uses_parameters']}; before it {before}")
