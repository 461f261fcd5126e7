"""The condition language: its syntax, its three-valued meaning, and the facts that it reads.

A condition is a mapping whose entries all hold. Its meaning is strong Kleene logic: a verdict is `True`, `False`, or
`None` (unknown), and a test on an unknown fact is unknown. This module knows no vocabulary: `vocabulary` says which
facts and values exist.

>>> condition = parse({"scenario": "soutien", "not": {"foncier": "aucun"}})
>>> evaluate(condition, {"scenario": "soutien", "foncier": "bati"})
True
>>> evaluate(condition, {"scenario": "initiatrice"})
False
>>> print(evaluate(condition, {"scenario": "soutien"}))
None
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from conseil.errors import Fault, Faults, Location, named
from conseil.fields import context_of, instead, seen_as, written

if TYPE_CHECKING:
    from pydantic import ValidationInfo

__all__ = [
    "ALWAYS",
    "NOT_APPLICABLE",
    "PROGRESS",
    "PROGRESS_VALUES",
    "RESERVED",
    "AllOf",
    "AnyOf",
    "Between",
    "Condition",
    "ConditionField",
    "Everything",
    "FactValue",
    "Facts",
    "Leaf",
    "Not",
    "OneOf",
    "Several",
    "Verdict",
    "cited",
    "evaluate",
    "integer",
    "leaves",
    "not_an_integer",
    "parse",
    "to_data",
]

Verdict = bool | None
"""True, false, or unknown (`None`)."""

FactValue = str | int | tuple[str, ...]
"""The value of a known fact: a choice (`oui` and `non` for a yes/no question), an integer, or the choices made."""

Facts = Mapping[str, FactValue]
"""What is known; an unknown fact is absent."""

NOT_APPLICABLE = "not_applicable"
"""A known value: the question does not apply here. `not` and `none` hold on it, every other test fails."""

PROGRESS = "progress."
"""What the fact of an action's progress begins with."""

PROGRESS_VALUES: tuple[Literal["todo", "doing", "done"], ...] = ("todo", "doing", "done")
"""What an action's progress can be, when it is known."""

