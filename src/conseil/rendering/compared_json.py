"""Comparisons, robustness and evolutions as JSON: contracts with other applications.

Their schemas are `docs/comparison.schema.json`, `docs/robustness.schema.json` and `docs/evolution.schema.json`. They
are written as a plan is (see `export`). All keys are always present.
"""

from __future__ import annotations

from collections.abc import Mapping

from conseil.authority import Basis
from conseil.comparison import Cause, Comparison, Difference, DifferenceKind, Flip, Standing, Variant
from conseil.conditions import FactValue, Verdict
from conseil.contract import Contract
from conseil.evolution import Evolution, Moved, Origin, Outcome, Turn
from conseil.exported import (
    ExportedFact,
    ExportedProfile,
    ExportedRulebook,
    ExportedWarning,
    VerdictWord,
    export,
    export_profile,
    export_rulebook,
    written_value,
)
from conseil.plan import Plan, Priority, Status
from conseil.robustness import Crossing, Fate, Member, Robustness, Sensitivity
from conseil.rulebook import Effect, Rulebook
from conseil.rulebook.model import Weights

__all__ = [
    "ExportedComparison",
    "ExportedEvolution",
    "ExportedRobustness",
    "export_comparison",
    "export_evolution",
    "export_robustness",
]


class ExportedShares(Contract):
    """The share of each axis in the total, in percent; `own` where it is that of the rules."""

    impact: int
    feasibility: int
    own: bool


class ExportedGap(Contract):
    """What was answered in the first plan, and in this one; `unknown` where nothing was."""

    before: ExportedFact
    after: ExportedFact


class ExportedVariant(Contract):
    """A plan that is compared, by the name that it is given; `answers` are those that differ from the first plan's."""

    name: str
    profile: ExportedProfile
    answers: dict[str, ExportedGap]
    weights: ExportedShares
    capacity: int
    warnings: tuple[ExportedWarning, ...]


class ExportedStanding(Contract):
    """Where an action stands in a plan; `lead` is the action under which it is folded."""

    status: Status
    priority: Priority
    rank: int | None
    wave: int | None
    now: bool
    lead: str | None


class ExportedRow(Contract):
    """An action in every variant, in their order."""

    action: str
    step: str
    title: str
    standings: tuple[ExportedStanding, ...]


class ExportedShift(Contract):
    """The value of a fact in either plan, deduced where nothing was answered; `null` where it is not known."""

    before: ExportedFact
    after: ExportedFact


class ExportedFlip(Contract):
    """A rule whose verdict the answers flip; `holds` where the variant itself, with all its answers, agrees."""

    rule: str
    action: str
    effect: Effect
    before: VerdictWord
    after: VerdictWord
    holds: bool
    because: str
    basis: Basis


class ExportedCapacity(Contract):
    """How many actions a first wave may hold."""

    before: int
    after: int


class ExportedCause(Contract):
    """Answers that are enough together, and of which none can be spared.

    `set` is what the variant answers (`unknown` where it answers nothing): put into the first plan, it gives the
    difference. `follows` says that the action only moves because others do.
    """

    set: dict[str, ExportedFact]
    answers: dict[str, ExportedShift]
    rules: tuple[ExportedFlip, ...]
    prerequisites: tuple[str, ...]
    capacity: ExportedCapacity | None
    follows: bool


class ExportedDifference(Contract):
    """An action that a variant treats otherwise than the first. Each cause is enough; without any, the weights differ.

    `smallest` says that no smaller set of answers does it, and that all of this size are given.
    """

    action: str
    variant: str
    kind: DifferenceKind
    before: ExportedStanding
    after: ExportedStanding
    causes: tuple[ExportedCause, ...]
    smallest: bool


class ExportedComparison(Contract):
    """Plans side by side: the first is what the others are compared with."""

    rulebook: ExportedRulebook
    variants: tuple[ExportedVariant, ...]
    shared: tuple[str, ...]
    actions: tuple[ExportedRow, ...]
    differences: tuple[ExportedDifference, ...]


class ExportedMember(Contract):
    """One of the first actions, what missing answers can do to it, and the weights of impact that keep it there."""

    action: str
    title: str
    rank: int
    fate: Fate
    witness: dict[str, ExportedFact]
    weights: tuple[int, ...]


class ExportedRange(Contract):
    """Whole weights of impact, in percent, both bounds included."""

    low: int
    high: int


class ExportedCrossing(Contract):
    """Two actions of which `second` comes before `first` under the weights of impact that these ranges hold."""

    first: str
    second: str
    ranges: tuple[ExportedRange, ...]


class ExportedSensitivity(Contract):
    """The answer to an unknown question that changes most of the first actions by itself."""

    question: str
    value: ExportedFact
    leaves: tuple[str, ...]
    enters: tuple[str, ...]


