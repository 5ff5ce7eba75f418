"""A failure to provoke: its true cause, how often, words that any such failure must
have in its text, and the function that fails for real."""

import random
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Case:
    cause: str
    count: int
    says: str
    fail: Callable

    def confirm(self, text):
        """Makes sure that the program failed for the reason that the cause names."""
        if self.says.encode() not in text:
            raise ValueError(f"{self.cause}: {self.says!r} is not in {text!r}")


class Cases(list):
    """The failures of one program, collected with a decorator."""

    def add(self, cause, count, says):
        def register(function):
            self.append(Case(cause, count, says, function))
            return function
        return register

    def shuffled(self, seed):
        """Every case as often as its count says, in an order that the seed decides."""
        plan = [case for case in self for _ in range(case.count)]
        random.Random(seed).shuffle(plan)
        return plan
