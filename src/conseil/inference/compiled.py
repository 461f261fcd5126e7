"""A rulebook as sets of bits: the engine for bulk questions, and where durable-rules cannot be used.

A condition is rewritten as alternatives, each a set of literals (a test, and the verdict it must have) that all hold.
Negation is pushed inward and `any` is distributed over `all`: in strong Kleene logic too, these keep the verdict. Each
alternative of the rulebook has one bit. Of every value that a fact can have, the bits of the alternatives that it rules
out are worked out once, by the specification itself. To judge a profile is then, fact by fact, to add up what is ruled
out and what waits for an unknown fact:

- an alternative that some value rules out is false;
- else, one that waits for some fact is unknown;
- else it is true.

A condition is true when one of its alternatives is, and false when all of them are. Bits are laid out so that it takes
a few operations for the whole rulebook: the first alternatives of all conditions, then the second ones, and so on. What
has many more of them than the others is judged apart, or every layer would be there for it alone. The lowest bits are
those of such conditions, and of what settles facts (`asked_when`, deductions), which is read on the way: facts come in
an order in which each stands after those that it rests on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from typing import NamedTuple, Protocol

from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    Facts,
    FactValue,
    Leaf,
    Not,
    Verdict,
    evaluate,
)
from conseil.inference.model import Inference, Verdicts
from conseil.inference.reference import fact_order
from conseil.profile import Known
from conseil.rulebook import Rulebook

__all__ = ["MOST_ALTERNATIVES", "Alternative", "CompiledEngine", "alternatives"]

MOST_ALTERNATIVES = 32
"""A condition that has more, which no guide needs, is left to the specification: they can double with every `any`."""

_MOST_KEPT = 4_096
"""The values of one fact of which what they rule out is kept: sets of choices are many."""

_BITS_OF_ONE = 4_096
"""To judge one condition apart takes as long as that many more bits in the sums of every profile."""

Literal = tuple[Leaf, bool]
"""A test, and the verdict that it must have."""

Alternative = frozenset[Literal]
"""Literals that make a condition true when all of them hold."""


class _TooMany(Exception):
    """A condition has more alternatives than are worth their bits."""


def alternatives(condition: Condition, *, wanted: bool = True) -> list[Alternative]:
    """Return the alternatives of a condition, or of its negation.

    Raises:
        _TooMany: there are more than `MOST_ALTERNATIVES`.

    >>> from conseil.conditions import parse
    >>> len(alternatives(parse({"a": "x", "any": [{"b": "x"}, {"c": "x"}]})))
    2
    """
    match condition:
        case Not(part):
            return alternatives(part, wanted=not wanted)
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            of_parts = (alternatives(part, wanted=wanted) for part in parts)
            if isinstance(condition, AnyOf) is wanted:
                return _few(chain.from_iterable(of_parts))
            joined: list[Alternative] = [frozenset()]
            for found in of_parts:
                joined = _few(before | literals for before in joined for literals in found)
            return joined
        case _:
            return [frozenset({(condition, wanted)})]


def _few(found: Iterable[Alternative]) -> list[Alternative]:
    kept = list(dict.fromkeys(found))
    if len(kept) > MOST_ALTERNATIVES:
        raise _TooMany
    return kept


def _alternatives_if_few(condition: Condition) -> list[Alternative] | None:
    """Return the alternatives of a condition; nothing where they are too many."""
    try:
        return alternatives(condition)
    except _TooMany:
        return None


class _RuledOut(Protocol):
    """The bits of the alternatives that a value of a fact rules out."""

    def __getitem__(self, value: FactValue, /) -> int: ...


class _ByValue(dict[FactValue, int]):
    """The bits that each value rules out, worked out when it first comes."""

    def __init__(self, literals: dict[Literal, int]) -> None:
        super().__init__()
        self._literals = literals

    def __missing__(self, value: FactValue) -> int:
        failing = (
            bits for (leaf, wanted), bits in self._literals.items() if evaluate(leaf, {leaf.fact: value}) is not wanted
        )
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[value] = found = reduce(or_, failing, 0)
        return found


class _ByNumber:
    """The bits that each number rules out; those between two bounds rule out the same."""

    def __init__(self, literals: dict[Literal, int]) -> None:
        bounds = [leaf for leaf, _ in literals if isinstance(leaf, Between)]
        self._starts = sorted(
            {bound.low for bound in bounds if bound.low is not None}
            | {bound.high + 1 for bound in bounds if bound.high is not None}
        )
        by_value = _ByValue(literals)
        self._of_class = [by_value[start] for start in [self._starts[0] - 1, *self._starts]]
        self._not_applicable = by_value[NOT_APPLICABLE]

    def __getitem__(self, value: FactValue) -> int:
        if value == NOT_APPLICABLE:
            return self._not_applicable
        return self._of_class[bisect_right(self._starts, value)]


class _Fact(NamedTuple):
    """A fact, what each of its values rules out, and what waits while it is unknown."""

    name: str
    rules_out: _RuledOut
    waits: int


class _Judged(NamedTuple):
    """A condition that is judged by itself: its bits, or itself where it has too many alternatives."""

    bits: int
    itself: Condition | None

    def verdict(self, out: int, waits: int, facts: Facts) -> Verdict:
        if self.itself is not None:
            return evaluate(self.itself, facts)
        if out & self.bits == self.bits:
            return False
        return True if (out | waits) & self.bits != self.bits else None


_Outcomes = Sequence[tuple[_Judged | None, FactValue]]


class _Settled(NamedTuple):
    """A fact that may not apply, or that can be deduced."""

    fact: _Fact
    asked_when: _Judged | None
    outcomes: _Outcomes


def _outcome(outcomes: _Outcomes, out: int, waits: int, facts: Facts) -> int | None:
    """Return the first outcome whose condition is true, and nothing where an unknown one comes before."""
    for index, (when, _) in enumerate(outcomes):
        verdict = True if when is None else when.verdict(out, waits, facts)
        if verdict is not False:
            return index if verdict else None
    return None


class CompiledEngine:
    """The rulebook as sets of bits; it takes every rulebook, and its calls share nothing that can change."""

    name = "compiled"

    def __init__(self, rulebook: Rulebook) -> None:
        """Give every alternative its bit, and work out what each value rules out."""
        self._rules = rulebook.rule_places
        self._criteria = {criterion: place for place, criterion in enumerate(rulebook.criteria)}
        conditions = [
            *(rule.when for rule in rulebook.rules.values()),
            *(criterion.when for criterion in rulebook.criteria.values()),
        ]
        layout = _Layout(rulebook)
        order = fact_order(rulebook)
        settling = {fact: layout.settling(fact) for fact in order}
        self._layers, self._apart = layout.layers(conditions)
        self._width = len(conditions)
        self._first = layout.size - self._layers * self._width
        self._all = (1 << self._width) - 1
        self._no_alternative = layout.never
        self._progress_fact = {action: PROGRESS + action for action in rulebook.by_id}
        progress = (layout.fact(fact) for fact in self._progress_fact.values())
        self._progress = [fact for fact in progress if fact.waits]  # what no condition reads rules nothing out
        self._plain = [layout.fact(fact) for fact in order if not any(settling[fact])]
        self._settled = [_Settled(layout.fact(fact), *settling[fact]) for fact in order if any(settling[fact])]

    def infer(self, known: Known) -> Inference:
        """Return what follows from a profile."""
        names, answers = self._progress_fact, known.answers
        facts: dict[str, FactValue] = {names[action]: state for action, state in known.progress.items()}
        out, waits = self._no_alternative, 0
        for name, rules_out, bits in self._progress:
            value = facts.get(name)
            if value is None:
                waits |= bits
            else:
                out |= rules_out[value]
        for name, rules_out, bits in self._plain:
            value = answers.get(name)
            if value is None:
                waits |= bits
            else:
                facts[name] = value
                out |= rules_out[value]
        deduced: dict[str, int] = {}
        ignored: list[str] = []
        waiting: list[str] = []
        for (name, rules_out, bits), asked_when, outcomes in self._settled:
            value = answers.get(name)
            applies = True if asked_when is None else asked_when.verdict(out, waits, facts)
            if applies is not True:
                if value is not None:
                    (waiting if applies is None else ignored).append(name)
                value = None if applies is None else NOT_APPLICABLE
            elif value is None:
                index = _outcome(outcomes, out, waits, facts)
                if index is not None:
                    deduced[name], value = index, outcomes[index][1]
            if value is not None:
                facts[name] = value
            out |= 0 if value is None else rules_out[value]
            waits |= bits if value is None else 0
        true, unknown = self._verdicts(out, waits, facts)
        rules = len(self._rules)
        of_rules = (1 << rules) - 1
        return Inference(
            facts=facts,
            deduced=deduced,
            ignored=tuple(sorted(ignored)),
            waiting=tuple(sorted(waiting)),
            rules=Verdicts(self._rules, true & of_rules, unknown & of_rules),
            criteria=Verdicts(self._criteria, true >> rules, unknown >> rules),
        )

    def _verdicts(self, out: int, waits: int, facts: Facts) -> tuple[int, int]:
        """Return the bits of the conditions that are true, and of those that are unknown."""
        apart = [(place, judged.verdict(out, waits, facts)) for place, judged in self._apart]
        out >>= self._first
        not_true = out | waits >> self._first
        false, never_true = out, not_true
        for _ in range(1, self._layers):
            out >>= self._width
            not_true >>= self._width
            false &= out
            never_true &= not_true
        true = ~never_true & self._all
        unknown = never_true & ~false & self._all
        for place, verdict in apart:
            true |= (verdict is True) << place
            unknown |= (verdict is None) << place
        return true, unknown


class _Layout:
    """Gives every alternative its bit."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._literals: dict[str, dict[Literal, int]] = {}
        self.size = 0
        """The bits that are given."""
        self.never = 0
        """The bits that no alternative has, where a condition has fewer than another."""

    def settling(self, fact: str) -> tuple[_Judged | None, list[tuple[_Judged | None, FactValue]]]:
        """Give bits to what settles a fact."""
        asked_when = self._rulebook.vocabulary[fact].asked_when
        deduction = self._rulebook.deduction_of.get(fact)
        outcomes = [*deduction.values, deduction.otherwise] if deduction else []
        return (
            None if asked_when is None else self._judged(asked_when),
            [(None if one.when is None else self._judged(one.when), one.value) for one in outcomes],
        )

    def _judged(self, condition: Condition) -> _Judged:
        found = _alternatives_if_few(condition)
        if found is None:
            return _Judged(0, condition)
        for place, literals in enumerate(found, start=self.size):
            self._mark(literals, 1 << place)
        bits = (1 << len(found)) - 1 << self.size
        self.size += len(found)
        return _Judged(bits, None)

    def layers(self, conditions: Sequence[Condition]) -> tuple[int, list[tuple[int, _Judged]]]:
        """Give bits to conditions: to their first alternatives, then to the second ones, and so on.

        Returns:
            How many layers there are, and the conditions that are judged apart, with their place.
        """
        of_conditions = [_alternatives_if_few(condition) or [] for condition in conditions]
        counts = Counter(map(len, of_conditions))

        def cost(layers: int) -> int:
            return layers * len(conditions) + _BITS_OF_ONE * sum(many for n, many in counts.items() if n > layers)

        layers = min(range(1, max((1, *counts)) + 1), key=cost)
        apart: list[tuple[int, _Judged]] = []
        for place, found in enumerate(of_conditions):
            if not 0 < len(found) <= layers:
                apart.append((place, self._judged(conditions[place])))
                found.clear()
        for layer in range(layers):
            for place, found in enumerate(of_conditions):
                bit = 1 << self.size + layer * len(conditions) + place
                if layer < len(found):
                    self._mark(found[layer], bit)
                else:
                    self.never |= bit
        self.size += layers * len(conditions)
        return layers, apart

    def _mark(self, literals: Alternative, bits: int) -> None:
        for literal in literals:
            of_fact = self._literals.setdefault(literal[0].fact, {})
            of_fact[literal] = of_fact.get(literal, 0) | bits

    def fact(self, name: str) -> _Fact:
        """Return what the values of a fact rule out."""
        literals = self._literals.get(name, {})
        bounds = any(isinstance(leaf, Between) for leaf, _ in literals)
        return _Fact(name, _ByNumber(literals) if bounds else _ByValue(literals), reduce(or_, literals.values(), 0))