RESERVED = frozenset(
    {"any", "all", "none", "not", "min", "max", "progress", "always", "unknown", NOT_APPLICABLE, "others"}
)
"""Words of the language, which cannot be ids."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact is one of these values (a choice, a yes or no, the progress of an action)."""

    fact: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The integer fact lies within these bounds, inclusive; a missing bound is no bound."""

    fact: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Several:
    """A test on the choices made: `any` of these, `all` of these, or `none` of them."""

    fact: str
    quantifier: Literal["any", "all", "none"]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Everything:
    """The entries of one mapping, which all hold; in the order of their keys, so that writing order is no matter."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """The mappings of an `all:` list, which all hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The mappings of an `any:` list, of which at least one holds."""

    parts: tuple[Condition, ...]


Leaf = OneOf | Between | Several
Condition = Leaf | Not | Everything | AllOf | AnyOf

ALWAYS = Everything(())
"""The condition that always holds, written `always`."""


# Syntax


def parse(raw: object) -> Condition:
    """Read a condition.

    Raises:
        Faults: with every fault of the condition, each with its place in it.

    >>> parse("always") == ALWAYS
    True
    >>> parse({"population": {"min": "20000"}})
    Everything(parts=(Between(fact='population', low=20000, high=None),))
    """
    if raw == "always":
        return ALWAYS
    reader = _Reader()
    condition = reader.mapping(raw, ())
    if reader.faults:
        raise Faults(reader.faults)
    return condition


def integer(text: object) -> int | None:
    """Read a whole number written in digits, or return nothing.

    >>> integer("11957"), integer("-3"), integer("12 000"), integer("1_0"), integer(True)
    (11957, -3, None, None, None)
    """
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    digits_at_most = 18  # beyond that a number counts nothing, and leaves 64 bits
    digits = text.removeprefix("-") if isinstance(text, str) else ""
    return int(str(text)) if digits.isascii() and digits.isdigit() and len(digits) <= digits_at_most else None


def not_an_integer(raw: object, question: str | None = None) -> Fault:
    """Say that a whole number was expected, and how this one is written.

    >>> not_an_integer("12 000").hint
    'écrivez `12000`'
    """
    asked = f" pour `{question}`" if question else ""
    compact = re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", raw)).removeprefix("+") if isinstance(raw, str) else ""
    if isinstance(raw, list | tuple):
        hint = "retirez les crochets"
    elif integer(compact) is not None:
        hint = f"écrivez `{compact}`"
    elif compact.removeprefix("-").isdecimal():
        hint = "au plus 18 chiffres"
    else:
        hint = "en chiffres, sans espace, virgule ni unité"
    return Fault((), f"nombre entier attendu{asked}, et non {named(raw)}", hint)


_MISPLACED = {  # where a word of the language goes, that stands in the place of a question
    "max": "écrivez `question: {max: …}`",
    "min": "écrivez `question: {min: …}`",
    "none": "écrivez `question: {none: […]}`, ou `not: {…}`",
    "progress": "écrivez `progress.<action>: done`",
}


class _Reader:
    """Read raw values into conditions, and collect the faults with their place."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def _fault(self, way: Location, message: str, hint: str | None = None, *, on_key: bool = False) -> None:
        self.faults.append(Fault(way, message, hint, on_key))

    def mapping(self, raw: object, way: Location) -> Condition:
        hint = "complétez-la, ou retirez-la" if way else "« toujours » s’écrit `always`"
        if raw is not None and not isinstance(raw, dict):
            hint = "`always` ne s’écrit que seul, comme `when: always`" if way and raw == "always" else hint
            self._fault(way, f"une condition est un bloc `question: valeur`, et non {named(raw)}", hint)
            return ALWAYS
        if not raw:
            self._fault(way, "condition vide", hint)
            return ALWAYS
        return Everything(tuple(self._entry(key, raw[key], (*way, key)) for key in sorted(raw)))

    def _entry(self, key: str, raw: object, way: Location) -> Condition:
        if key == "not":
            return Not(self.mapping(raw, way))
        if key in {"any", "all"}:
            if not isinstance(raw, list) or not raw:
                what = "une liste vide" if raw == [] else named(raw)
                message = f"`{key}` attend une liste de conditions, et non {what}"
                self._fault(way, message, f"écrivez `{key}: [{{…}}, {{…}}]`")
                return ALWAYS
            parts = tuple(self.mapping(part, (*way, index)) for index, part in enumerate(raw))
            return AnyOf(parts) if key == "any" else AllOf(parts)
        if key in RESERVED:
            self._fault(
                way, f"`{key}` n’est pas une question", _MISPLACED.get(key, "c’est un mot réservé"), on_key=True
            )
            return ALWAYS
        return self._test(key, raw, way)

    def _test(self, fact: str, raw: object, way: Location) -> Condition:
        if isinstance(raw, bool):  # from Python: `{"recherche": True}`
            return OneOf(fact, ("oui" if raw else "non",))
        if isinstance(raw, str):
            return OneOf(fact, (raw,))
        if isinstance(raw, list):
            return OneOf(fact, self._values(raw, way))
        if isinstance(raw, dict) and raw:
            return self._bounds_or_choices(fact, raw, way)
        self._fault(way, f"valeur attendue après `{fact}`", "un choix, une liste de choix, ou un test comme `{min: 5}`")
        return ALWAYS

    def _values(self, raw: object, way: Location) -> tuple[str, ...]:
        if not isinstance(raw, list) or not raw:
            self._fault(way, "liste de choix attendue, avec au moins un choix", "écrivez `[choix, choix]`")
            return ()
        values: list[str] = []
        for index, value in enumerate(raw):
            if not isinstance(value, str):
                message = f"un choix est un texte simple, et non {named(value)}"
                self._fault((*way, index), message, "écrivez `[choix, choix]`")
            elif value in values:
                self._fault((*way, index), f"choix `{value}` écrit deux fois", "gardez-en un")
            else:
                values.append(value)
        return tuple(values)

    def _bounds_or_choices(self, fact: str, raw: dict[str, Any], way: Location) -> Condition:
        for key in sorted(raw.keys() - {"min", "max", "any", "all", "none"}):
            self._fault((*way, key), f"test `{key}` inconnu", "tests possibles : min, max, any, all, none", on_key=True)
        parts: list[Condition] = []
        bounds = {key: self._bound(raw[key], (*way, key)) for key in ("min", "max") if key in raw}
        if bounds:
            low, high = bounds.get("min"), bounds.get("max")
            if low is not None and high is not None and low > high:
                self._fault(way, f"`min` ({low}) dépasse `max` ({high})", "échangez les deux bornes")
            parts.append(Between(fact, low, high))
        quantifiers: tuple[Literal["all", "any", "none"], ...] = ("all", "any", "none")
        parts += [Several(fact, key, self._values(raw[key], (*way, key))) for key in quantifiers if key in raw]
        if bounds and len(parts) > 1:
            message = f"`{fact}` est testé à la fois comme un nombre et comme une liste de choix"
            self._fault(way, message, "gardez les bornes, ou gardez les choix")
            return ALWAYS
        return parts[0] if len(parts) == 1 else Everything(tuple(parts))

    def _bound(self, raw: object, way: Location) -> int | None:
        bound = integer(raw)
        if bound is None:
            self.faults.append(not_an_integer(raw).under(*way))
        return bound


