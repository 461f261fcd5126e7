"""Which rules made the difference between what a case expects and what its plan says.

Where an action was to be recommended and is excluded, it is the rule that excludes; where it is not retained, the rules
that could recommend it, and what each lacks. What is said is what an explanation would say (`explanation`), chosen by
what was expected: the status that was got follows from the first of progress, exclusion, recommendation, obstacle and
prerequisites that settles it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conseil.authoring.cases import CaseResult, Mismatch
from conseil.conditions import FactValue, Not, Verdict, cited
from conseil.explanation import Change, Explanation, explain
from conseil.plan import LIVE, Item, Plan, Reason, Status
from conseil.rulebook import Effect, Rule
from conseil.sentences import (
    STATUSES,
    answer_words,
    fact_named,
    fact_sentence,
    listed,
    shortfall,
)

__all__ = ["Decider", "Difference", "answers_sentence", "difference"]

_MOST_RULES = 5
"""How many rules that could have turned are shown: those that lack least."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A rule that made the difference.

    Attributes:
        rule: the rule.
        verdict: what it is here.
        facts: the facts that make it so, or that it waits for.
        lacks: what would have to be otherwise for it to turn, each to read after "il faudrait", in French; none where
            no answer could do it, or where it waits.
    """

    rule: Rule
    verdict: Verdict
    facts: tuple[str, ...]
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a plan does not say what was expected of it.

    Attributes:
        mismatch: what was expected, and what was got.
        deciders: the rules that made the difference, the most telling first; all of them where they are true, the
            nearest where they are not.
        remarks: what else made it, in French.
        nearest: the smallest set of answers that gives what was expected; nothing where none was found.
    """

    mismatch: Mismatch
    deciders: tuple[Decider, ...]
    remarks: tuple[str, ...]
    nearest: Mapping[str, FactValue] | None


def difference(result: CaseResult, mismatch: Mismatch) -> Difference:
    """Return why a case does not hold, in one of its mismatches."""
    plan = result.plan
    if mismatch.action is None:
        roles = plan.rulebook.guide.roles
        facts = [fact_sentence(plan, fact) for fact in (roles.scenario, roles.stage)]
        return Difference(mismatch, (), (f"Elle suit de deux réponses. {' ; '.join(facts)}.",), None)
    explanation = explain(plan, mismatch.action)
    wanted: tuple[Status, ...] = mismatch.wanted
    if mismatch.key in {"decisions", "now"} and explanation.item.status not in LIVE:
        wanted = ("recommended",)
    return Difference(
        mismatch,
        tuple(_deciders(explanation, mismatch, wanted)),
        tuple(_remarks(explanation, mismatch)),
        _nearest(explanation, wanted),
    )


def _deciders(explanation: Explanation, mismatch: Mismatch, wanted: tuple[Status, ...]) -> Iterator[Decider]:
    if mismatch.rule is not None:
        named = next(reason for reason in explanation.reasons if reason.rule.id == mismatch.rule)
        if not named.verdict:
            yield _decider(explanation, named)
    item = explanation.item
    if wanted and item.status not in {"done", "in_progress"}:
        yield from _of_status(explanation, mismatch, wanted)
    elif mismatch.key in {"decisions", "now"}:  # it is live, and others come before it
        yield from _weighing(explanation)
    elif mismatch.key == "deferred" or (mismatch.key == "not_decisions" and item.status in LIVE):
        effect: Effect = "defer" if mismatch.key == "deferred" else "recommend"
        yield from _turning(explanation, effect, true=True)


def _of_status(explanation: Explanation, mismatch: Mismatch, wanted: tuple[Status, ...]) -> Iterator[Decider]:
    """Walk the rules that would have to turn for one of the statuses that were wanted, by the status that was got."""
    match explanation.item.status:
        case "to_confirm":
            yield from (_decider(explanation, reason) for reason in explanation.deciding if reason.verdict is None)
        case _ if wanted == ("excluded",):
            yield from _turning(explanation, "exclude", true=False)
        case "excluded":
            yield from _turning(explanation, "exclude", true=True)
        case "not_retained":
            yield from _turning(explanation, "recommend", true=False)
        case "deferred" if wanted != ("not_retained",):
            yield from _turning(explanation, "defer", true=True)
        case _ if mismatch.key != "deferred":  # else the obstacle that was named has been said
            yield from _turning(explanation, "recommend", true=True)


