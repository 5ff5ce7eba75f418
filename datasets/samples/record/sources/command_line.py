"""Programs that stamp nothing: one failing invocation is one record."""

from values import Values


def record(log, cases, seed, component):
    """Runs every case as often as it asks for, in an order that the seed decides."""
    values = Values(f"{component} {seed}")
    for case in cases.shuffled(seed):
        text = case.fail(values)
        case.confirm(text)
        log.add(text, case.cause, component)
