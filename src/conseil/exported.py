"""The plan as JSON: a contract with other applications, whose schema is `docs/plan.schema.json`.

All keys are always present. Verdicts are `true`, `false` or `unknown`; an unknown fact is `null`, and one that does not
apply is `not_applicable`. The same rulebook and profile give the same bytes, whichever engine judged.
"""

from __future__ import annotations

from typing import Literal

from conseil.authority import Basis, Source
from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue, Verdict
from conseil.contract import Contract
from conseil.plan import AxisScore, Deduced, Item, Notice, Plan, Priority, Reason, Status, points_of
from conseil.plan.status import RequirementState
from conseil.rulebook import Effect, EntryKind, Rulebook, Unlock
from conseil.sentences import notice_sentence

__all__ = [
    "ExportedDeduction",
    "ExportedFact",
    "ExportedItem",
    "ExportedOrigin",
    "ExportedOverlay",
    "ExportedPlan",
    "ExportedPoints",
    "ExportedProfile",
    "ExportedReason",
    "ExportedRulebook",
    "export",
    "export_deduction",
    "export_item",
    "export_profile",
    "export_rulebook",
    "exported_value",
    "written_value",
]

VerdictWord = Literal["true", "false", "unknown"]
ExportedFact = str | int | bool | tuple[str, ...] | None


class ExportedWithdrawal(Contract):
    """What an overlay took out of the rules, and why."""

    kind: EntryKind
    id: str
    because: str


class ExportedOverlay(Contract):
    """What was laid over the guide's rules, and by whom."""

    id: str
    version: str
    title: str
    publisher: str
    withdrawn: tuple[ExportedWithdrawal, ...]


class ExportedRulebook(Contract):
    """Which rulebook made the plan; `version` names the overlays too, which `overlays` gives in their order."""

    id: str
    version: str
    sha256: str
    overlays: tuple[ExportedOverlay, ...]


class ExportedOrigin(Contract):
    """Who says it: the guide's rulebook, or an overlay."""

    id: str
    title: str


class ExportedProfile(Contract):
    """Which profile it is the plan of."""

    name: str
    kind: Literal["cited", "invented", "real"]
    sha256: str


class ExportedCriterion(Contract):
    """Something that must be true before the next stage."""

    text: str
    verdict: VerdictWord
    basis: Basis


class ExportedOutcome(Contract):
    """What a stance leads to, in our words and in the guide's."""

    text: str
    source: Source


class ExportedStance(Contract):
    """Where the territory stands; `null` where the scenario or the stage is not known."""

    scenario: str | None
    stage: str | None
    next_stage: str | None
    criteria: tuple[ExportedCriterion, ...]
    leads_to: ExportedOutcome | None


class ExportedDeduction(Contract):
    """A fact that was deduced, and from what."""

    fact: str
    value: ExportedFact
    because: str
    facts: dict[str, ExportedFact]
    basis: Basis


class ExportedWarning(Contract):
    """Something that the reader must know about the answers, or about an action under way."""

    code: str
    text: str
    fact: str | None
    action: str | None


class ExportedAxis(Contract):
    """One axis of a score, in points from 0 to 100; `clipped` is what did not fit."""

    value: int
    low: int
    high: int
    base: int
    clipped: int


class ExportedScore(Contract):
    """Both axes and their weighted mean, with the interval that unknown answers leave."""

    impact: ExportedAxis
    feasibility: ExportedAxis
    total: int
    low: int
    high: int


class ExportedPoints(Contract):
    """The points of a rule on each axis."""

    impact: int
    feasibility: int


class ExportedUnlock(Contract):
    """What would lift an obstacle: any one of these."""

    actions: tuple[str, ...]
    answers: dict[str, tuple[str, ...]]


class ExportedReason(Contract):
    """A rule of the action, its verdict, and the facts that made it; `origin` says who wrote it."""

    rule: str
    effect: Effect
    verdict: VerdictWord
    because: str
    basis: Basis
    rationale: str | None
    source: Source | None
    reference: str | None
    facts: dict[str, ExportedFact]
    points: ExportedPoints
    how: str | None
    unlocked_by: ExportedUnlock | None
    origin: ExportedOrigin


