"""Computes what the toy model generates.

Usage: toy.py check RESULT.json FIRST,SECOND,... COUNT
Compares the tokens that compress-run printed with those computed here.
"""

import json
import sys

table = [((i * 37 + 11) % 64) / 8 - 4 for i in range(64)]


def logits(history):
    state = 5
    for token in history:
        state = (state * 31 + token + 7) % 1000003
    return [table[(state + 13 * v) % 64] for v in range(32)]


def generate(history, count):
    history, result = list(history), []
    for _ in range(count):
        values = logits(history)
        result.append(values.index(max(values)))
        history.append(result[-1])
    return result


_, command, path, prompt, count = sys.argv
prompt = [int(token) for token in prompt.split(",")]
with open(path) as f:
    result = json.load(f)
assert result["prompt_tokens"] == prompt, result["prompt_tokens"]
expected = generate(prompt, int(count))
assert result["tokens"] == expected, (result["tokens"], expected)
if "first_logits" in result:
    assert result["first_logits"] == logits(prompt)
print("same")