def to_data(condition: Condition) -> object:
    """Write a condition back, as `parse` reads it.

    >>> to_data(parse({"besoins": {"any": ["foncier"]}, "not": {"scic": "creee"}}))
    {'besoins': {'any': ['foncier']}, 'not': {'scic': 'creee'}}
    """
    if condition == ALWAYS:
        return "always"
    return dict(_entries(condition))


def _entries(condition: Condition) -> Iterator[tuple[str, object]]:
    match condition:
        case OneOf(fact, values):
            yield fact, values[0] if len(values) == 1 else list(values)
        case Between(fact, low, high):
            yield fact, {key: bound for key, bound in (("min", low), ("max", high)) if bound is not None}
        case Several(fact, quantifier, values):
            yield fact, {quantifier: list(values)}
        case Not(part):
            yield "not", to_data(part)
        case AllOf(parts):
            yield "all", [to_data(part) for part in parts]
        case AnyOf(parts):
            yield "any", [to_data(part) for part in parts]
        case Everything(parts):
            merged: dict[str, object] = {}
            for key, value in (entry for part in parts for entry in _entries(part)):
                before = merged.setdefault(key, value)
                if before is not value:
                    both = _both(key, before, value)
                    if both is None:  # made in Python: one mapping cannot say it
                        yield "all", [to_data(part) for part in parts if part != ALWAYS]
                        return
                    merged[key] = both
            yield from merged.items()


def _both(key: str, before: object, value: object) -> dict[str, object] | None:
    """Return two tests of one fact as one entry: bounds, or quantifiers; nothing where that would not say both."""
    if key in RESERVED or not isinstance(before, dict) or not isinstance(value, dict) or before.keys() & value.keys():
        return None
    return {**before, **value}


def _read_field(raw: object, info: ValidationInfo) -> Condition:
    if isinstance(raw, Condition):
        return raw
    reader = _Reader()
    condition = ALWAYS if raw == "always" else reader.mapping(raw, ())
    check = context_of(info, "check_condition")  # what the vocabulary has against it, when it is known
    faults = [*reader.faults, *(check(condition) if check else ())]
    if faults:
        raise Faults(faults)
    return condition


