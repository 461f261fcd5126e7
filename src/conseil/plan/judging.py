"""The status, wave and score of every action, before any of them is ranked.

They rest on few things: the verdicts of the action's own rules, its progress, and what became of its prerequisites. The
same ones come back from one territory to the next, so what was judged is kept, part by part, within a bound.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import accumulate, pairwise, repeat
from operator import getitem, itemgetter
from struct import Struct
from typing import Any, Literal, NamedTuple, TypeVar

from conseil.conditions import Verdict
from conseil.inference import Inference, Verdicts
from conseil.plan.score import Counted, Points, Priority, Score, Scored, Worth
from conseil.plan.status import (
    DECIDING,
    POSSIBLE,
    Requirement,
    RequirementState,
    Status,
    requirement_state,
    statuses_left,
)
from conseil.profile import Known, Progress
from conseil.rulebook import Action, Rule, Rulebook

__all__ = ["Bearing", "Item", "Judged", "Reason", "State", "forget", "items_of", "judge"]

_MOST_KEPT, _LEAST_KEPT = 30_000, 32
"""What is kept of a rulebook in the tables of each kind, and in any table: memory stays flat whatever comes."""

_MOST_TABLES = 300
"""How many actions have tables of their reasons: with more, too little would be kept of each to come again."""

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


class Reason(NamedTuple):
    """A rule of an action and its verdict; `Plan.cites` tells the facts that made it."""

    rule: Rule
    verdict: Verdict


class Bearing(NamedTuple):
    """What of an action matters to those that require it.

    Attributes:
        state: what it means for them.
        may_defer: whether it is, or may turn out, deferred.
        wave: the one in which it comes, or would if it is to confirm; 0 where nothing is waited for.
    """

    state: RequirementState
    may_defer: bool
    wave: int


class Own(NamedTuple):
    """What an action says of itself: the verdict of each effect on which a status rests, and its progress."""

    exclude: Verdict
    recommend: Verdict
    defer: Verdict
    progress: Progress | None


class State(NamedTuple):
    """What becomes of an action; `Item` tells the other fields.

    Attributes:
        own: what it rests on, but for prerequisites.
        bearing: what of it matters to the actions that require it.
    """

    own: Own
    status: Status
    possible: tuple[Status, ...]
    requires: tuple[Requirement, ...]
    bearing: Bearing


class Item(NamedTuple):
    """An action in a plan; `Plan.cites` and `Plan.missing` say more of it.

    Attributes:
        action: the action of the rulebook.
        state: what becomes of it; its fields can be read here too.
        scored: what it is worth; its fields can be read here too.
        reasons: its rules and their verdicts, those that recommend it first.
        rank: place in the plan (live actions), or in the list of actions to confirm; `None` for the others.
        wave: 1 for what can be launched first; `None` for what has no rank among the live actions.
        now: whether it is among "À lancer maintenant".
        lead: the action under which this one is folded, as its twin.
        folded: the twins that are folded under this one.
    """

    action: Action
    state: State
    scored: Scored
    reasons: tuple[Reason, ...]
    rank: int | None = None
    wave: int | None = None
    now: bool = False
    lead: str | None = None
    folded: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The action's id."""
        return self.action.id

    @property
    def status(self) -> Status:
        """What becomes of it; see `plan.status`."""
        return self.state.status

    @property
    def possible(self) -> tuple[Status, ...]:
        """What it can turn out to be; one status, unless it is `to_confirm`."""
        return self.state.possible

    @property
    def score(self) -> Score:
        """See `plan.score`."""
        return self.scored.score

    @property
    def priority(self) -> Priority:
        """The priority of its total."""
        return self.scored.priority

    @property
    def certain(self) -> bool:
        """Whether no answer can change the status or the priority; news of the progress of actions apart."""
        return self.scored.settled and self.state.status != "to_confirm"

    @property
    def requires(self) -> tuple[Requirement, ...]:
        """Its prerequisites and what they are here."""
        return self.state.requires

    @property
    def essential(self) -> bool:
        """Whether the guide calls it primordial."""
        return self.scored.essential

    @property
    def progress(self) -> Literal["todo", "doing", "done", "unknown"]:
        """What is known of its progress."""
        return self.state.own.progress or "unknown"


class Judged(NamedTuple):
    """What is known of the actions before they are compared: each part of their items, in the order of the rulebook.

    Attributes:
        leads: of each twin, its place and that of its lead.
    """

    actions: Sequence[Action]
    states: Sequence[State]
    scored: Sequence[Scored]
    reasons: Sequence[tuple[Reason, ...]]
    leads: Mapping[int, int]

    def by_id(self) -> dict[str, Item]:
        """Return the actions by their id, as if none had a rank."""
        unranked = map(repeat, Item._field_defaults.values())
        items = items_of(self.actions, self.states, self.scored, self.reasons, *unranked)
        return {item.id: item for item in items}