class ExportedWay(Contract):
    """How others carried the action out."""

    title: str
    source: Source
    example: str | None


class ExportedRequirement(Contract):
    """A prerequisite, what it is here, and why it is one."""

    action: str
    state: RequirementState
    basis: Basis
    rationale: str | None


class ExportedExample(Contract):
    """What a cited territory did, in the guide's words."""

    id: str
    name: str
    source: Source


class ExportedTwins(Contract):
    """The action under which this one is folded, and those folded under it."""

    lead: str | None
    folded: tuple[str, ...]


class ExportedItem(Contract):
    """An action of the plan."""

    action: str
    step: str
    title: str
    status: Status
    possible: tuple[Status, ...]
    priority: Priority
    certain: bool
    rank: int | None
    wave: int | None
    now: bool
    essential: bool
    progress: Literal["todo", "doing", "done", "unknown"]
    score: ExportedScore
    source: Source
    origin: ExportedOrigin
    reasons: tuple[ExportedReason, ...]
    ways: tuple[ExportedWay, ...]
    missing: tuple[str, ...]
    requires: tuple[ExportedRequirement, ...]
    resources: tuple[str, ...]
    partners: tuple[str, ...]
    examples: tuple[ExportedExample, ...]
    twins: ExportedTwins


class ExportedPlan(Contract):
    """The whole plan."""

    rulebook: ExportedRulebook
    profile: ExportedProfile
    stance: ExportedStance
    deduced: tuple[ExportedDeduction, ...]
    decisions: tuple[str, ...]
    warnings: tuple[ExportedWarning, ...]
    items: tuple[ExportedItem, ...]


def export(plan: Plan) -> ExportedPlan:
    """Return a plan in the form that crosses the border; `.model_dump_json()` makes it text.

    >>> from conseil import Profile, advise
    >>> exported = export(advise(Profile(name="Ici", kind="invented"), engine="reference"))
    >>> exported.stance.scenario is None, len(exported.items)
    (True, 41)
    """
    situation = plan.situation
    leads_to = situation.stance.leads_to if situation.stance else None
    return ExportedPlan(
        rulebook=export_rulebook(plan.rulebook),
        profile=export_profile(plan),
        stance=ExportedStance(
            scenario=situation.stance.scenario if situation.stance else None,
            stage=situation.stage.stage if situation.stage else None,
            next_stage=situation.next_stage.stage if situation.next_stage else None,
            criteria=tuple(
                ExportedCriterion(text=criterion.text, verdict=_word(verdict), basis=criterion.authority)
                for criterion, verdict in situation.criteria
            ),
            leads_to=ExportedOutcome(text=leads_to.title, source=leads_to.source) if leads_to else None,
        ),
        deduced=tuple(
            export_deduction(plan, deduced, deduced.because, plan.rulebook.deduction_of[deduced.fact].authority)
            for deduced in plan.deduced
        ),
        decisions=tuple(item.id for item in plan.decisions),
        warnings=tuple(_warning(plan, notice) for notice in plan.notices),
        items=tuple(export_item(plan, item) for item in plan.items),
    )


def export_rulebook(rulebook: Rulebook) -> ExportedRulebook:
    """Say which rulebook made a plan."""
    overlays = tuple(
        ExportedOverlay(
            id=overlay.id,
            version=overlay.version,
            title=overlay.title,
            publisher=overlay.publisher,
            withdrawn=tuple(
                ExportedWithdrawal(kind=gone.kind, id=gone.id, because=gone.because) for gone in overlay.withdraw
            ),
        )
        for overlay in rulebook.overlays
    )
    return ExportedRulebook(id=rulebook.guide.id, version=rulebook.version, sha256=rulebook.sha256, overlays=overlays)


def _origin(rulebook: Rulebook, kind: EntryKind, name: str) -> ExportedOrigin:
    wrote = rulebook.origin(kind, name) or rulebook.guide
    return ExportedOrigin(id=wrote.id, title=wrote.title)