ConditionField = Annotated[
    Condition,
    instead(_read_field),
    written(to_data),
    seen_as({"known": "conditions"}),
]
"""A condition as a field of a record; the validation context may hold a `check_condition` that knows the vocabulary."""


# Meaning


def evaluate(condition: Condition, facts: Facts) -> Verdict:
    """Return the verdict of a condition on what is known: the specification that every engine is held to."""
    match condition:
        case Not(part):
            verdict = evaluate(part, facts)
            return None if verdict is None else not verdict
        case Everything(parts) | AllOf(parts):
            verdicts = [evaluate(part, facts) for part in parts]
            return False if False in verdicts else None if None in verdicts else True
        case AnyOf(parts):
            verdicts = [evaluate(part, facts) for part in parts]
            return True if True in verdicts else None if None in verdicts else False
        case _:
            return _test(condition, facts)


def _test(leaf: Leaf, facts: Facts) -> Verdict:
    value = facts.get(leaf.fact)
    if value is None:
        return None
    match leaf:
        case OneOf(values=values):
            return value in values
        case Between(low=low, high=high):
            return isinstance(value, int) and (low is None or low <= value) and (high is None or value <= high)
        case Several(quantifier=quantifier, values=values):
            made = value if isinstance(value, tuple) else ()  # not applicable: no choice was made
            if quantifier == "all":
                return all(choice in made for choice in values)
            return any(choice in made for choice in values) is (quantifier == "any")


def leaves(condition: Condition, way: Location = ()) -> Iterator[tuple[Location, Leaf]]:
    """Walk the tests of a condition, each with its place in it.

    >>> [way for way, leaf in leaves(parse({"any": [{"foncier": "bati"}], "not": {"scic": "creee"}}))]
    [('any', 0, 'foncier'), ('not', 'scic')]
    """
    match condition:
        case Not(part):
            yield from leaves(part, (*way, "not"))
        case Everything(parts):
            for part in parts:
                yield from leaves(part, way)
        case AllOf(parts) | AnyOf(parts):
            for index, part in enumerate(parts):
                yield from leaves(part, (*way, "any" if isinstance(condition, AnyOf) else "all", index))
        case _:
            yield (*way, condition.fact), condition


def cited(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """Return the facts that made the verdict, in the order of the condition.

    Of a true `any`, its first true branch; of a false conjunction, its first false entry; less what the verdict can
    spare. So the facts cited for a true or false verdict give it by themselves, and without any one of them the others
    do not. Of an unknown condition, the unknown facts that leave it so.

    >>> condition = parse({"any": [{"foncier": "bati"}, {"scenario": "soutien"}]})
    >>> cited(condition, {"foncier": "aucun", "scenario": "soutien"})
    ('scenario',)
    >>> cited(parse({"any": [{"a": "x", "b": "x"}, {"b": "x"}]}), {"a": "x", "b": "x"})
    ('b',)
    """
    verdict = evaluate(condition, facts)
    names = tuple(dict.fromkeys(_cited(condition, facts)))
    if verdict is None:
        return names
    kept = {name: facts[name] for name in names}
    for name in reversed(names):  # of facts that can stand for each other, the first stays
        fewer = {other: value for other, value in kept.items() if other != name}
        if evaluate(condition, fewer) is verdict:
            kept = fewer
    return tuple(kept)


def _cited(condition: Condition, facts: Facts) -> Iterator[str]:
    match condition:
        case Not(part):
            yield from _cited(part, facts)
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            verdict = evaluate(condition, facts)
            alone = isinstance(condition, AnyOf)  # the verdict that one part gives by itself
            makers = [part for part in parts if evaluate(part, facts) is verdict]
            for part in makers[:1] if verdict is alone else makers:
                yield from _cited(part, facts)
        case _:
            yield condition.fact