def _turning(explanation: Explanation, effect: Effect, *, true: bool) -> Iterator[Decider]:
    """Walk the rules of an effect that are true, which all have to go; or those that are not, the nearest first."""
    found = [
        _decider(explanation, reason)
        for reason in explanation.reasons
        if reason.rule.effect == effect and reason.verdict is true
    ]
    if not true:
        found = sorted(found, key=lambda decider: (not decider.lacks, len(decider.lacks)))[:_MOST_RULES]
    yield from found


def _weighing(explanation: Explanation) -> Iterator[Decider]:
    """Walk the rules that take points, then those that would have added some, the nearest first."""
    for true in (True, False):
        moving = [reason for reason in explanation.reasons if reason.verdict is true]
        moving = [reason for reason in moving if any(_lifts(explanation, reason.rule, up=not true))]
        found = [_decider(explanation, reason) for reason in moving]
        yield from sorted(found, key=lambda decider: (not decider.lacks, len(decider.lacks)))[:_MOST_RULES]


def _lifts(explanation: Explanation, rule: Rule, *, up: bool) -> Iterator[bool]:
    """Say of each axis whether a rule that counts there moves it up, or down."""
    yield from (points > 0 if up else points < 0 for points in explanation.points(rule).values())


def _decider(explanation: Explanation, reason: Reason) -> Decider:
    plan, rule = explanation.plan, reason.rule
    lacks: list[str] = []
    if reason.verdict is not None:
        lacks = shortfall(plan, Not(rule.when) if reason.verdict else rule.when)
    facts = explanation.cites(reason) if reason.verdict is not None else cited(rule.when, plan.facts)
    return Decider(rule, reason.verdict, tuple(plan.rulebook.vocabulary.ordered(facts)), tuple(lacks))


def _remarks(explanation: Explanation, mismatch: Mismatch) -> Iterator[str]:
    plan, item = explanation.plan, explanation.item
    if item.status in {"done", "in_progress"} and mismatch.key not in {"warns", "adapted"}:
        yield f"Le cas dit que cette action est {STATUSES[item.status]}, et cela passe avant les règles."
    if mismatch.wanted or mismatch.key == "deferred":
        yield from _of_prerequisites(plan, item)
    if "excluded" in mismatch.wanted and not any(rule.effect == "exclude" for rule in item.action.rules):
        yield "Aucune règle ne peut écarter cette action."
    if mismatch.key in {"decisions", "not_decisions", "now"}:
        yield from _of_place(plan, item, mismatch)


def _of_prerequisites(plan: Plan, item: Item) -> Iterator[str]:
    for needed in item.requires:
        other = plan.item(needed.action)
        if needed.state in {"deferred", "to_confirm"}:
            yield f"Elle suppose « {other.action.title} », qui est {STATUSES[other.status]}."


def _of_place(plan: Plan, item: Item, mismatch: Mismatch) -> Iterator[str]:
    chosen = plan.now if mismatch.key == "now" else plan.decisions
    named = listed(f"« {one.action.title} »" for one in chosen)
    what = "À lancer maintenant" if mismatch.key == "now" else "Les décisions"
    yield f"{what}, ici : {named}." if chosen else f"{what}, ici : aucune."
    if item.status in LIVE and item.wave and item.wave > 1:
        before = [plan.item(needed.action) for needed in item.requires if needed.state in {"live", "to_confirm"}]
        yield f"Elle attend d’abord {listed(f'« {one.action.title} »' for one in before)}."
    elif item.status in LIVE and mismatch.key != "not_decisions":
        yield f"Son total est de {item.score.total} sur 100 ; d’autres, plus hauts, passent avant elle."
    if item.lead is not None:
        yield f"Elle est dite avec « {plan.item(item.lead).action.title} », que le guide cite aussi."


def _nearest(explanation: Explanation, wanted: tuple[Status, ...]) -> Mapping[str, FactValue] | None:
    """Return the smallest set of answers that gives one of some statuses."""
    if not wanted or explanation.item.status in {"done", "in_progress"}:
        return None
    ways: list[Change] = [*explanation.answers, *explanation.changes]
    fitting = [way for way in ways if way.gives in wanted]
    return min(fitting, key=lambda way: len(way.set)).set if fitting else None


def answers_sentence(plan: Plan, answers: Mapping[str, FactValue]) -> str:
    """Say some answers.

    >>> from conseil import advise, load_profile
    >>> plan = advise(load_profile("profiles/cc-des-hautes-combes.yaml"))
    >>> answers_sentence(plan, {"foncier": "bati"})
    '« Foncier disponible » : un bâtiment (friche comprise)'
    """
    rulebook = plan.rulebook
    return " ; ".join(
        f"{fact_named(rulebook, fact)} : {answer_words(rulebook, fact, value)}" for fact, value in answers.items()
    )