def export_profile(plan: Plan) -> ExportedProfile:
    """Say which profile a plan is of."""
    profile = plan.profile
    return ExportedProfile(name=profile.name, kind=profile.kind, sha256=profile.sha256)


def export_deduction(plan: Plan, deduced: Deduced, because: str, basis: Basis) -> ExportedDeduction:
    """Return a fact that was deduced, and from what."""
    return ExportedDeduction(
        fact=deduced.fact,
        value=written_value(plan.rulebook, deduced.fact, deduced.value),
        because=because,
        facts=_facts(plan, deduced.cites),
        basis=basis,
    )


def _word(verdict: Verdict) -> VerdictWord:
    return "unknown" if verdict is None else "true" if verdict else "false"


def exported_value(plan: Plan, fact: str) -> ExportedFact:
    """Return the value of a fact here, as the contract writes it; `None` where it is not known."""
    return written_value(plan.rulebook, fact, plan.facts.get(fact))


def written_value(rulebook: Rulebook, fact: str, value: FactValue | None) -> ExportedFact:
    """Return a value of a fact as the contract writes it."""
    if value is None or value == NOT_APPLICABLE or fact.startswith(PROGRESS):
        return value
    return value == "oui" if rulebook.vocabulary[fact].type == "boolean" else value


def _facts(plan: Plan, names: tuple[str, ...]) -> dict[str, ExportedFact]:
    return {name: exported_value(plan, name) for name in names}


def _warning(plan: Plan, notice: Notice) -> ExportedWarning:
    return ExportedWarning(code=notice.code, text=notice_sentence(plan, notice), fact=notice.fact, action=notice.action)


def _axis(axis: AxisScore) -> ExportedAxis:
    return ExportedAxis(value=axis.value, low=axis.low, high=axis.high, base=axis.base, clipped=axis.clipped)


def export_item(plan: Plan, item: Item) -> ExportedItem:
    """Return an action of a plan in the form that crosses the border."""
    action, score = item.action, item.score
    return ExportedItem(
        action=item.id,
        step=action.step,
        title=action.title,
        status=item.status,
        possible=item.possible,
        priority=item.priority,
        certain=item.certain,
        rank=item.rank,
        wave=item.wave,
        now=item.now,
        essential=item.essential,
        progress=item.progress,
        score=ExportedScore(
            impact=_axis(score.impact),
            feasibility=_axis(score.feasibility),
            total=score.total,
            low=score.low,
            high=score.high,
        ),
        source=action.source,
        origin=_origin(plan.rulebook, "action", action.id),
        reasons=tuple(_reason(plan, reason) for reason in plan.reasons(item)),
        ways=tuple(ExportedWay(title=way.title, source=way.source, example=way.example) for way in action.ways),
        missing=plan.missing(item),
        requires=tuple(
            ExportedRequirement(
                action=needed.action, state=found.state, basis=needed.authority, rationale=needed.rationale
            )
            for needed, found in zip(action.requires, item.requires, strict=True)
        ),
        resources=action.resources,
        partners=action.partners,
        examples=tuple(
            ExportedExample(id=example.id, name=example.name, source=deed.source)
            for example, deed in plan.rulebook.deeds_of[item.id]
        ),
        twins=ExportedTwins(lead=item.lead, folded=item.folded),
    )


def _reason(plan: Plan, reason: Reason) -> ExportedReason:
    rule = reason.rule
    return ExportedReason(
        rule=rule.id,
        effect=rule.effect,
        verdict=_word(reason.verdict),
        because=rule.because,
        basis=rule.authority,
        rationale=rule.rationale,
        source=rule.source,
        reference=rule.reference,
        facts=_facts(plan, plan.cites(reason)),
        points=ExportedPoints(
            impact=points_of(rule.points.impact, plan.rulebook),
            feasibility=points_of(rule.points.feasibility, plan.rulebook),
        ),
        how=rule.how,
        unlocked_by=_unlock(rule.unlocked_by) if rule.unlocked_by else None,
        origin=_origin(plan.rulebook, "rule", rule.id),
    )


def _unlock(unlock: Unlock) -> ExportedUnlock:
    return ExportedUnlock(actions=unlock.actions, answers=unlock.answers)
