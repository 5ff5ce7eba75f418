"""Samples for training: Banking77 where it is there, draws of it, and synthetic texts of any number.
Knows nothing of how flow learns."""

import csv
import json

import numpy as np

import bench

DATA = bench.ROOT.parent / "shared" / "data" / "intents"


def banking(name):
    """Texts and labels of `train` or `test`."""
    with open(DATA / f"banking77_{name}.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return [row[0] for row in rows], [row[1] for row in rows]


def draw(texts, labels, count, seed):
    """`count` texts of each label, drawn with a seed."""
    generator = np.random.default_rng(seed)
    places = np.array(labels)
    chosen = [
        place for label in sorted(set(labels))
        for place in generator.choice(np.flatnonzero(places == label), count, replace=False)]
    return [texts[place] for place in chosen], [labels[place] for place in chosen]


def write(path, texts, labels):
    """JSONL as `flow model train` reads it."""
    with open(path, "w", encoding="utf-8") as file:
        for text, label in zip(texts, labels):
            file.write(json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n")


def synthetic(count, labels, seed, words=12, vocabulary=30_000):
    """`count` texts of `words` words on average under `labels` labels of unequal size. Words are of
    syllables and as frequent as Zipf has it; each label has 40 words of its own, one in four of its
    texts' words is one of them, and one text in fifty has the wrong label."""
    generator = np.random.default_rng(seed)
    onsets, vowels = list("bcdfghklmnprstvz") + ["st", "tr", "pl", "ch"], list("aeiou") + ["ea", "io"]
    syllables = np.array([a + b for a in onsets for b in vowels])
    sizes = generator.choice([1, 2, 3, 4], vocabulary, p=[0.1, 0.4, 0.35, 0.15])
    known = ["".join(generator.choice(syllables, size)) for size in sizes]
    share = 1 / np.arange(1, vocabulary + 1)
    share /= share.sum()
    own = generator.integers(200, vocabulary, (labels, 40))
    often = 1 / np.sqrt(np.arange(1, labels + 1))
    truth = generator.choice(labels, count, p=often / often.sum())
    lengths = np.maximum(1, generator.poisson(words, count))
    label_of = np.repeat(truth, lengths)
    drawn = generator.choice(vocabulary, len(label_of), p=share)
    special = own[label_of, generator.integers(0, 40, len(label_of))]
    drawn = np.where(generator.random(len(label_of)) < 0.25, special, drawn)
    texts = [
        " ".join(known[place] for place in row)
        for row in np.split(drawn, np.cumsum(lengths)[:-1])]
    wrong = generator.random(count) < 0.02
    truth = np.where(wrong, generator.integers(0, labels, count), truth)
    return texts, [f"label-{label:03}" for label in truth]
