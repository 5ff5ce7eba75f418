"""Learns a naive Bayes classifier of words and says how good it is: an example of a training of one's own.

Usage: train.py SAMPLES MODEL. SAMPLES is JSONL {text, label, weight, split}; rows of the split `test` are
measured on and never learned. MODEL becomes a folder with the model, in whatever form, and metrics.json.
"""

import json
import math
import os
import re
import sys
from collections import Counter, defaultdict


def words(text):
    return re.findall(r"\w\w+", text.lower())


def learn(rows):
    counts, totals = defaultdict(Counter), Counter()
    for row in rows:
        totals[row["label"]] += row["weight"]
        for word in words(row["text"]):
            counts[row["label"]][word] += row["weight"]
    return {"counts": counts, "totals": totals, "words": len({w for c in counts.values() for w in c})}


def predict(model, text):
    """The likeliest label and its probability."""
    scores = {}
    for label, total in model["totals"].items():
        own = model["counts"][label]
        size = sum(own.values()) + model["words"]
        scores[label] = math.log(total) + sum(math.log((own[w] + 1) / size) for w in words(text))
    best = max(sorted(scores), key=scores.get)
    return best, 1 / sum(math.exp(score - scores[best]) for score in scores.values())


def metrics(rows, answers):
    """As flow wants them: macro figures over the labels that occur, 15 bins of the probability."""
    right, given, truth = Counter(), Counter(), Counter()
    bins = defaultdict(lambda: [0.0, 0])
    for row, (label, probability) in zip(rows, answers):
        truth[row["label"]] += 1
        given[label] += 1
        right[label] += label == row["label"]
        place = bins[min(14, max(0, math.ceil(probability * 15) - 1))]
        place[0] += probability
        place[1] += label == row["label"]
    labels = sorted(truth | given)
    mean = lambda part: sum(part(label) for label in labels) / max(1, len(labels))
    rows = max(1, len(rows))
    return {
        "preset": "naive-bayes",
        "rows": sum(truth.values()),
        "accuracy": sum(right.values()) / rows,
        "macro_precision": mean(lambda x: right[x] / max(1, given[x])),
        "macro_recall": mean(lambda x: right[x] / max(1, truth[x])),
        "macro_f1": mean(lambda x: 2 * right[x] / (truth[x] + given[x])),
        "ece": sum(abs(said - hits) for said, hits in bins.values()) / rows,
    }


def main(samples, folder):
    with open(samples) as file:
        rows = [json.loads(line) for line in file]
    tests = [row for row in rows if row["split"] == "test"]
    model = learn([row for row in rows if row["split"] != "test"])
    report = metrics(tests, [predict(model, row["text"]) for row in tests])
    os.makedirs(folder, exist_ok=True)
    for name, value in [("counts.json", model), ("metrics.json", report)]:
        with open(os.path.join(folder, name), "w") as file:
            json.dump(value, file, sort_keys=True, indent=1)


main(*sys.argv[1:])