def items_of(*fields: Iterable[Any]) -> Iterator[Item]:
    """Make items of what each of their fields holds in turn; to call `Item` would take twice as long."""
    return map(partial(tuple.__new__, Item), zip(*fields, strict=False))


def judge(rulebook: Rulebook, known: Known, inference: Inference) -> Judged:
    """Return the status, wave and score of every action."""
    return _judge_of(rulebook).judged(Verdicts.of(inference.rules, rulebook.rule_places), known.progress)


class _Judge:
    """Judges the actions of a rulebook, which it does not hold, or that would never be let go.

    Each part of an item rests on the verdicts of some rules of its action. It is looked up by these, and most of what
    comes was seen before, however new the territory. Where all actions are looked up, `map` does it: a loop of Python
    takes longer than what it looks up.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._actions = rulebook.actions
        self._names = tuple(rulebook.by_id)
        rules = rulebook.rules.values()
        self._deciding = _bytes_of(rule.effect in DECIDING for rule in rules)
        self._pointed = _bytes_of(rule.has_points for rule in rules)
        self._of_actions = Struct("".join(f"{len(action.rules)}s" for action in self._actions)).unpack
        """Cuts what has a byte for each rule into what each action has of it."""
        self._alone = _tables([_Alone.of(action) for action in self._actions])
        self._worth = _Table[Counted, Scored](Worth(rulebook), _MOST_KEPT)
        self._scored = _tables([_Scoring(Points.of(action, rulebook), self._worth) for action in self._actions])
        self._told: _Kept | _Cut = (
            _Cut(rulebook) if len(self._actions) > _MOST_TABLES else _Kept(rulebook, self._of_actions)
        )
        places = {name: place for place, name in enumerate(self._names)}
        self._leads = {places[name]: places[lead] for name, lead in rulebook.lead_of.items()}
        required = [(one.id, tuple(needed.action for needed in one.requires)) for one in rulebook.prerequisites_first]
        self._requiring = [(places[one], names, [places[name] for name in names]) for one, names in required if names]

    def judged(self, verdicts: Verdicts[str], progress: Mapping[str, Progress]) -> Judged:
        """Look up each part; what requires others is judged again, in turn, once it is known how these stand."""
        digits = verdicts.digits()
        number, size = int.from_bytes(digits, "little"), len(digits)
        deciding = self._of_actions((number & self._deciding).to_bytes(size, "little"))
        pointed = self._of_actions((number & self._pointed).to_bytes(size, "little"))
        states = list(map(getitem, self._alone, zip(deciding, map(progress.get, self._names), strict=True)))
        for place, names, requires in self._requiring:
            states[place] = _state(states[place].own, names, tuple([states[one].bearing for one in requires]))
        scored = list(map(getitem, self._scored, pointed))
        reasons = self._told.of_each(digits)
        return Judged(self._actions, states, scored, reasons, self._leads)

    def forget(self) -> None:
        tables: list[_Table[Any, Any]] = [self._worth, *self._alone, *self._scored, *self._told.tables]
        for table in tables:
            table.clear()


class _Table(dict[_K, _T]):
    """What was found for the keys that came, as long as they are not too many."""

    def __init__(self, find: Callable[[_K], _T], most: int) -> None:
        super().__init__()
        self._find = find
        self._most = most

    def __missing__(self, key: _K) -> _T:
        found = self._find(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = found
        return found


def _tables(finders: Sequence[Callable[[_K], _T]]) -> list[_Table[_K, _T]]:
    """Return a table for each finder; equal ones, of actions whose rules are alike, share one."""
    distinct = dict.fromkeys(finders)
    most = max(_LEAST_KEPT, _MOST_KEPT // max(1, len(distinct)))
    tables = {find: _Table(find, most) for find in distinct}
    return [tables[find] for find in finders]


def _bytes_of(chosen: Iterable[bool]) -> int:
    """Return a number with all bits of the bytes of these rules, to cut theirs out of `Verdicts.digits`."""
    return int.from_bytes(bytes(0xFF * one for one in chosen), "little")


@dataclass(frozen=True, slots=True)
class _Alone:
    """Finds what would become of an action if it required nothing, from the lowest bits of its rules of each effect."""

    effects: tuple[int, ...]

    @classmethod
    def of(cls, action: Action) -> _Alone:
        bits = [(1 << 8 * place, rule.effect) for place, rule in enumerate(action.rules)]
        return cls(tuple(sum(bit for bit, effect in bits if effect == deciding) for deciding in DECIDING))

    def __call__(self, key: tuple[bytes, Progress | None]) -> State:
        true = int.from_bytes(key[0], "little")
        unknown = true >> 1  # a byte is 1 for what is true, 2 for what is unknown
        exclude, recommend, defer = [True if true & own else None if unknown & own else False for own in self.effects]
        return _state(Own(exclude, recommend, defer, key[1]), (), ())


@dataclass(frozen=True, slots=True)
class _Scoring:
    """Finds the score of an action; many actions have the same points, and share what these are worth."""

    points: Points
    worth: _Table[Counted, Scored] = field(compare=False)

    def __call__(self, verdicts: bytes) -> Scored:
        return self.worth[self.points(verdicts)]


class _Kept:
    """The reasons of each action, in a table for each: few actions, of which the same verdicts come again."""

    def __init__(self, rulebook: Rulebook, of_actions: Callable[[bytes], Iterable[bytes]]) -> None:
        self._of_actions = of_actions
        most = max(_LEAST_KEPT, _MOST_KEPT // max(1, len(rulebook.actions)))
        self.tables = [_Table(_Told.of(action), most) for action in rulebook.actions]

    def of_each(self, digits: bytes) -> list[tuple[Reason, ...]]:
        return list(map(getitem, self.tables, self._of_actions(digits)))


class _Cut:
    """The reasons of each action, cut out of those of all: many actions, for which tables would miss more than hit."""

    tables: Sequence[_Table[bytes, tuple[Reason, ...]]] = ()

    def __init__(self, rulebook: Rulebook) -> None:
        told = [rule for action in rulebook.actions for rule in action.rules_by_effect]
        self._in_order = itemgetter(*[rulebook.rule_places[rule.id] for rule in told])
        self._reasons = [_reasons(rule) for rule in told]
        ends = accumulate(len(action.rules) for action in rulebook.actions)
        self._of_actions = [slice(start, end) for start, end in pairwise([0, *ends])]

    def of_each(self, digits: bytes) -> list[tuple[Reason, ...]]:
        told: tuple[Reason, ...] = tuple(map(getitem, self._reasons, self._in_order(digits)))
        return [told[own_rules] for own_rules in self._of_actions]


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """Finds the reasons of an action: of each rule, as they are told, those for each verdict, and its place."""

    reasons: tuple[tuple[Reason, ...], ...]
    places: tuple[int, ...]

    @classmethod
    def of(cls, action: Action) -> _Told:
        places = {rule.id: place for place, rule in enumerate(action.rules)}
        told = action.rules_by_effect
        return cls(tuple(map(_reasons, told)), tuple(places[rule.id] for rule in told))

    def __call__(self, verdicts: bytes) -> tuple[Reason, ...]:
        return tuple([reasons[verdicts[place]] for reasons, place in zip(self.reasons, self.places, strict=True)])


def _reasons(rule: Rule) -> tuple[Reason, ...]:
    """Return the reasons that a rule can be, by the digit of its verdict: see `Verdicts.digits`."""
    return Reason(rule, False), Reason(rule, True), Reason(rule, None)  # noqa: FBT003 - verdicts


@lru_cache(maxsize=4_096)
def _state(own: Own, requires: tuple[str, ...], before: tuple[Bearing, ...]) -> State:
    """Return what becomes of an action, from how those that it requires stand."""
    possible: tuple[Status, ...]
    if own.progress == "done":
        possible = ("done",)
    elif own.progress == "doing":
        possible = ("in_progress",)
    else:
        required = [(one.state, POSSIBLE if one.may_defer else ()) for one in before]
        possible = statuses_left(own.exclude, own.recommend, own.defer, required)
    status: Status = possible[0] if len(possible) == 1 else "to_confirm"
    means = requirement_state(status)
    wave = 1 + max([one.wave for one in before], default=0) if means in {"live", "to_confirm"} else 0
    bearing = Bearing(means, "deferred" in possible, wave)
    return State(own, status, possible, tuple(map(Requirement, requires, [one.state for one in before])), bearing)


_judges: dict[int, _Judge] = {}


def forget() -> None:
    """Forget what was judged, whatever the rulebook: nothing but time is lost."""
    _state.cache_clear()
    for one in _judges.values():
        one.forget()


def _judge_of(rulebook: Rulebook) -> _Judge:
    """Return the judge of a rulebook, which lasts as long as it does."""
    found = _judges.get(id(rulebook))
    if found is None:
        found = _judges[id(rulebook)] = _Judge(rulebook)
        weakref.finalize(rulebook, _judges.pop, id(rulebook), None)
    return found
