"""experta: https://experta.readthedocs.io.

A profile is one fact, and a rule is a method whose decorator holds its patterns. Not maintained since 2019: on Python
3.10 and later it only imports with `collections.Mapping` put back first, as is told in its issue 34.
"""

from __future__ import annotations

import collections
import collections.abc
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from operator import and_, or_
from typing import Any

from benchmarks.peers.durable_rules import positive
from benchmarks.peers.serving import Plain, Tree, serve

__all__ = ["ExpertaMatcher"]


class ExpertaMatcher:
    """A knowledge engine with one method for each rule."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]
        import experta  # noqa: PLC0415 -- only in the environment of the peer

        self._experta = experta
        self._fact = type("Profile", (experta.Fact,), {})
        rules = {
            f"rule_{place}": experta.Rule(self._pattern(positive(condition)))(_consequent(name))
            for place, (name, condition) in enumerate(workload["rules"].items())
        }
        self._engine = type("Rules", (experta.KnowledgeEngine,), rules)()
        self._engine.hits = {}

    def _pattern(self, condition: Tree) -> Any:  # noqa: ANN401 -- of experta, which has no types
        match condition:
            case {"op": "all", "parts": parts} if len({part.get("fact") for part in parts} - {None}) == len(parts):
                # one pattern with a constraint on each question
                return self._fact(**{part["fact"]: self._constraint(part) for part in parts})
            case {"op": "all" | "any" as word, "parts": parts}:
                element = self._experta.AND if word == "all" else self._experta.OR
                return element(*map(self._pattern, parts))
            case _:
                return self._fact(**{condition["fact"]: self._constraint(condition)})

    def _constraint(self, test: Tree) -> Any:  # noqa: ANN401 -- of experta, which has no types
        literal = self._experta.L
        wanted = test["wanted"]
        if test["op"] == "in":
            literals = [literal(value) if wanted else ~literal(value) for value in test["values"]]
            return reduce(or_ if wanted else and_, literals)
        return self._experta.P(partial(_holds, test))

    def prepare(self, facts: dict[str, Plain]) -> object:
        """Return a profile as a fact."""
        return self._fact(**{fact: tuple(value) if isinstance(value, list) else value for fact, value in facts.items()})

    def match(self, prepared: Sequence[object]) -> list[list[str]]:
        """Reset, declare a profile, and run."""
        engine = self._engine
        found = []
        for fact in prepared:
            engine.hits = {}
            engine.reset()
            engine.declare(fact)
            engine.run()
            found.append(list(engine.hits))
        return found


def _consequent(name: str) -> Callable[[Any], None]:
    def consequent(engine: Any) -> None:  # noqa: ANN401 -- of experta, which has no types
        engine.hits[name] = None

    return consequent


def _holds(test: Tree, value: Any) -> bool:  # noqa: ANN401 -- a number, or choices
    if test["op"] == "between":
        inside = (test["low"] is None or test["low"] <= value) and (test["high"] is None or value <= test["high"])
        return inside is test["wanted"]
    quantifier = all if test["quantifier"] == "all" else any
    return quantifier(choice in value for choice in test["values"]) is test["wanted"]


if __name__ == "__main__":
    serve(ExpertaMatcher, "experta")
