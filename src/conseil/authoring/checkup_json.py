"""A checkup as JSON, for editors and continuous integration: a contract whose schema is `docs/check.schema.json`.

All keys are always present, also where the rules cannot be read.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from conseil.authoring.checkup import Checkup
from conseil.contract import Contract
from conseil.errors import Problem
from conseil.exported import ExportedRulebook, export_rulebook

__all__ = ["ExportedCheck", "export_check"]


class ExportedCounts(Contract):
    """How many entries the rules have, `null` where they cannot be read; and how many problems there are."""

    questions: int | None
    actions: int | None
    rules: int | None
    cases: int | None
    errors: int
    warnings: int
    accepted: int


class ExportedProblem(Contract):
    """Something to mend: an error, without a code, or a warning, which may be accepted under its code and `about`."""

    severity: Literal["error", "warning"]
    code: str | None
    about: str | None
    path: str
    line: int | None
    column: int | None
    message: str
    hint: str | None


class ExportedAccepted(Contract):
    """A finding that the authors of the rules accept, and why."""

    code: str
    about: str
    path: str
    line: int | None
    column: int | None
    message: str
    hint: str | None
    because: str


class ExportedCheck(Contract):
    """What `conseil check` found."""

    rulebook: ExportedRulebook | None = Field(description="`null` where the rules have an error")
    counts: ExportedCounts
    problems: tuple[ExportedProblem, ...]
    accepted: tuple[ExportedAccepted, ...]


def export_check(checkup: Checkup) -> ExportedCheck:
    """Return a checkup as it is written.

    >>> from conseil.authoring.checkup import check_up
    >>> export_check(check_up(["nulle-part"])).problems[0].message
    'dossier introuvable'
    """
    book = checkup.rulebook
    errors = [_problem(None, None, problem) for problem in checkup.problems]
    warnings = [_problem(finding.code, finding.about, finding.problem) for finding in checkup.warnings]
    return ExportedCheck(
        rulebook=export_rulebook(book) if book else None,
        counts=ExportedCounts(
            questions=len(book.questions) if book else None,
            actions=len(book.actions) if book else None,
            rules=len(book.rules) if book else None,
            cases=checkup.cases,
            errors=len(errors),
            warnings=len(warnings),
            accepted=len(checkup.accepted),
        ),
        problems=(*errors, *warnings),
        accepted=tuple(
            ExportedAccepted(
                code=finding.code,
                about=finding.about,
                path=finding.problem.path,
                line=finding.problem.line,
                column=finding.problem.column,
                message=finding.problem.message,
                hint=finding.problem.hint,
                because=acceptance.because,
            )
            for finding, acceptance in checkup.accepted
        ),
    )


def _problem(code: str | None, about: str | None, problem: Problem) -> ExportedProblem:
    return ExportedProblem(
        severity="warning" if code else "error",
        code=code,
        about=about,
        path=problem.path,
        line=problem.line,
        column=problem.column,
        message=problem.message,
        hint=problem.hint,
    )