class ExportedRobustness(Contract):
    """What would hold of a plan's first actions, whatever is answered and however the axes are weighed."""

    rulebook: ExportedRulebook
    profile: ExportedProfile
    weights: ExportedShares
    warnings: tuple[ExportedWarning, ...]
    unknown: tuple[str, ...]
    first: tuple[ExportedMember, ...]
    questions: tuple[ExportedSensitivity, ...]
    crossings: tuple[ExportedCrossing, ...]


class ExportedSince(Contract):
    """The value of a fact then and today; `noted` is false where the old plan does not have it."""

    before: ExportedFact
    after: ExportedFact
    noted: bool


class ExportedTurn(Contract):
    """A rule that turned the status, and why: the answers, or the rule itself. A rule that is not there is `false`."""

    rule: str
    effect: Effect
    before: VerdictWord
    after: VerdictWord
    because: str
    basis: Basis
    origin: Origin


class ExportedMove(Contract):
    """An action whose status is no longer what it was; `null` where the rules of one day do not have the action."""

    action: str
    title: str
    outcome: Outcome
    before: Status | None
    after: Status | None
    answers: dict[str, ExportedSince]
    rules: tuple[ExportedTurn, ...]
    deductions: tuple[str, ...]
    prerequisites: tuple[str, ...]


class ExportedDay(Contract):
    """A plan of one day: what made it."""

    rulebook: ExportedRulebook
    profile: ExportedProfile
    warnings: tuple[ExportedWarning, ...]


class ExportedEvolution(Contract):
    """What has become of a plan."""

    before: ExportedDay
    after: ExportedDay
    moved: tuple[ExportedMove, ...]


def _word(verdict: Verdict) -> VerdictWord:
    return "unknown" if verdict is None else "true" if verdict else "false"


def _shares(plan: Plan, own: Weights | None) -> ExportedShares:
    used = plan.rulebook.guide.score.weights
    return ExportedShares(impact=used.impact, feasibility=used.feasibility, own=own in {None, used})


def export_comparison(comparison: Comparison, own: Weights | None = None) -> ExportedComparison:
    """Return a comparison in the form that crosses the border; `.model_dump_json()` makes it text.

    Args:
        comparison: the comparison.
        own: the weights of the rules, where the plans were made with others.

    >>> from conseil import compare, load_profile, scenario_variants
    >>> here = load_profile("profiles/cc-des-hautes-combes.yaml")
    >>> exported = export_comparison(compare(scenario_variants(here)))
    >>> [variant.name for variant in exported.variants]
    ['la collectivité soutient un projet qui existe', 'la collectivité initie le projet']
    >>> {difference.kind for difference in exported.differences} >= {"added", "removed"}
    True
    """
    plans = {variant.name: variant.plan for variant in comparison.variants}
    first = comparison.variants[0].plan
    return ExportedComparison(
        rulebook=export_rulebook(first.rulebook),
        variants=tuple(_variant(comparison, variant, own) for variant in comparison.variants),
        shared=comparison.shared,
        actions=tuple(
            ExportedRow(
                action=action.id,
                step=action.step,
                title=action.title,
                standings=tuple(_standing(plan, action.id) for plan in plans.values()),
            )
            for action in comparison.rulebook.actions
        ),
        differences=tuple(_difference(first, plans[found.variant], found) for found in comparison.differences),
    )


def _variant(comparison: Comparison, variant: Variant, own: Weights | None) -> ExportedVariant:
    book = comparison.rulebook
    return ExportedVariant(
        name=variant.name,
        profile=export_profile(variant.plan),
        answers={
            fact: ExportedGap(before=_answer(book, fact, before), after=_answer(book, fact, after))
            for fact, (before, after) in comparison.differing(variant.name).items()
        },
        weights=_shares(variant.plan, own),
        capacity=variant.plan.capacity,
        warnings=export(variant.plan).warnings,
    )


def _standing(plan: Plan, action: str) -> ExportedStanding:
    item = plan.item(action)
    found = Standing.of(item)
    return ExportedStanding(
        status=found.status,
        priority=found.priority,
        rank=found.rank,
        wave=found.wave,
        now=found.now,
        lead=item.lead,
    )


def _difference(first: Plan, plan: Plan, found: Difference) -> ExportedDifference:
    return ExportedDifference(
        action=found.action,
        variant=found.variant,
        kind=found.kind,
        before=_standing(first, found.action),
        after=_standing(plan, found.action),
        causes=tuple(_cause(first, cause) for cause in found.causes),
        smallest=found.smallest,
    )


