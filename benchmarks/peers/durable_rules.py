"""durable-rules itself: https://github.com/jruizgit/rules/blob/master/docs/py/reference.md.

Raw, as its documentation writes it: `durable.lang`, one fact for each profile, an expression of `m` for each rule, and
a consequent that notes which rule ran. One ruleset cannot hold many of these rules (error 303 when a fact comes), so
they are shared out among rulesets of a hundred. Each has one more, which always holds: to forget a profile that no rule
took can crash the process. What is negated is written the other way round, which is right where every fact is known;
each choice of a question that takes several is a field of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_, ge, gt, le, lt, ne, or_
from operator import eq as equals
from typing import Any

from benchmarks.peers.serving import Plain, Tree, serve

__all__ = ["DurableRulesMatcher", "pattern", "positive"]

_RULES_OF_A_RULESET = 100
_SESSION = "profile"
_OPPOSITE = {"any": "none", "none": "any"}


def positive(condition: Tree, *, wanted: bool = True) -> Tree:
    """Push negation down to the tests, which have a `wanted`.

    >>> positive({"op": "not", "part": {"op": "in", "fact": "foncier", "values": ["aucun"]}})
    {'op': 'in', 'fact': 'foncier', 'values': ['aucun'], 'wanted': False}
    """
    match condition:
        case {"op": "not", "part": part}:
            return positive(part, wanted=not wanted)
        case {"op": "all" | "any" as word, "parts": parts}:
            other = "any" if word == "all" else "all"
            return {"op": word if wanted else other, "parts": [positive(part, wanted=wanted) for part in parts]}
        case {"op": "several", "quantifier": "none"}:
            return positive({**condition, "quantifier": "any"}, wanted=not wanted)
        case _:
            return {**condition, "wanted": wanted}


def pattern(condition: Tree, message: Any) -> Any:  # noqa: ANN401 -- `m` of durable.lang, which has no types
    """Write a positive condition as an expression on a message."""
    match condition:
        case {"op": "all", "parts": []}:
            return message.profile == 1
        case {"op": "all" | "any" as word, "parts": parts}:
            return reduce(and_ if word == "all" else or_, [pattern(part, message) for part in parts])
        case {"op": "in", "fact": fact, "values": values, "wanted": wanted}:
            return _joined(wanted, [_compared(message, fact, equals if wanted else ne, value) for value in values])
        case {"op": "between", "fact": fact, "low": low, "high": high, "wanted": wanted}:
            bounds = [(ge if wanted else lt, low), (le if wanted else gt, high)]
            tests = [_compared(message, fact, sign, bound) for sign, bound in bounds if bound is not None]
            return _joined(not wanted, tests)
        case _:
            wanted = condition["wanted"]
            made = [
                _compared(message, field(condition["fact"], value), equals, int(wanted))
                for value in condition["values"]
            ]
            return _joined((condition["quantifier"] == "any") is wanted, made)


def _joined(one_suffices: bool, tests: list[Any]) -> Any:  # noqa: ANN401, FBT001 -- see `pattern`
    return reduce(or_ if one_suffices else and_, tests)


def _compared(message: Any, fact: str, sign: Callable[[Any, Any], Any], value: object) -> Any:  # noqa: ANN401 -- see `pattern`
    return sign(getattr(message, fact), value)


def field(fact: str, choice: str) -> str:
    """Return the field that says whether a choice was made.

    >>> field("besoins", "mise-en-reseau")
    'besoins__mise_en_reseau'
    """
    return f"{fact}__{choice.replace('-', '_')}"


class DurableRulesMatcher:
    """Rulesets of durable.lang, which is one host for the whole process."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        # only in the environment of the peer
        from durable import lang  # noqa: PLC0415

        self._assert_fact, self._delete_state = lang.assert_fact, lang.delete_state
        self._hits: dict[str, None] = {}
        self._choices: dict[str, set[str]] = {}
        names = list(workload["rules"])
        self._rulesets: list[str] = []
        for first in range(0, len(names), _RULES_OF_A_RULESET):
            self._rulesets.append(f"rules{first}")
            with lang.ruleset(self._rulesets[-1]):
                lang.when_all(lang.m.profile == 1)(_nothing)
                for name in names[first : first + _RULES_OF_A_RULESET]:
                    condition = positive(workload["rules"][name])
                    self._note_choices(condition)
                    lang.when_all(pattern(condition, lang.m))(self._consequent(name))
        lang.get_host()  # builds the rulesets

    def _consequent(self, name: str) -> Callable[[object], None]:
        def consequent(_context: object) -> None:
            self._hits[name] = None  # a rule of alternatives runs once for each that holds

        return consequent

    def _note_choices(self, condition: Tree) -> None:
        if condition["op"] == "several":
            self._choices.setdefault(condition["fact"], set()).update(condition["values"])
        for part in condition.get("parts", ()):
            self._note_choices(part)

    def prepare(self, facts: dict[str, Plain]) -> dict[str, object]:
        """Return a profile as one fact of a session."""
        message: dict[str, object] = {"profile": 1, "sid": _SESSION}
        for fact, value in facts.items():
            if isinstance(value, list):
                message |= {field(fact, choice): int(choice in value) for choice in self._choices[fact]}
            else:
                message[fact] = value
        return message

    def match(self, prepared: Sequence[dict[str, object]]) -> list[list[str]]:
        """Assert each profile in each ruleset, and forget it."""
        found = []
        for message in prepared:
            self._hits.clear()
            for ruleset in self._rulesets:
                self._assert_fact(ruleset, message)
                self._delete_state(ruleset, _SESSION)
            found.append(list(self._hits))
        return found


def _nothing(_context: object) -> None:
    """Do nothing: the profile was taken."""


if __name__ == "__main__":
    serve(DurableRulesMatcher, "durable-rules")
