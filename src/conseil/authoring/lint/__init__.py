"""What reads badly, or does nothing, in a rulebook that loads: findings, each to mend or to accept with a reason.

Each check is a function of one code; `docs/checks.md` says what it means, why it matters and how to mend it. A check
is told apart from the proofs of `verification`: it reads the rules, and never looks for a territory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from conseil.authoring.findings import Finding
from conseil.authoring.lint import actions, answers, wording
from conseil.authoring.lint.subject import Remark, Subject
from conseil.rulebook import Places, Rulebook

__all__ = ["CHECKS", "lint"]

CHECKS: Mapping[str, Callable[[Subject], Iterator[Remark]]] = {
    "idle-question": answers.idle_question,
    "long-sentence": wording.long_sentence,
    "no-obstacle": actions.no_obstacle,
    "no-recommendation": actions.no_recommendation,
    "no-unlock": actions.no_unlock,
    "repeated-because": wording.repeated_because,
    "thin-rationale": wording.thin_rationale,
    "typography": wording.misprint,
    "unread-choice": answers.unread_choice,
}
"""What looks for each code."""


def lint(rulebook: Rulebook) -> tuple[Finding, ...]:
    """Return everything that the checks find in a rulebook, in the order of its files.

    >>> from conseil import load_rulebook
    >>> {finding.code for finding in lint(load_rulebook())} <= CHECKS.keys()
    True
    """
    subject, places = Subject(rulebook), Places(rulebook)
    found = [
        Finding(code, remark.about, places.problem(remark.entry, remark.fault))
        for code, check in CHECKS.items()
        for remark in check(subject)
    ]
    return tuple(sorted(found, key=lambda finding: (finding.problem.order, finding.code)))
