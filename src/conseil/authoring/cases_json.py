"""What cases gave as JSON: a contract with other applications, whose schema is `docs/cases.schema.json`.

A job that checks every change of the rules of a region reads it. It says what the text says (`outlined`), with ids
beside the sentences. All keys are always present.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from conseil.authoring.cases import CaseResult
from conseil.authoring.coverage import Coverage, Lack, LackKind
from conseil.authoring.deciding import Decider, Difference, difference
from conseil.authoring.drafts import draft_for
from conseil.contract import Contract
from conseil.errors import Fault
from conseil.exported import ExportedFact, ExportedRulebook, export_rulebook, exported_value, written_value
from conseil.plan import Plan
from conseil.rulebook import Effect, Entry, Places, Rulebook

__all__ = ["ExportedCases", "export_cases"]


class ExportedDecider(Contract):
    """A rule that made the difference, the facts that make it true or that it waits for, and what it lacks to turn."""

    rule: str
    effect: Effect
    verdict: Literal["true", "false", "unknown"]
    because: str
    facts: dict[str, ExportedFact]
    lacks: tuple[str, ...]
    path: str
    line: int | None


class ExportedMismatch(Contract):
    """One thing that is not as expected: under which key, of which action, and why."""

    key: str
    action: str | None
    title: str | None
    expected: str
    got: str
    deciders: tuple[ExportedDecider, ...]
    remarks: tuple[str, ...]
    nearest: dict[str, ExportedFact] | None


class ExportedCase(Contract):
    """A case, where it stands, and whether it holds."""

    name: str
    path: str | None
    line: int | None
    holds: bool
    mismatches: tuple[ExportedMismatch, ...]


class ExportedLack(Contract):
    """Something that no case shows, or no territory; `draft` is a case that would show it."""

    kind: LackKind
    of: Literal["rule", "deduction", "question", "guide"]
    id: str
    test: str | None
    path: str
    line: int | None
    draft: str | None


class ExportedCoverage(Contract):
    """What the cases show: counts, then what they do not show, and what no territory can."""

    rules: int
    rules_deciding: int
    conditions: int
    conditions_true: int
    conditions_false: int
    tests: int
    tests_shown: int
    lacks: tuple[ExportedLack, ...]
    impossible: tuple[ExportedLack, ...]


class ExportedCases(Contract):
    """Every case and whether it holds; `coverage` where it was measured."""

    rulebook: ExportedRulebook
    cases: tuple[ExportedCase, ...]
    coverage: ExportedCoverage | None


def export_cases(rulebook: Rulebook, results: Sequence[CaseResult], coverage: Coverage | None = None) -> ExportedCases:
    """Return what cases gave in the form that crosses the border; `.model_dump_json()` makes it text.

    >>> from conseil import load_rulebook
    >>> export_cases(load_rulebook(), ()).cases
    ()
    """
    places = Places(rulebook)
    return ExportedCases(
        rulebook=export_rulebook(rulebook),
        cases=tuple(_case(result, places) for result in results),
        coverage=_coverage(coverage, places) if coverage else None,
    )


def _case(result: CaseResult, places: Places) -> ExportedCase:
    place = result.case.place
    found = (difference(result, mismatch) for mismatch in result.mismatches)
    return ExportedCase(
        name=result.case.name,
        path=place.path if place else None,
        line=place.line if place else None,
        holds=result.holds,
        mismatches=tuple(_mismatch(result.plan, one, places) for one in found),
    )


def _mismatch(plan: Plan, found: Difference, places: Places) -> ExportedMismatch:
    mismatch = found.mismatch
    return ExportedMismatch(
        key=mismatch.key,
        action=mismatch.action,
        title=plan.item(mismatch.action).action.title if mismatch.action else None,
        expected=mismatch.expected,
        got=mismatch.got,
        deciders=tuple(_decider(plan, decider, places) for decider in found.deciders),
        remarks=found.remarks,
        nearest=None
        if found.nearest is None
        else {fact: written_value(plan.rulebook, fact, value) for fact, value in found.nearest.items()},
    )


def _decider(plan: Plan, decider: Decider, places: Places) -> ExportedDecider:
    place = places.problem(Entry("rule", decider.rule.id), Fault((), ""))
    return ExportedDecider(
        rule=decider.rule.id,
        effect=decider.rule.effect,
        verdict="unknown" if decider.verdict is None else "true" if decider.verdict else "false",
        because=decider.rule.because,
        facts={fact: exported_value(plan, fact) for fact in decider.facts},
        lacks=decider.lacks,
        path=place.path,
        line=place.line,
    )


def _coverage(coverage: Coverage, places: Places) -> ExportedCoverage:
    return ExportedCoverage(
        rules=sum(subject.entry.kind == "rule" for subject in coverage.subjects),
        rules_deciding=len(coverage.deciding),
        conditions=len(coverage.subjects),
        conditions_true=len(coverage.true),
        conditions_false=len(coverage.false),
        tests=coverage.tests,
        tests_shown=len(coverage.shown),
        lacks=tuple(_lack(lack, coverage, places) for lack in coverage.lacks),
        impossible=tuple(_lack(lack, coverage, places) for lack in coverage.impossible),
    )


def _lack(lack: Lack, coverage: Coverage, places: Places) -> ExportedLack:
    subject = lack.subject
    place = places.problem(subject.entry, Fault((*subject.way, *lack.way), ""))
    return ExportedLack.model_validate(
        {
            "kind": lack.kind,
            "of": subject.entry.kind,
            "id": subject.entry.id,
            "test": ".".join(map(str, (*subject.way, *lack.way))) if lack.test else None,
            "path": place.path,
            "line": place.line,
            "draft": draft_for(lack, coverage),
        }
    )