def _cause(plan: Plan, cause: Cause) -> ExportedCause:
    book = plan.rulebook
    return ExportedCause(
        set={fact: _answer(book, fact, value) for fact, value in cause.set.items()},
        answers={
            fact: ExportedShift(before=written_value(book, fact, before), after=written_value(book, fact, after))
            for fact, (before, after) in cause.answers.items()
        },
        rules=tuple(_flip(flip) for flip in cause.flips),
        prerequisites=cause.prerequisites,
        capacity=ExportedCapacity(before=cause.capacity[0], after=cause.capacity[1]) if cause.capacity else None,
        follows=cause.follows,
    )


def _answer(book: Rulebook, fact: str, value: FactValue | None) -> ExportedFact:
    return "unknown" if value is None else written_value(book, fact, value)


def _flip(flip: Flip) -> ExportedFlip:
    rule = flip.rule
    return ExportedFlip(
        rule=rule.id,
        action=rule.id.partition(".")[0],
        effect=rule.effect,
        before=_word(flip.before),
        after=_word(flip.after),
        holds=flip.holds,
        because=rule.because,
        basis=rule.authority,
    )


def export_robustness(robustness: Robustness, own: Weights | None = None) -> ExportedRobustness:
    """Return what would hold of a plan in the form that crosses the border.

    Args:
        robustness: what would hold.
        own: the weights of the rules, where the plan was made with others.

    >>> from conseil import advise, load_profile, what_holds
    >>> plan = advise(load_profile("profiles/cc-des-hautes-combes.yaml"))
    >>> {member.fate for member in export_robustness(what_holds(plan)).first}
    {'stays'}
    """
    plan = robustness.plan
    return ExportedRobustness(
        rulebook=export_rulebook(plan.rulebook),
        profile=export_profile(plan),
        weights=_shares(plan, own),
        warnings=export(plan).warnings,
        unknown=plan.unknown,
        first=tuple(_member(plan, rank, member) for rank, member in enumerate(robustness.members, start=1)),
        questions=tuple(_sensitivity(plan, found) for found in robustness.unknowns),
        crossings=tuple(_crossing(crossing) for crossing in robustness.crossings),
    )


def _member(plan: Plan, rank: int, member: Member) -> ExportedMember:
    return ExportedMember(
        action=member.action,
        title=plan.rulebook.by_id[member.action].title,
        rank=rank,
        fate=member.fate,
        witness=_written(plan, member.witness),
        weights=member.weights,
    )


def _written(plan: Plan, answers: Mapping[str, FactValue]) -> dict[str, ExportedFact]:
    return {fact: written_value(plan.rulebook, fact, value) for fact, value in answers.items()}


def _sensitivity(plan: Plan, found: Sensitivity) -> ExportedSensitivity:
    value = written_value(plan.rulebook, found.question, found.value)
    return ExportedSensitivity(question=found.question, value=value, leaves=found.leaves, enters=found.enters)


def _crossing(crossing: Crossing) -> ExportedCrossing:
    return ExportedCrossing(
        first=crossing.first,
        second=crossing.second,
        ranges=tuple(ExportedRange(low=low, high=high) for low, high in crossing.ranges),
    )


def export_evolution(evolution: Evolution) -> ExportedEvolution:
    """Return what has become of a plan in the form that crosses the border.

    >>> from conseil import advise, export, load_profile, what_if, what_moved
    >>> here = load_profile("profiles/cc-des-hautes-combes.yaml")
    >>> later = what_if(here, {"un an après": {"progress.recenser-besoins": "done"}})["un an après"]
    >>> exported = export_evolution(what_moved(export(advise(here)), advise(later)))
    >>> [(moved.action, moved.outcome) for moved in exported.moved if moved.outcome == "done"]
    [('recenser-besoins', 'done')]
    """
    days = [
        ExportedDay(rulebook=plan.rulebook, profile=plan.profile, warnings=plan.warnings)
        for plan in (evolution.old, evolution.new)
    ]
    return ExportedEvolution(before=days[0], after=days[1], moved=tuple(_moved(moved) for moved in evolution.moved))


def _moved(moved: Moved) -> ExportedMove:
    return ExportedMove(
        action=moved.action,
        title=moved.title,
        outcome=moved.outcome,
        before=moved.before,
        after=moved.after,
        answers={
            fact: ExportedSince(before=since.before, after=since.after, noted=since.noted)
            for fact, since in moved.answers.items()
        },
        rules=tuple(_turn(turn) for turn in moved.turns),
        deductions=moved.deductions,
        prerequisites=moved.prerequisites,
    )


def _turn(turn: Turn) -> ExportedTurn:
    return ExportedTurn(
        rule=turn.rule,
        effect=turn.effect,
        before=_word(turn.before),
        after=_word(turn.after),
        because=turn.because,
        basis=turn.basis,
        origin=turn.origin,
    )
