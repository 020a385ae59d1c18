"""Usage: budget.py SENSITIVITY.json MANIFEST.json BUDGET

Checks a bundle whose formats were chosen by a budget of bytes.
"""

import json
import sys

with open(sys.argv[1]) as file:
    sensitivity = json.load(file)
with open(sys.argv[2]) as file:
    ledger = json.load(file)["ledger"]

print("within the budget:", sum(entry["bytes_after"] for entry in ledger) <= int(sys.argv[3]))
weights = {weight["parameter"] for weight in sensitivity["weights"]}
print("more than one format:", len({entry["after"] for entry in ledger if entry["symbol"] in weights}) > 1)
print(
    "errors fall with bits:",
    len(sensitivity["formats"]) == 6
    and all(
        weight["relative_errors"] == sorted(weight["relative_errors"], reverse=True)
        and weight["bytes"] == sorted(weight["bytes"])
        and weight["divergence"] > 0
        for weight in sensitivity["weights"]
    ),
)
