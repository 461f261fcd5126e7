"""An explanation as JSON: a contract with other applications, whose schema is `docs/explanation.schema.json`.

It is written as a plan is (see `export`), and its item is that of the plan, but that its reasons cite the facts behind
a fact that rests on others, where these are enough. All keys are always present.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from conseil.authority import Authority, Basis
from conseil.contract import Contract
from conseil.explanation import Change, ChangeKind, Explanation, Proof, ProofKind, Term
from conseil.exported import (
    ExportedFact,
    ExportedItem,
    ExportedPoints,
    ExportedProfile,
    ExportedRulebook,
    export_item,
    export_profile,
    export_rulebook,
    exported_value,
    written_value,
)
from conseil.plan import Plan, Status

__all__ = ["ExportedExplanation", "export_explanation"]


class ExportedTerm(Contract):
    """One term of the sum that makes an axis; `rule` where a rule gives it."""

    kind: Literal["base", "essential", "rule", "clipped"]
    points: int
    rule: str | None


class ExportedTerms(Contract):
    """The terms of each axis: they add up to its value."""

    impact: tuple[ExportedTerm, ...]
    feasibility: tuple[ExportedTerm, ...]


class ExportedWeights(Contract):
    """The share of each axis in the total, in percent."""

    impact: int
    feasibility: int


class ExportedThresholds(Contract):
    """The lowest total of a high priority, and of a medium one."""

    high: int
    medium: int


class ExportedProof(Contract):
    """Why a cited fact that rests on others is what it is.

    It is `deduced`, with the sentence of the deduction; `not_asked` here; or an answer that `counts`, because its
    question applies or because the scenario has that stage.
    """

    fact: str
    value: ExportedFact
    kind: ProofKind
    because: str
    facts: dict[str, ExportedFact]
    basis: Basis


class ExportedShortfall(Contract):
    """A rule that keeps the action from better, what it adds where it is true, and what would have to be otherwise.

    `holds`: it is true here, and should not be. `enough`: this rule alone keeps the action from better.
    """

    rule: str
    points: ExportedPoints
    holds: bool
    lacks: tuple[str, ...]
    enough: bool


class ExportedChange(Contract):
    """Answers that would give another status, of which none can be spared; `moved`: other actions that change too."""

    kind: ChangeKind
    set: dict[str, ExportedFact]
    gives: Status
    moved: int


class ExportedExplanation(Contract):
    """Why an action has its status and score, and what would change it.

    `terms` add up to each axis, `open_terms` are those of rules that are unknown. The answers to the facts that the
    reasons of `item` and the `proofs` cite give every verdict by themselves. `changes` holds both kinds: unknown facts
    that are answered, then known ones that change.
    """

    rulebook: ExportedRulebook
    profile: ExportedProfile
    item: ExportedItem
    proofs: tuple[ExportedProof, ...]
    terms: ExportedTerms
    open_terms: ExportedTerms
    weights: ExportedWeights
    thresholds: ExportedThresholds
    shortfalls: tuple[ExportedShortfall, ...]
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
        rulebook=export_rulebook(plan.rulebook),
        profile=export_profile(plan),
        item=_item(explanation),
        proofs=tuple(_proof(plan, proof) for proof in explanation.proofs),
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
                rule=found.rule.id,
                points=ExportedPoints(**explanation.points(found.rule)),
                holds=found.holds,
                lacks=found.lacks,
                enough=found.enough,
            )
            for found in explanation.shortfalls
        ),
        changes=tuple(_change(plan, change) for change in (*explanation.answers, *explanation.changes)),
    )


def _item(explanation: Explanation) -> ExportedItem:
    """Return the item of the plan, whose reasons cite what the explanation cites."""
    plan, item = explanation.plan, export_item(explanation.plan, explanation.item)
    cites = {reason.rule.id: explanation.cites(reason) for reason in explanation.reasons}
    reasons = tuple(
        reason.model_copy(update={"facts": {fact: exported_value(plan, fact) for fact in cites[reason.rule]}})
        for reason in item.reasons
    )
    return item.model_copy(update={"reasons": reasons})


def _proof(plan: Plan, proof: Proof) -> ExportedProof:
    book = plan.rulebook
    says: Authority = book.deduction_of[proof.fact] if proof.kind == "deduced" else book.vocabulary[proof.fact]
    return ExportedProof(
        fact=proof.fact,
        value=written_value(book, proof.fact, proof.value),
        kind=proof.kind,
        because=proof.because,
        facts={fact: exported_value(plan, fact) for fact in proof.cites},
        basis=says.authority,
    )


def _terms(terms: Iterable[Term]) -> tuple[ExportedTerm, ...]:
    return tuple(
        ExportedTerm(kind=term.kind, points=term.points, rule=term.rule.id if term.rule else None) for term in terms
    )


def _change(plan: Plan, change: Change) -> ExportedChange:
    answers = {fact: written_value(plan.rulebook, fact, value) for fact, value in change.set.items()}
    return ExportedChange(kind=change.kind, set=answers, gives=change.gives, moved=change.moved)
