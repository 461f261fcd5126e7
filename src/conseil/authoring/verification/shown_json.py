"""A verification as JSON: a contract with other applications, whose schema is `docs/verification.schema.json`.

All keys are always present. Each claim has one of three answers; findings have their witness, where one can exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from conseil.authoring.verification.proving import Answer, Verdict, Verification
from conseil.authoring.verification.witnesses import ExportedWitness, export_witness
from conseil.contract import Contract
from conseil.errors import Problem
from conseil.exported import ExportedRulebook, export_rulebook

__all__ = ["ExportedProblem", "ExportedVerification", "export_verification"]


class ExportedProblem(Contract):
    """Where something stands, what is wrong, and what to do."""

    path: str
    line: int | None
    column: int | None
    message: str
    hint: str | None


class ExportedClaim(Contract):
    """A statement about every complete territory, and its answer.

    `finding` is `open` or `accepted` where it is something to mend, and `accepted` says why it stays as it is. The
    `witness` of a finding refutes what was wanted, or shows what was proved; it is `null` where none can exist.
    """

    code: str
    about: str
    claim: str
    answer: Verdict
    finding: Literal["none", "open", "accepted"]
    accepted: str | None
    problem: ExportedProblem | None
    witness: ExportedWitness | None


class ExportedVerification(Contract):
    """Every claim on a rulebook, and what was accepted without being found."""

    rulebook: ExportedRulebook
    seconds: float
    holds: bool
    claims: tuple[ExportedClaim, ...]
    stale: tuple[ExportedProblem, ...]


def export_verification(found: Verification) -> ExportedVerification:
    """Write a verification as the contract says."""
    problems = {(one.code, one.about): one.problem for one in found.sifted.open}
    accepted = {(one.code, one.about): one.problem for one, _ in found.sifted.accepted}
    reasons = {(one.code, one.about): acceptance.because for one, acceptance in found.sifted.accepted}
    claims = tuple(_export_claim(answer, found, problems, accepted, reasons) for answer in found.answers)
    return ExportedVerification(
        rulebook=export_rulebook(found.rulebook),
        seconds=found.seconds,
        holds=found.holds,
        claims=claims,
        stale=tuple(_export_problem(problem) for problem in found.sifted.stale),
    )


def _export_claim(
    answer: Answer,
    found: Verification,
    problems: Mapping[tuple[str, str], Problem],
    accepted: Mapping[tuple[str, str], Problem],
    reasons: Mapping[tuple[str, str], str],
) -> ExportedClaim:
    is_shown = found.findings.get(answer.key) is answer
    problem = (problems.get(answer.key) or accepted.get(answer.key)) if is_shown else None
    finding: Literal["none", "open", "accepted"] = "none"
    if problem is not None:
        finding = "accepted" if answer.key in reasons else "open"
    return ExportedClaim(
        code=answer.claim.code,
        about=answer.claim.about,
        claim=answer.claim.says,
        answer=answer.verdict,
        finding=finding,
        accepted=reasons.get(answer.key) if is_shown else None,
        problem=_export_problem(problem) if problem else None,
        witness=export_witness(answer.witness.plans[0]) if is_shown and answer.witness else None,
    )


def _export_problem(problem: Problem) -> ExportedProblem:
    return ExportedProblem(
        path=problem.path, line=problem.line, column=problem.column, message=problem.message, hint=problem.hint
    )
