"""Everything that `conseil check` looks at in one run: the rules, their cases, some profiles, and what lint finds.

Where the rules cannot be read nothing else is looked at, and where what their authors accept cannot be read, lint is
not: it would find again all that they have accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conseil.authoring.cases import load_cases
from conseil.authoring.codes import CODES, LINT, STALE
from conseil.authoring.findings import Acceptance, Finding, load_accepted, sift
from conseil.authoring.lint import lint
from conseil.errors import InvalidInput, Problem
from conseil.profile import load_profile
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["Checkup", "check_up"]


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was looked at, and what was found.

    Attributes:
        rulebook: the rules; nothing where they have a problem.
        cases: how many cases there are; nothing where they have a problem.
        problems: what makes the rules, their cases or a profile unusable.
        warnings: what lint found and nobody accepted, and acceptances of what is no longer found.
        accepted: what lint found and the authors accept, with their reason.
    """

    rulebook: Rulebook | None
    cases: int | None
    problems: tuple[Problem, ...]
    warnings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Acceptance], ...]


def check_up(
    folders: Iterable[Path | str], profiles: Iterable[Path | str] = (), problems: Iterable[Problem] = ()
) -> Checkup:
    """Check the rules of a folder and what is laid over them, and profiles against the whole.

    Args:
        folders: those that `load_rulebook` takes.
        profiles: files of territories.
        problems: what was found before.

    >>> from conseil.shipped import rules_folder
    >>> check_up([rules_folder()]).problems
    ()
    """
    found = list(problems)
    try:
        rulebook = load_rulebook(*folders)
    except InvalidInput as error:
        return Checkup(None, None, InvalidInput([*found, *error.problems]).problems, (), ())
    cases = None
    try:
        # the cases of a guide speak of the guide alone: of what overlays make of it, their own do
        cases = len(load_cases([Path(rulebook.folders[-1], "tests")], rulebook))
    except InvalidInput as error:
        found += error.problems
    for profile in profiles:
        try:
            load_profile(profile, rulebook)
        except InvalidInput as error:
            found += error.problems
    warnings: tuple[Finding, ...] = ()
    accepted: tuple[tuple[Finding, Acceptance], ...] = ()
    try:
        accepting = load_accepted(rulebook.folders, CODES)
    except InvalidInput as error:
        found += error.problems
    else:
        sifted = sift(lint(rulebook), accepting, LINT)
        warnings = (*sifted.open, *(Finding(STALE, place.path, place) for place in sifted.stale))
        accepted = sifted.accepted
    return Checkup(rulebook, cases, InvalidInput(found).problems, warnings, accepted)
