"""Plans side by side, and the cause of each difference, found by replay.

Two variants of a territory, or two territories, differ by some answers. For each action that they treat differently,
the cause is the smallest set of those answers which, put into the first plan, makes it treat the action as the second
does. Sets of one answer are tried first, then pairs (two answers may only matter together), then larger ones as long as
they are not too many; beyond that one set is given of which no answer can be spared. Nothing is guessed: each cause was
replayed through the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Literal, NamedTuple

from conseil.advice import advise
from conseil.conditions import PROGRESS, FactValue, Verdict
from conseil.inference import compile_rulebook
from conseil.plan import LIVE, Item, Plan, Priority, Status, build_plan
from conseil.plan.status import DECIDING, effect_verdict
from conseil.profile import Answer, Known, Profile, known_from, progress_of
from conseil.rulebook import Rule, Rulebook, load_rulebook
from conseil.turning import Grounds, counts, irreducible, turned
from conseil.worlds import WorldsJudged, facts_behind, facts_behind_ranks, given_in, holding

__all__ = [
    "Cause",
    "Comparison",
    "Difference",
    "DifferenceKind",
    "Flip",
    "Standing",
    "Variant",
    "compare",
    "scenario_variants",
    "what_if",
]

DifferenceKind = Literal["added", "removed", "reprioritised", "reranked", "other"]

_MOST_SETS = 600
"""How many sets of a size are tried where they are judged quickly; singles and pairs are always tried."""

_MOST_PLANS = 300
"""How many where each takes a whole plan: a rank rests on every action."""

_PAIRS = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """A plan with the name under which it is compared."""

    name: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an action stands in one plan."""

    status: Status
    priority: Priority
    rank: int | None
    wave: int | None
    now: bool

    @classmethod
    def of(cls, item: Item) -> Standing:
        """Return the standing of an item."""
        return cls(item.status, item.priority, item.rank, item.wave, item.now)


