"""An explanation as JSON: a contract with other applications, whose schema is `docs/explanation.schema.json`.

It is written as a plan is (see `export`), and its item is that of the plan. All keys are always present.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from conseil.authority import Basis
from conseil.conditions import NOT_APPLICABLE
from conseil.explanation import Change, ChangeKind, Explanation, Term
from conseil.exported import (
    ExportedDeduction,
    ExportedFact,
    ExportedItem,
    ExportedPoints,
    ExportedProfile,
    ExportedRulebook,
    export_deduction,
    export_item,
    export_profile,
    export_rulebook,
    written_value,
)
from conseil.plan import Deduced, Plan, Status
from conseil.records import Record
from conseil.sentences import not_asked_sentence

__all__ = ["ExportedExplanation", "export_explanation"]


class ExportedTerm(Record):
    """One term of the sum that makes an axis; `rule` where a rule gives it."""

    kind: Literal["base", "essential", "rule", "clipped"]
    points: int
    rule: str | None


class ExportedTerms(Record):
    """The terms of each axis: they add up to its value."""

    impact: tuple[ExportedTerm, ...]
    feasibility: tuple[ExportedTerm, ...]


class ExportedWeights(Record):
    """The share of each axis in the total, in percent."""

    impact: int
    feasibility: int


class ExportedThresholds(Record):
    """The lowest total of a high priority, and of a medium one."""

    high: int
    medium: int


class ExportedShortfall(Record):
    """A rule that keeps the action from better, what it adds where it is true, and what would have to be otherwise."""

    rule: str
    points: ExportedPoints
    lacks: tuple[str, ...]


class ExportedChange(Record):
    """Answers that would give another status, of which none can be spared; `moved`: other actions that change too."""

    kind: ChangeKind
    set: dict[str, ExportedFact]
    gives: Status
    moved: int


class ExportedExplanation(Record):
    """Why an action has its status and score, and what would change it.

    `terms` add up to each axis, `open_terms` are those of rules that are unknown; `deduced` is how facts that are cited
    and were not answered came to be known.
    """

    rulebook: ExportedRulebook
    profile: ExportedProfile
    item: ExportedItem
    deduced: tuple[ExportedDeduction, ...]
    terms: ExportedTerms
    open_terms: ExportedTerms
    weights: ExportedWeights
    thresholds: ExportedThresholds
    shortfalls: tuple[ExportedShortfall, ...]
    answers: tuple[ExportedChange, ...]
    changes: tuple[ExportedChange, ...]


def export_explanation(explanation: Explanation) -> ExportedExplanation:
    """Return an explanation in the form that crosses the border; `.model_dump_json()` makes it text.

    >>> from conseil import advise, explain, load_profile
    >>> plan = advise(load_profile("profiles/cc-des-hautes-combes.yaml"))
    >>> exported = export_explanation(explain(plan, "subvention-investissement"))
    >>> exported.changes[0].set, exported.changes[0].gives
    ({'budget_investissement': 'limite'}, 'recommended')
    """
    plan, score = explanation.plan, explanation.plan.rulebook.guide.score
    return ExportedExplanation(
        rulebook=export_rulebook(plan),
        profile=export_profile(plan),
        item=export_item(plan, explanation.item),
        deduced=tuple(_deduction(plan, proof) for proof in explanation.proofs),
        terms=ExportedTerms(
            impact=_terms(explanation.terms("impact")), feasibility=_terms(explanation.terms("feasibility"))
        ),
        open_terms=ExportedTerms(
            impact=_terms(explanation.open_terms("impact")), feasibility=_terms(explanation.open_terms("feasibility"))
        ),
        weights=ExportedWeights(impact=score.weights.impact, feasibility=score.weights.feasibility),
        thresholds=ExportedThresholds(high=score.thresholds.high, medium=score.thresholds.medium),
        shortfalls=tuple(
            ExportedShortfall(
                rule=found.rule.id, points=ExportedPoints(**explanation.points(found.rule)), lacks=found.lacks
            )
            for found in explanation.shortfalls
        ),
        answers=tuple(_change(plan, change) for change in explanation.answers),
        changes=tuple(_change(plan, change) for change in explanation.changes),
    )


def _deduction(plan: Plan, proof: Deduced) -> ExportedDeduction:
    if proof.value == NOT_APPLICABLE:
        asked: Basis = plan.rulebook.vocabulary[proof.fact].authority
        return export_deduction(plan, proof, not_asked_sentence(plan, proof.fact), asked)
    return export_deduction(plan, proof, proof.because, plan.rulebook.deduction_of[proof.fact].authority)


def _terms(terms: Iterable[Term]) -> tuple[ExportedTerm, ...]:
    return tuple(
        ExportedTerm(kind=term.kind, points=term.points, rule=term.rule.id if term.rule else None) for term in terms
    )


def _change(plan: Plan, change: Change) -> ExportedChange:
    answers = {fact: written_value(plan.rulebook, fact, value) for fact, value in change.set.items()}
    return ExportedChange(kind=change.kind, set=answers, gives=change.gives, moved=change.moved)
