"""The smallest sets of answers that would give an action another status: all of them, up to a size.

Every set of at most `MOST_CHANGES` answers is a world, and all worlds are judged at once (`worlds`). Nothing is left
out but what cannot matter: facts on which the status does not rest, and of values that no test tells apart, all but one
(they are put back at the end).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, product
from operator import and_, or_
from typing import Literal

from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    Between,
    FactValue,
    Leaf,
    Several,
    evaluate,
)
from conseil.plan import Item, Plan, Status
from conseil.vocabulary import Question
from conseil.worlds import Worlds, WorldsJudged, facts_behind, given_in, holding

__all__ = [
    "MOST_CHANGES",
    "ChangeKind",
    "Interval",
    "interval_of",
    "minimal_changes",
    "options_of",
]

MOST_CHANGES = 3
"""How many answers a set changes at most."""

ChangeKind = Literal["answer", "change"]
Changes = dict[str, FactValue]
Interval = tuple[int | None, int | None]
"""Numbers that no test tells apart, bounds included; `None` is no bound."""


@dataclass(frozen=True, slots=True, eq=False)  # itself and no other: it is looked up very often
class Alike:
    """Values of a fact that no test tells apart."""

    fact: str
    values: tuple[FactValue, ...]


def minimal_changes(plan: Plan, item: Item, kind: ChangeKind) -> list[tuple[Changes, Status]]:
    """Return every set of changes that gives another status, and of which no part gives the same; fewest first.

    In a set, every answer counts: none is ignored, nor waits for another. The progress of the action itself is not
    changed: to do it is no reason to do it.
    """
    options = options_of(plan, item, kind)
    worlds = [
        world
        for size in range(MOST_CHANGES + 1)
        for facts in combinations(options, size)
        for world in product(*(options[fact] for fact in facts))
    ]
    having, every = holding(worlds), (1 << len(worlds)) - 1
    today = plan.known.given | {PROGRESS + action: state for action, state in plan.known.progress.items()}
    made = ((alike.fact, alike.values[0], places) for alike, places in having.items())
    judged = WorldsJudged(plan.rulebook, given_in(today, made, every), every)
    ignored = [places & ~judged.values(alike.fact).get(alike.values[0], 0) for alike, places in having.items()]
    counting = ~reduce(or_, ignored, 0)
    found: list[tuple[Changes, Status]] = []
    for status, giving in judged.statuses(item.id).items():
        if status != item.status:
            least = {place: worlds[place] for place in _least(giving, worlds, having)}
            spelt_out = _spelt_out(least, plan.known.given)
            found += [(changes, status) for place, changes in spelt_out if counting >> place & 1]
    return sorted(found, key=lambda pair: len(pair[0]))


def _least(giving: Worlds, worlds: Sequence[tuple[Alike, ...]], having: Mapping[Alike, Worlds]) -> Iterator[int]:
    """Return the places of worlds that hold no other of them: smaller ones come first, and take out what holds them."""
    while giving:
        place = (giving & -giving).bit_length() - 1
        yield place
        giving &= ~reduce(and_, (having[alike] for alike in worlds[place]))


def _spelt_out(
    worlds: Mapping[int, tuple[Alike, ...]], today: Mapping[str, FactValue]
) -> Iterator[tuple[int, Changes]]:
    """Return every set of answers that worlds stand for, each with its place, but for those that hold another set."""
    found = [
        (place, dict(zip([alike.fact for alike in world], values, strict=True)))
        for place, world in worlds.items()
        for values in product(*(alike.values for alike in world))
    ]
    lists = [changes for _, changes in found if any(isinstance(value, tuple) for value in changes.values())]
    more = [changes for changes in lists if any(_holds(changes, other, today) for other in lists if other != changes)]
    yield from (pair for pair in found if pair[1] not in more)


def _holds(changes: Changes, other: Changes, today: Mapping[str, FactValue]) -> bool:
    """Say whether a set of changes holds another: its answers, or more choices changed in one of them."""
    return all(
        fact in changes and (changes[fact] == value or _further(changes[fact], value, today.get(fact)))
        for fact, value in other.items()
    )


def _further(value: FactValue, than: FactValue, start: FactValue | None) -> bool:
    """Say whether a list of choices changes more of another one than a third does.

    >>> _further(("a", "b"), ("a",), None), _further(("a", "b"), ("b", "c"), ("b",))
    (True, False)
    """
    if not isinstance(value, tuple) or not isinstance(than, tuple):
        return False
    made = start if isinstance(start, tuple) else ()
    return {*than} ^ {*made} < {*value} ^ {*made}


# What could be answered


def options_of(plan: Plan, item: Item, kind: ChangeKind) -> dict[str, list[Alike]]:
    """Return what each fact could become, by fact; facts on which the status does not rest are left out."""
    rulebook, tests = plan.rulebook, facts_behind(plan.rulebook, item.action)
    roles = rulebook.guide.roles
    found: dict[str, list[Alike]] = {}
    for fact in rulebook.vocabulary.ordered({*tests} - {PROGRESS + item.id}):
        values = _values(plan, fact, tests[fact], kind)
        apart = fact.startswith(PROGRESS) or fact in {roles.scenario, roles.stage}  # they are read beside the tests
        alike = _grouped(fact, values, tests[fact], plan.known.given.get(fact), apart=apart)
        if alike:
            found[fact] = alike
    return found


def _grouped(
    fact: str, values: Iterable[FactValue], tests: Sequence[Leaf], today: FactValue | None, *, apart: bool
) -> list[Alike]:
    """Put together the values that no test tells apart; those that none tells from today's are left out."""

    def verdicts(value: FactValue) -> object:
        return value if apart else tuple(evaluate(test, {fact: value}) for test in tests)

    groups: dict[object, list[FactValue]] = {}
    for value in values:
        if today is None or verdicts(value) != verdicts(today):
            group = groups.setdefault(verdicts(value), [])
            if not any(_further(value, other, today) for other in group):
                group[:] = [other for other in group if not _further(other, value, today)] + [value]
    return [Alike(fact, tuple(group)) for group in groups.values()]


