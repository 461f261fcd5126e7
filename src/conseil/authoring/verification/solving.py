"""z3, asked for a territory of which something holds, as long as there is time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, Literal, NamedTuple, TypeAlias

import z3

from conseil.authoring.verification.territories import Formula, Given, no
from conseil.conditions import FactValue
from conseil.errors import EngineError

__all__ = ["Found", "Model", "Solver", "Unfound", "disagreement"]

Model: TypeAlias = Any
"""A territory as z3 describes it: a `z3.ModelRef`, which `Meaning.territory` reads."""

Unfound = Literal["proved", "undecided"]
"""Why no territory was found: there is none, or time was too short."""


class Found(NamedTuple):
    """A territory that was looked for, and how many wishes it grants at once."""

    model: Model
    granted: int


class Solver:
    """Looks for territories that can be, until its time is over."""

    def __init__(self, given: Given, seconds: float) -> None:
        """Tell z3 what holds of all that can be answered."""
        self._ends = monotonic() + seconds
        self._given = given
        self._solver = z3.Solver()
        self._solver.add(*given.sound)

    def is_possible(self) -> bool:
        """Say whether there is any territory: where there is none, everything would be proved."""
        return bool(self._solver.check() == z3.sat)

    def find(
        self, formula: Formula, *, like: Mapping[str, FactValue] | None = None, plain: bool = False
    ) -> Found | Unfound:
        """Return a territory of which a formula holds, or why there is none.

        Args:
            formula: what is to hold.
            like: answers that it is to give where it can.
            plain: whether it is to be the plainest of all: see `_plainest`.
        """
        self._solver.push()
        self._solver.add(formula)
        try:
            verdict = self._check()
            if verdict != z3.sat:
                return "proved" if verdict == z3.unsat else "undecided"
            return self._plainest(self._solver.model(), like or {}) if plain else Found(self._solver.model(), 0)
        finally:
            self._solver.pop()

    def _check(self, *assumptions: Formula) -> z3.CheckSatResult:
        left = int((self._ends - monotonic()) * 1000)
        if left <= 0:
            return z3.unknown
        self._solver.set("timeout", left)
        return self._solver.check(*assumptions)

    def _plainest(self, model: Model, like: Mapping[str, FactValue]) -> Found:
        """Return the territory that begins as little as can be, and leaves to deductions what can be left.

        Each wish is granted if it agrees with those before it: the outcome is the same whatever z3 found at first, as
        long as there is time.
        """
        kept: list[Formula] = []
        alike = 0
        for wishes in self._wishes(like):
            for place, wish in enumerate(wishes):
                if not z3.is_true(model.eval(wish, model_completion=True)):
                    if self._check(*kept, wish) != z3.sat:
                        continue
                    model = self._solver.model()
                kept.append(wish)
                alike += place == 0
                break
        return Found(model, alike)

    def _wishes(self, like: Mapping[str, FactValue]) -> Iterator[list[Formula]]:
        """Walk what is wished for; of each list, the first that can be."""
        for action in self._given.actions:
            yield list(self._given.progress(action).values())
        for question, possible in self._given.possible.items():
            if possible.reading == "either":
                yield [no(self._given.answered(question))]
        for question, possible in self._given.possible.items():
            values = self._given.values(question)
            wanted = possible.standing_for(like[question]) if question in like else None
            if possible.several:
                made = wanted if isinstance(wanted, tuple) else (wanted,)
                yield from ([chosen if value in made else no(chosen)] for value, chosen in values.items())
            else:
                yield [chosen for value, chosen in sorted(values.items(), key=lambda pair: pair[0] != wanted)]


def disagreement(what: str) -> EngineError:
    """Return the error that z3 and the engine say two things of a territory."""
    message = f"z3 et le moteur ne s’accordent pas sur {what}"
    return EngineError(f"{message}\n  aide : c’est une erreur de conseil, et non de vos règles ; signalez-la")
