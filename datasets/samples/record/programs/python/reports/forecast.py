"""reports.forecast: fits sales with numpy."""

import logging

import numpy

from record.cases import Cases

log = logging.getLogger("reports.forecast")
CASES = Cases()


def trend(product, sales, weights):
    try:
        return (sales * weights).sum()
    except ValueError:
        log.exception("no trend for %s", product)


def season(product, city, matrix):
    try:
        return numpy.linalg.inv(matrix)
    except numpy.linalg.LinAlgError:
        log.exception("no season for %s in %s", product, city)


@CASES.add("forecast-weeks-do-not-fit", 34, "could not be broadcast together")
def weeks_do_not_fit(v):
    weeks = v.number(2, 60)
    trend(v.product(), numpy.ones(weeks), numpy.ones(weeks + v.number(1, 9)))


@CASES.add("forecast-matrix-singular", 15, "Singular matrix")
def singular(v):
    row = [float(v.number(1, 9)), float(v.number(1, 9))]
    season(v.product(), v.city(), numpy.array([row, row]))
