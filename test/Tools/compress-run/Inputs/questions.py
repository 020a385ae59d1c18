"""Prints questions for compress-run evaluate, of which a model without knowledge answers some."""

import json

words = ["fox", "dog", "thing", "it"]
for i in range(8):
    choices = [" " + w * (1 + j % 2) for j, w in enumerate(words)]
    print(json.dumps({"context": "the quick " + words[i % 3], "choices": choices, "answer": i // 2}))