def _values(plan: Plan, fact: str, tests: Sequence[Leaf], kind: ChangeKind) -> list[FactValue]:
    """Return what an unknown fact may be answered, or where a known one may be moved."""
    known = plan.facts.get(fact)
    if fact.startswith(PROGRESS):
        if kind == "answer":
            return [] if known else list(PROGRESS_VALUES)
        return list(PROGRESS_VALUES[PROGRESS_VALUES.index(known) + 1 :]) if known in PROGRESS_VALUES else []
    question, given = plan.rulebook.vocabulary[fact], plan.known.given.get(fact)
    if kind == "answer":
        return _answers(question, tests) if known is None and given is None and question.ask is not None else []
    if given is None or given == NOT_APPLICABLE or question.actionable == "no":
        return []
    return _moves(question, tests, given)


def _answers(question: Question, tests: Sequence[Leaf]) -> list[FactValue]:
    """Return the answers that tests can tell apart: of each interval of numbers its lowest; each set of choices."""
    beside: list[FactValue] = [NOT_APPLICABLE] if question.not_applicable else []
    if question.type == "integer":
        return [*(_nearest(interval, None) for interval in _intervals(question, tests)), *beside]
    if question.type == "choices":
        return [*_lists(question, tests, ()), *beside]
    return [*question.values, *beside]


def _moves(question: Question, tests: Sequence[Leaf], given: FactValue) -> list[FactValue]:
    """Return where an answer may be moved: for `upward`, only to what is better than today's."""
    upward = question.actionable == "upward"
    if isinstance(given, int):
        numbers = [_nearest(interval, given) for interval in _intervals(question, tests)]
        return [number for number in numbers if number > given or not upward]
    if isinstance(given, tuple):
        return [made for made in _lists(question, tests, given) if {*made} > {*given} or not upward]
    choices = question.values if question.type == "choice" else ("non", "oui")  # the better one comes last
    return list(choices[choices.index(given) + 1 :] if upward else choices)


def _lists(question: Question, tests: Iterable[Leaf], made: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Return every list of the choices that tests name, beside those already made that no test names."""
    named = {choice for test in tests if isinstance(test, Several) for choice in test.values}
    tested = [choice for choice in question.values if choice in named]
    for size in range(len(tested) + 1):
        for chosen in combinations(tested, size):
            yield tuple(
                choice for choice in question.values if choice in chosen or (choice in made and choice not in named)
            )


def interval_of(question: Question, tests: Sequence[Leaf], number: int) -> Interval:
    """Return the numbers that no test tells from this one."""
    return next(
        (low, high)
        for low, high in _intervals(question, tests)
        if (low is None or low <= number) and (high is None or number <= high)
    )


def _intervals(question: Question, tests: Iterable[Leaf]) -> list[Interval]:
    bounds = [test for test in tests if isinstance(test, Between)]
    cuts = {test.low for test in bounds if test.low is not None}
    cuts |= {test.high + 1 for test in bounds if test.high is not None}
    low, high = question.min, question.max
    inside = [cut for cut in sorted(cuts) if (low is None or cut > low) and (high is None or cut <= high)]
    return list(zip([low, *inside], [*(cut - 1 for cut in inside), high], strict=True))


def _nearest(interval: Interval, number: int | None) -> int:
    """Return the number of an interval that is nearest to another; without one, the lowest that there is.

    >>> _nearest((10, 19), 4), _nearest((10, 19), 40), _nearest((None, 9), None)
    (10, 19, 9)
    """
    low, high = interval
    if number is None:
        number = low if low is not None else high if high is not None else 0
    if low is not None and number < low:
        return low
    return high if high is not None and number > high else number