@dataclass(frozen=True, slots=True)
class Flip:
    """A rule whose verdict a cause changes.

    Attributes:
        rule: the rule.
        before: its verdict in the first plan.
        after: its verdict once the answers of the cause, and no others, are put into the first plan.
        holds: whether the variant itself, with all its answers, gives that verdict too.
    """

    rule: Rule
    before: Verdict
    after: Verdict
    holds: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Answers which, put into the first plan, make it treat the action as the second does; each of them is needed.

    Attributes:
        set: what the second variant answers, by question or `progress.<action>`; `None` where it answers nothing.
        answers: the value of each of these facts in either plan, deduced where nothing was answered.
        flips: the rules of the action, or of its `prerequisites`, that the answers flip and that matter here. Where
            some of them `hold` in the variant, only these: the others are true of nobody.
        prerequisites: the actions required, directly or not, whose change of status made this one change.
        capacity: how many actions a first wave may hold, before and after, where that is what moved the action.
        follows: whether nothing of the action itself changed: it only moves because others do.
    """

    set: Mapping[str, FactValue | None]
    answers: Mapping[str, tuple[FactValue | None, FactValue | None]]
    flips: tuple[Flip, ...]
    prerequisites: tuple[str, ...]
    capacity: tuple[int, int] | None
    follows: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """An action that a variant treats otherwise than the first, and why.

    Attributes:
        action: its id.
        variant: the name of the variant.
        kind: `added` to the live actions, `removed` from them, of another status (`other`), of another priority, or of
            another rank or wave.
        before: where it stands in the first plan.
        after: where it stands in the variant.
        causes: each is enough; none where only the weights of the axes differ.
        smallest: whether no smaller set of answers does it; all sets of that size are then given.
    """

    action: str
    variant: str
    kind: DifferenceKind
    before: Standing
    after: Standing
    causes: tuple[Cause, ...]
    smallest: bool


@dataclass(frozen=True)
class Comparison:
    """Variants of which the first is what the others are compared with; `engine` is the one that replays."""

    variants: tuple[Variant, ...]
    engine: str | None = None

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook of the first plan: that of every plan, weights apart."""
        return self.variants[0].plan.rulebook

    def standings(self, action: str) -> tuple[Standing, ...]:
        """Return where an action stands in each variant."""
        return tuple(Standing.of(variant.plan.item(action)) for variant in self.variants)

    def differing(self, variant: str) -> dict[str, tuple[FactValue | None, FactValue | None]]:
        """Return the facts that a variant answers otherwise than the first, with both answers; `None` is no answer.

        Raises:
            KeyError: there is no variant of that name.

        >>> from conseil import load_profile
        >>> here = load_profile("profiles/cc-des-hautes-combes.yaml")
        >>> compare(what_if(here, {"avec du foncier": {"foncier": "bati"}})).differing("avec du foncier")
        {'foncier': ('aucun', 'bati')}
        """
        plans = {found.name: found.plan for found in self.variants}
        before, after = _facts(self.variants[0].plan.known), _facts(plans[variant].known)
        return {fact: (before.get(fact), after.get(fact)) for fact in _differing(before, after, self.rulebook)}

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """What is worth doing in every variant ("sans regret"): live in all of them, in the first one's order."""
        first = self.variants[0].plan
        return tuple(
            item.id for item in first.ranked if all(standing.status in LIVE for standing in self.standings(item.id))
        )

    @cached_property
    def ranks(self) -> Mapping[str, tuple[int | None, ...]]:
        """The rank in every variant of each action that is live in one; by rank in the first, then in the next one.

        `None` stands where it is not live, or is folded under its twin.
        """
        found = {}
        for action in self.rulebook.actions:
            standings = self.standings(action.id)
            ranks = tuple(standing.rank if standing.status in LIVE else None for standing in standings)
            if any(ranks):
                found[action.id] = ranks
        last = len(found) + 1
        return dict(sorted(found.items(), key=lambda pair: [rank or last for rank in pair[1]]))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Every difference with the first variant: by variant, then in the order of the rulebook."""
        base, *others = self.variants
        return tuple(found for other in others for found in _differences(base, other, self.engine))


def compare(profiles: Mapping[str, Profile], rulebook: Rulebook | None = None, engine: str | None = None) -> Comparison:
    """Compare the plans of several profiles, by the names that they are given; the first is the reference.

    Raises:
        InvalidProfile: a profile does not fit the rulebook.

    >>> from conseil import load_profile, shipped_profiles
    >>> here = load_profile(shipped_profiles()["cc-des-hautes-combes"])
    >>> comparison = compare(what_if(here, {"avec du foncier": {"foncier": "bati"}}))
    >>> {fact for found in comparison.differences for cause in found.causes for fact in cause.set}
    {'foncier'}
    """
    rulebook = rulebook or load_rulebook()
    plans = {name: advise(profile, rulebook, engine) for name, profile in profiles.items()}
    return Comparison(tuple(Variant(name, plan) for name, plan in plans.items()), engine)


def what_if(profile: Profile, changes: Mapping[str, Mapping[str, object]]) -> dict[str, Profile]:
    """Return a profile, under its own name, and a variant of it for each named set of answers.

    A key is a question, or `progress.<action>`. Values are read like those of a profile when the plans are made.

    >>> here = Profile(name="Ici", kind="invented", answers={"foncier": "aucun"})
    >>> {
    ...     name: made.answers["foncier"].value
    ...     for name, made in what_if(here, {"un an après": {"foncier": "bati"}}).items()
    ... }
    {'Ici': 'aucun', 'un an après': 'bati'}
    """
    return {profile.name: profile} | {name: _changed(profile, changed) for name, changed in changes.items()}


def scenario_variants(profile: Profile, rulebook: Rulebook | None = None) -> dict[str, Profile]:
    """Return the profile in each scenario of the guide, under the scenario's label; its own comes first.

    >>> [made.answers["scenario"].value for made in scenario_variants(Profile(name="Ici", kind="invented")).values()]
    ['initiatrice', 'soutien']
    """
    rulebook = rulebook or load_rulebook()
    role = rulebook.guide.roles.scenario
    question = rulebook.vocabulary[role]
    given = profile.answers.get(role)
    own = [choice for choice in question.choices if given is not None and choice.id == given.value]
    ordered = [*own, *(choice for choice in question.choices if choice not in own)]
    return {choice.label: _changed(profile, {role: choice.id}) for choice in ordered}


def _changed(profile: Profile, changed: Mapping[str, object]) -> Profile:
    answers, progress = dict(profile.answers), dict(profile.progress)
    for fact, value in changed.items():
        if fact.startswith(PROGRESS):
            progress[fact.removeprefix(PROGRESS)] = str(value)
        else:
            answers[fact] = Answer.model_validate({"value": value})
    return profile.model_copy(update={"answers": answers, "progress": progress})


# Differences and their causes


def _differences(base: Variant, other: Variant, engine: str | None) -> Iterator[Difference]:
    replays = _Replays(base.plan, other.plan, engine)
    for before, after in zip(base.plan.items, other.plan.items, strict=True):
        kind = _kind(Standing.of(before), Standing.of(after))
        if kind is not None:
            sets, smallest = replays.sets(before.id, kind)
            causes = tuple(replays.cause(facts, before.id, kind) for facts in sets)
            yield Difference(before.id, other.name, kind, Standing.of(before), Standing.of(after), causes, smallest)


def _kind(before: Standing, after: Standing) -> DifferenceKind | None:
    if before == after:
        return None
    if before.status != after.status:
        if (before.status in LIVE) != (after.status in LIVE):
            return "added" if after.status in LIVE else "removed"
        return "other"
    return "reprioritised" if before.priority != after.priority else "reranked"


Facts = tuple[str, ...]


class _Replays:
    """The first plan with some of the answers of the second: what each such set gives, and which sets are causes."""

    def __init__(self, base: Plan, other: Plan, engine: str | None) -> None:
        self.base, self.other = base, other
        self._engine = compile_rulebook(base.rulebook, engine)
        self._before, self._after = _facts(base.known), _facts(other.known)
        self._differing = _differing(self._before, self._after, base.rulebook)
        self._plans: dict[frozenset[str], Plan] = {}
        self._worlds: dict[tuple[Facts, ...], WorldsJudged] = {}

    def sets(self, action: str, kind: DifferenceKind) -> tuple[list[Facts], bool]:
        """Return the sets of answers that give a difference as far as its kind goes, and whether they are smallest."""
        behind = self._behind(action, kind)
        facts = [fact for fact in self._differing if fact in behind]
        most, always = (_MOST_PLANS, 1) if kind == "reranked" else (_MOST_SETS, _PAIRS)
        for size in range(1, len(facts) + 1):
            if comb(len(facts), size) > most and size > always:
                break
            found = self._giving(tuple(combinations(facts, size)), action, kind)
            if found:
                return found, True
        if not facts:
            return [], True  # the weights differ
        return [irreducible(facts, lambda names: bool(self._giving((names,), action, kind)))], False

    def _behind(self, action: str, kind: DifferenceKind) -> Collection[str]:
        """Return the facts that can matter to a difference: no other is tried."""
        if kind == "reranked":
            return self._behind_ranks
        rulebook = self.base.rulebook
        return facts_behind(rulebook, rulebook.by_id[action], scored=kind == "reprioritised")

    @cached_property
    def _behind_ranks(self) -> frozenset[str]:
        return facts_behind_ranks(self.base.rulebook)

    def _giving(self, sets: tuple[Facts, ...], action: str, kind: DifferenceKind) -> list[Facts]:
        """Return which sets give a difference."""
        wanted = self.other.item(action)
        if kind == "reranked":
            return [facts for facts in sets if _place(self._plan(facts).item(action)) == _place(wanted)]
        judged = self._judged(sets)
        giving = judged.statuses(action)[wanted.status]
        if kind == "reprioritised":
            giving &= judged.priorities(action).get(wanted.priority, 0)
        return [facts for place, facts in enumerate(sets) if giving >> place & 1]

    def _judged(self, sets: tuple[Facts, ...]) -> WorldsJudged:
        """Return worlds in which the first plan has these answers of the second."""
        if sets not in self._worlds:
            every = (1 << len(sets)) - 1
            made = ((fact, self._after.get(fact), places) for fact, places in holding(sets).items())
            self._worlds[sets] = WorldsJudged(self.base.rulebook, given_in(self._before, made, every), every)
        return self._worlds[sets]

    def _plan(self, facts: Facts) -> Plan:
        """Return the first plan with these answers taken from the second."""
        key = frozenset(facts)
        if key not in self._plans:
            known = _merged(self.base.known, {fact: self._after.get(fact) for fact in key}, self.base.rulebook)
            self._plans[key] = build_plan(self.base.rulebook, self.base.profile, known, self._engine.infer(known))
        return self._plans[key]

    def cause(self, facts: Facts, action: str, kind: DifferenceKind) -> Cause:
        """Replay a set of answers, and see which rules it flips."""
        after = self._plan(facts)
        answers = {fact: (self.base.facts.get(fact), self.other.facts.get(fact)) for fact in facts}
        found, through = _why(self.base, after, action, kind)
        flips = [Flip(*flip, self.other.inference.rules[flip.rule.id] is flip.after) for flip in found]
        capacity = self._capacity(after, action) if kind == "reranked" and not flips else None
        return Cause(
            set={fact: self._after.get(fact) for fact in facts},
            answers=answers,
            flips=tuple(flip for flip in flips if flip.holds) or tuple(flips),
            prerequisites=tuple(dict.fromkeys(through)),
            capacity=capacity,
            follows=kind == "reranked" and not (flips or through or capacity),
        )

    def _capacity(self, after: Plan, action: str) -> tuple[int, int] | None:
        """Return both capacities where they differ, and the action keeps its rank."""
        before, now = self.base.item(action), after.item(action)
        same = (before.rank, before.wave) == (now.rank, now.wave) and self.base.capacity == after.capacity
        moved = (before.rank, before.wave) != (now.rank, now.wave)
        return None if same or moved else (self.base.capacity, after.capacity)


class _Flip(NamedTuple):
    """A rule, and its verdicts in the first plan and with the answers of a cause."""

    rule: Rule
    before: Verdict
    after: Verdict


def _place(item: Item) -> tuple[int | None, int | None, bool]:
    return item.rank, item.wave, item.now


def _why(before: Plan, after: Plan, action: str, kind: DifferenceKind) -> tuple[list[_Flip], list[str]]:
    """Return the rules whose flip matters for a difference, and the prerequisites through which it came."""
    match kind:
        case "added" | "removed" | "other":
            return _why_status(before, after, action)
        case "reprioritised":
            return _pointed(before, after, action), []
        case "reranked":
            flips, through = _pointed(before, after, action), list[str]()
            states = [{need.action: need.state for need in plan.item(action).requires} for plan in (before, after)]
            for needed in states[0]:
                if states[0][needed] != states[1][needed]:
                    more, further = _why_status(before, after, needed)
                    flips, through = [*flips, *more], [*through, needed, *further]
            return flips, through


def _pointed(before: Plan, after: Plan, action: str) -> list[_Flip]:
    """Return the flips of an action that move its score."""
    return [flip for flip in _flips(before, after, action) if flip.rule.has_points]


def _why_status(before: Plan, after: Plan, action: str) -> tuple[list[_Flip], list[str]]:
    grounds = turned(_grounds(before, action), _grounds(after, action))
    verdicts = {effect: effect_verdict(after.item(action).action, effect, after.inference.rules) for effect in DECIDING}
    flips = [
        flip
        for flip in _flips(before, after, action)
        if flip.rule.effect in grounds and counts(flip.before, flip.after, verdicts[flip.rule.effect])
    ]
    through: list[str] = []
    for needed in before.item(action).action.requires if "requires" in grounds else ():
        if before.item(needed.action).possible != after.item(needed.action).possible:
            more, further = _why_status(before, after, needed.action)
            flips, through = [*flips, *more], [*through, needed.action, *further]
    return flips, through


def _grounds(plan: Plan, action: str) -> Grounds:
    item = plan.item(action)
    verdicts = {effect: effect_verdict(item.action, effect, plan.inference.rules) for effect in DECIDING}
    requires = tuple((needed.state, plan.item(needed.action).possible) for needed in item.requires)
    return Grounds(item.progress, verdicts["exclude"], verdicts["recommend"], verdicts["defer"], requires)


def _flips(before: Plan, after: Plan, action: str) -> Iterator[_Flip]:
    for rule in before.rulebook.by_id[action].rules:
        verdicts = before.inference.rules[rule.id], after.inference.rules[rule.id]
        if verdicts[0] is not verdicts[1]:
            yield _Flip(rule, *verdicts)


def _facts(known: Known) -> dict[str, FactValue]:
    return known.given | {PROGRESS + action: state for action, state in known.progress.items()}


def _differing(before: Mapping[str, FactValue], after: Mapping[str, FactValue], rulebook: Rulebook) -> list[str]:
    """Return the facts that are not answered alike, in the order of the vocabulary."""
    both = rulebook.vocabulary.ordered({**before, **after})
    return [fact for fact in both if before.get(fact) != after.get(fact)]


def _merged(known: Known, changed: Mapping[str, FactValue | None], rulebook: Rulebook) -> Known:
    """Return what is known once these facts are replaced, or taken out where they are `None`."""
    facts = {fact: value for fact, value in {**_facts(known), **changed}.items() if value is not None}
    answers = {fact: value for fact, value in facts.items() if not fact.startswith(PROGRESS)}
    return known_from(answers, progress_of(facts), rulebook)
