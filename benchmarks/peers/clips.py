"""CLIPS through clipspy: https://clipspy.readthedocs.io.

A profile is one fact of a template, with a slot for each question. A rule that fires adds its name to a global. They
are read as one text: every value that crosses from CLIPS to Python costs more than a rule. (Also tried, and slower:
reading the agenda, a Python function that rules call, asserting a profile as text.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.peers.serving import Plain, Tree, serve

__all__ = ["ClipsMatcher", "definition"]

_RULES_OF_A_GLOBAL = 64  # a list is copied when it grows


def definition(name: str, hits: str, condition: Tree) -> str:
    """Return a rule; what does not fit into slots of one pattern is a test of CLIPS.

    >>> definition("r1", "?*h0*", {"op": "in", "fact": "foncier", "values": ["aucun", "bati"]})
    '(defrule r1 (profile (foncier aucun|bati)) => (bind ?*h0* (create$ ?*h0* r1)))'
    >>> definition("r2", "?*h0*", {"op": "not", "part": {"op": "in", "fact": "foncier", "values": ["aucun"]}})
    '(defrule r2 (profile (foncier ~aucun)) => (bind ?*h0* (create$ ?*h0* r2)))'
    """
    slots: dict[str, str] = {}
    tests: list[str] = []
    read: dict[str, str] = {}
    for part in condition["parts"] if condition["op"] == "all" else [condition]:
        constraint = _constraint(part)
        if constraint is None:
            tests.append(_test(part, read))
        else:
            fact, text = constraint
            slots[fact] = f"{slots[fact]}&{text}" if fact in slots else text
    for fact, variable in read.items():
        slots[fact] = f"{variable}&{slots[fact]}" if fact in slots else variable
    pattern = "".join(f" ({fact} {text})" for fact, text in slots.items())
    conditions = "".join(f" (test {test})" for test in tests)
    return f"(defrule {name} (profile{pattern}){conditions} => (bind {hits} (create$ {hits} {name})))"


def _constraint(part: Tree) -> tuple[str, str] | None:
    """Return a test as a constraint on one slot, where it can be one."""
    match part:
        case {"op": "in", "fact": fact, "values": values}:
            return fact, "|".join(values)
        case {"op": "not", "part": {"op": "in", "fact": fact, "values": values}}:
            return fact, "&".join(f"~{value}" for value in values)
        case _:
            return None


def _test(part: Tree, read: dict[str, str]) -> str:
    """Return a test as an expression; `read` takes the facts that it reads, with their variable."""
    if part["op"] in {"all", "any"}:
        word = "and" if part["op"] == "all" else "or"
        if not part["parts"]:
            return "TRUE" if word == "and" else "FALSE"
        return f"({word} {' '.join(_test(inner, read) for inner in part['parts'])})"
    if part["op"] == "not":
        return f"(not {_test(part['part'], read)})"
    many = part["op"] == "several"
    variable = read.setdefault(part["fact"], f"{'$?' if many else '?'}{part['fact']}")
    variable = "?" + variable.lstrip("$?")
    if part["op"] == "in":
        return _joined("or", (f"(eq {variable} {value})" for value in part["values"]))
    if part["op"] == "between":
        bounds = [(">=", part["low"]), ("<=", part["high"])]
        return _joined("and", (f"({sign} {variable} {bound})" for sign, bound in bounds if bound is not None))
    made = [f"(member$ {value} {variable})" for value in part["values"]]
    if part["quantifier"] == "all":
        return _joined("and", made)
    found = _joined("or", made)
    return f"(not {found})" if part["quantifier"] == "none" else found


def _joined(word: str, parts: Iterable[str]) -> str:
    found = list(parts)
    return found[0] if len(found) == 1 else f"({word} {' '.join(found)})"


class ClipsMatcher:
    """An environment with one rule for each rule."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        import clips  # noqa: PLC0415 -- only in the environment of the peer

        self._symbol = clips.Symbol
        self._environment = clips.Environment()
        build = self._environment.build
        names = list(workload["rules"])
        hits = [f"?*h{place}*" for place in range(-(-len(names) // _RULES_OF_A_GLOBAL))]
        for name in hits:
            build(f"(defglobal {name} = (create$))")
        clear = " ".join(f"(bind {name} (create$))" for name in hits)
        build(f"(deffunction hits () (bind ?found (implode$ (create$ {' '.join(hits)}))) {clear} ?found)")
        slots = (f"({'multislot' if kind == 'words' else 'slot'} {fact})" for fact, kind in workload["kinds"].items())
        build(f"(deftemplate profile {' '.join(slots)})")
        for place, (name, condition) in enumerate(workload["rules"].items()):
            build(definition(name, hits[place // _RULES_OF_A_GLOBAL], condition))
        self._template = self._environment.find_template("profile")

    def prepare(self, facts: dict[str, Plain]) -> dict[str, object]:
        """Return the slots of a profile."""
        return {fact: self._value(value) for fact, value in facts.items()}

    def match(self, prepared: Sequence[dict[str, object]]) -> list[list[str]]:
        """Assert each profile, run, read what fired, and retract it."""
        environment, template = self._environment, self._template
        found = []
        for slots in prepared:
            fact = template.assert_fact(**slots)
            environment.run()
            found.append(environment.eval("(hits)").split())
            fact.retract()
        return found

    def _value(self, value: Plain) -> object:
        if isinstance(value, list):
            return [self._symbol(word) for word in value]
        return self._symbol(value) if isinstance(value, str) else value


if __name__ == "__main__":
    serve(ClipsMatcher, "clipspy")
