"""z3, asked for a territory of which something holds, as long as there is time."""

from __future__ import annotations

from time import monotonic
from typing import Any, Literal, NamedTuple, TypeAlias

import z3

from conseil.authoring.verification.territories import Formula, Given, no
from conseil.errors import EngineError

__all__ = ["Found", "Model", "Solver", "Unfound", "disagreement"]

Model: TypeAlias = Any
"""A territory as z3 describes it: a `z3.ModelRef`, which `Meaning.territory` reads."""

Unfound = Literal["proved", "undecided"]
"""Why no territory was found: there is none, or time was too short."""


class Found(NamedTuple):
    """A territory that was looked for."""

    model: Model


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

    def find(self, formula: Formula, *, plainest: bool = False) -> Found | Unfound:
        """Return a territory of which a formula holds, or why there is none.

        Args:
            formula: what is to hold.
            plainest: whether it is to begin as few actions, and answer as few deduced questions, as can be.
        """
        self._solver.push()
        self._solver.add(formula)
        try:
            verdict = self._check()
            if verdict != z3.sat:
                return "proved" if verdict == z3.unsat else "undecided"
            return Found(self._plainest(self._solver.model()) if plainest else self._solver.model())
        finally:
            self._solver.pop()

    def _check(self, *assumptions: Formula) -> z3.CheckSatResult:
        left = int((self._ends - monotonic()) * 1000)
        if left <= 0:
            return z3.unknown
        self._solver.set("timeout", left)
        return self._solver.check(*assumptions)

    def _plainest(self, model: Model) -> Model:
        """Leave out, one after the other, what the territory can do without."""
        kept: list[Formula] = []
        wishes = [self._given.progress(action)["todo"] for action in self._given.actions]
        wishes += [
            no(self._given.answered(question))
            for question, possible in self._given.possible.items()
            if possible.reading == "either"
        ]
        for wish in wishes:
            if z3.is_true(model.eval(wish, model_completion=True)):
                kept.append(wish)
            elif self._check(*kept, wish) == z3.sat:
                kept.append(wish)
                model = self._solver.model()
        return model


def disagreement(what: str) -> EngineError:
    """Return the error that z3 and the engine say two things of a territory."""
    message = f"z3 et le moteur ne s’accordent pas sur {what}"
    return EngineError(f"{message}\n  aide : c’est une erreur de conseil, et non de vos règles ; signalez-la")
