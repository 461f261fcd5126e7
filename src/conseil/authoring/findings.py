"""What is found of a rulebook, and what its authors have accepted of that, with their reason.

A rulebook that loads may still be weak: `lint` reads it, `verification` proves things of it. Each finding has a code,
and is about something; `accepted.yaml`, beside the guide, names those that stay as they are, and why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conseil.documents import read
from conseil.errors import Fault, Faults, InvalidDocument, InvalidRulebook, Problem, named, nearest
from conseil.fields import Text, field
from conseil.records import Record, validated

__all__ = ["Acceptance", "Accepted", "Finding", "Sifted", "load_accepted", "sift"]

_FILE = "accepted.yaml"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend, or to accept with a reason.

    Attributes:
        code: what kind of finding it is.
        about: what it is about: a rule, an action, a question, or a choice as `question=choice`.
        problem: the sentence and the hint, in French, and where it stands.
    """

    code: str
    about: str
    problem: Problem


class Acceptance(Record):
    """A finding that stays as it is, and why."""

    code: Text = field(description="le code du constat")
    about: Text = field(description="ce dont il s’agit : une règle, une action, une question")
    because: Text = field(description="pourquoi cela reste ainsi, en une phrase")


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance, and what is said where it stands once nothing of the kind is found any more.

    Attributes:
        below: whether it stands below an overlay: what a guide accepts is found in the guide alone, whatever is laid
            over it, and is never stale for the overlay's authors.
    """

    acceptance: Acceptance
    place: Problem
    below: bool


@dataclass(frozen=True, slots=True)
class Sifted:
    """Findings, told apart.

    Attributes:
        open: those that nobody has accepted.
        accepted: the others, each with the reason.
        stale: acceptances of what is no longer found.
    """

    open: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Acceptance], ...]
    stale: tuple[Problem, ...]


def load_accepted(folders: Sequence[Path | str], codes: Collection[str]) -> tuple[Accepted, ...]:
    """Read what the authors of a rulebook accept, from the files of that name in its folders; none without one.

    Args:
        folders: the folder of the guide, and those of the overlays.
        codes: every code there is.

    Raises:
        InvalidRulebook: with every problem of the files.
    """
    found: list[Accepted] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            found += _accepted_in(Path(folder), codes, below=folder != folders[-1])
        except InvalidRulebook as error:
            problems += error.problems
    if problems:
        raise InvalidRulebook(problems)
    return tuple(found)


def _accepted_in(folder: Path, codes: Collection[str], *, below: bool) -> Iterable[Accepted]:
    path = folder / _FILE
    if not path.exists():
        return ()
    try:
        document = read(path)
    except InvalidDocument as error:
        raise InvalidRulebook(error.problems) from error
    value = document.value
    entries = value.get("accepted") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(entries, list):
        hint = "une seule clé, `accepted:`, suivie d’une liste de `{code: …, about: …, because: …}`"
        raise InvalidRulebook([document.problem(Fault((), "liste de constats acceptés attendue", hint))])
    found: list[Accepted] = []
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(entries):
        try:
            acceptance = validated(Acceptance, entry)
        except Faults as error:
            problems += [document.problem(fault.under("accepted", index)) for fault in error.faults]
            continue
        if acceptance.code not in codes:
            fault = Fault(("code",), f"code {named(acceptance.code)} inconnu", nearest(acceptance.code, codes))
            problems.append(document.problem(fault.under("accepted", index)))
        if (acceptance.code, acceptance.about) in seen:
            fault = Fault((), f"`{acceptance.about}` est déjà accepté pour `{acceptance.code}`", "gardez une raison")
            problems.append(document.problem(fault.under("accepted", index)))
        seen.add((acceptance.code, acceptance.about))
        message = f"`{acceptance.code}` n’est plus constaté sur `{acceptance.about}`"
        place = document.problem(Fault(("accepted", index), message, "retirez cette entrée"))
        found.append(Accepted(acceptance, place, below))
    if problems:
        raise InvalidRulebook(problems)
    return found


def sift(findings: Iterable[Finding], accepted: Iterable[Accepted], codes: Collection[str]) -> Sifted:
    """Tell apart what is open and what was accepted.

    Args:
        findings: what was found.
        accepted: what the authors accept, of whatever code.
        codes: what was looked for; acceptances of other codes cannot be stale.
    """
    by_key = {(one.acceptance.code, one.acceptance.about): one for one in accepted}
    open_: list[Finding] = []
    met: list[tuple[Finding, Acceptance]] = []
    used: set[tuple[str, str]] = set()
    for finding in findings:
        key = (finding.code, finding.about)
        if key in by_key:
            used.add(key)
            met.append((finding, by_key[key].acceptance))
        else:
            open_.append(finding)
    stale = tuple(one.place for key, one in by_key.items() if key[0] in codes and key not in used and not one.below)
    return Sifted(tuple(open_), tuple(met), stale)
