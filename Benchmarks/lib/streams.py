"""Streams of errors before and after a skill began to act, for judging. Knows nothing of how flow
judges: days are drawn from rates, that is all. Every function takes numpy's generator and returns
whole arrays of shape (streams, days)."""

import json

import numpy as np

DAYS = 28
WEEK = np.array([1.3, 1.3, 1.3, 1.2, 1.1, 0.5, 0.3])
KINDS = ["poisson", "bursty", "weekly", "traffic", "rising", "falling", "incident"]


def profile(kind, draw, streams):
    """What multiplies the rate on each of the 56 days, the exposure of each, and whether a control
    sees the same."""
    days = np.arange(2 * DAYS)
    shape = np.ones((streams, 2 * DAYS))
    exposure = np.ones(2 * DAYS)
    if kind == "weekly":
        shape *= WEEK[days % 7]
    elif kind == "traffic":
        exposure[DAYS:] = 0.4
        shape *= exposure
    elif kind in ("rising", "falling"):
        # The rate is that of the day of deployment; the end is half more, or half, of the start.
        ends = (0.8, 1.2) if kind == "rising" else (4 / 3, 2 / 3)
        shape *= np.linspace(*ends, len(days))
    elif kind == "incident":
        first = draw.integers(0, 2 * DAYS - 5, streams)
        during = (days >= first[:, None]) & (days < first[:, None] + 5)
        shape[during] *= 8
    return shape, exposure, kind in ("rising", "falling")


def counts(kind, means, draw):
    """Hits of variance 4 × mean for bursty streams, else Poisson."""
    if kind == "bursty":
        size = np.maximum(means, 1e-12) / 3
        return np.where(means > 0, draw.negative_binomial(size, 0.25), 0)
    return draw.poisson(means)


def cell(kind, rates, ratios, draw):
    """Hits, exposure and the control's hits (or None); rates a day and ratios, one a stream."""
    rates, ratios = np.broadcast_arrays(np.asarray(rates, float), np.asarray(ratios, float))
    shape, exposure, is_controlled = profile(kind, draw, len(rates))
    effect = np.ones_like(shape)
    effect[:, DAYS:] = ratios[:, None]
    hits = counts(kind, rates[:, None] * shape * effect, draw)
    control = None
    if is_controlled:
        control = draw.poisson(np.maximum(30, 12 * rates)[:, None] * shape)
    return hits, exposure, control


def lines(name, hits, exposure, control, days=DAYS):
    """JSONL as `flow feedback judge` reads it, the first `days` days after deployment."""

    def pairs(row):
        return [[int(x), float(e)] for x, e in zip(row, exposure)]

    for at, row in enumerate(hits):
        series = pairs(row)
        line = {"id": f"{name}-{at}", "before": series[:DAYS], "after": series[DAYS:DAYS + days]}
        if control is not None:
            series = pairs(control[at])
            line["control"] = {"before": series[:DAYS], "after": series[DAYS:DAYS + days]}
        yield json.dumps(line) + "\n"


def seeds_rule(hits):
    """The rule flow grew from, on each day after deployment: the hits of 7 days below half, or above
    nine tenths, of what the last 30 days lead to expect. Whether a stream was ever boosted, and ever
    reduced."""
    boosted = np.zeros(len(hits), bool)
    reduced = np.zeros(len(hits), bool)
    for day in range(DAYS + 7, 2 * DAYS + 1):
        week = hits[:, day - 7:day].sum(1)
        expected = hits[:, max(0, day - 30):day].sum(1) * 7 / 30
        ratio = np.where(expected > 0, week / np.maximum(expected, 1e-9), 1)
        boosted |= ratio < 0.5
        reduced |= ratio > 0.9
    return boosted, reduced
