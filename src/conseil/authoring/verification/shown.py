"""A verification as its readers meet it: an outline of French sentences, which `text` and `markdown` lay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from conseil.authoring.codes import PROOFS
from conseil.authoring.findings import Finding
from conseil.authoring.verification.proving import Answer, Verification
from conseil.authoring.verification.witnesses import witness_words
from conseil.rendering.outline import Entry, Line, Outline, Section, Table, say
from conseil.rendering.typography import typographic
from conseil.sentences import uncapitalised

__all__ = ["verification_outline"]

Saved = Mapping[tuple[str, str], Path]
"""The file of the witness of each finding that has one, by code and what it is about."""


def verification_outline(found: Verification, saved: Saved) -> Outline:
    """Write a verification down in sections."""
    guide = found.rulebook.guide
    counts = f"{len(found.answers)} énoncés sur {len(found.rulebook.actions)} actions et {len(found.rulebook.rules)}"
    sections = [_in_short(found), _open(found, saved), _accepted(found), _stale(found), _undecided(found)]
    return Outline(
        title=typographic(f"Preuves sur les règles {guide.id} {found.rulebook.version}"),
        subtitle=typographic(f"{counts} règles, vérifiés sur tous les territoires complets possibles"),
        sections=tuple(section for section in sections if section.lines or section.entries),
    )


def _in_short(found: Verification) -> Section:
    rows: list[tuple[tuple[str, ...], ...]] = []
    open_, accepted = [finding.code for finding in found.sifted.open], [one.code for one, _ in found.sifted.accepted]
    for code, title in PROOFS.items():
        answers = [answer for answer in found.answers if answer.claim.code == code]
        if answers:
            undecided = sum(answer.verdict == "undecided" for answer in answers)
            counts = (len(answers), open_.count(code), accepted.count(code), undecided)
            rows.append(((title,), *((str(count) if count else "·",) for count in counts)))
    header = ("Ce qui est cherché", "énoncés", "à voir", "acceptés", "non décidés")
    return Section("En bref", tuple(_verdict_lines(found)), table=Table(header, tuple(rows)))


def _verdict_lines(found: Verification) -> Iterator[Line]:
    open_, accepted = len(found.sifted.open), len(found.sifted.accepted)
    if found.holds and not accepted:
        yield say("", "Prouvé : rien à corriger.")
    elif found.holds:
        whose = "leur" if accepted > 1 else "sa"
        yield say("", f"Prouvé : rien à corriger ; {_counted(accepted, 'constat accepté')}, avec {whose} raison.")
    elif open_:
        yield say("", f"{_counted(open_, 'constat')} à corriger dans les règles, ou à accepter dans `accepted.yaml`.")
    if found.undecided:
        count = _counted(len(found.undecided), "énoncé")
        yield say("", f"{count} sans réponse en {found.seconds:g} s : donnez plus de temps avec `--timeout`.")


def _counted(count: int, word: str) -> str:
    return f"{count} {' '.join(f'{part}s' for part in word.split()) if count > 1 else word}"


def _open(found: Verification, saved: Saved) -> Section:
    entries = [_entry(found, finding, saved) for finding in found.sifted.open]
    return Section("À corriger, ou à accepter", (), tuple(entries))


def _entry(found: Verification, finding: Finding, saved: Saved) -> Entry:
    answer, problem = found.findings[finding.code, finding.about], finding.problem
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part is not None)
    lines = [Line("Où", place), say("Code", f"{finding.code} de `{finding.about}`")]
    if problem.hint:
        lines.append(say("Aide", f"{problem.hint}."))
    lines += _witness_lines(answer)
    if (finding.code, finding.about) in saved:
        lines.append(Line("Profil", str(saved[finding.code, finding.about])))
    return Entry(None, typographic(f"{problem.message[:1].upper()}{problem.message[1:]}."), (), tuple(lines))


def _witness_lines(answer: Answer) -> Iterator[Line]:
    if answer.witness is None:
        yield say("Preuve", "aucun territoire complet n’y contredit.")
    else:
        label = "Témoin" if answer.claim.wanted else "Exemple"
        yield say(label, witness_words(answer.witness.plans[0], answer.claim.facts, answer.witness.like))


def _accepted(found: Verification) -> Section:
    entries = [
        Entry(None, typographic(f"{finding.code} de `{finding.about}`"), (), (say("", acceptance.because),))
        for finding, acceptance in found.sifted.accepted
    ]
    return Section("Acceptés, et pourquoi", (), tuple(entries))


def _stale(found: Verification) -> Section:
    entries = [
        Entry(
            None,
            typographic(f"{problem.message[:1].upper()}{problem.message[1:]}."),
            (),
            (Line("Où", f"{problem.path}:{problem.line}"), say("Aide", f"{problem.hint}.")),
        )
        for problem in found.sifted.stale
    ]
    return Section("Acceptés à tort", (), tuple(entries))


def _undecided(found: Verification) -> Section:
    lines = [
        say("", f"{PROOFS[answer.claim.code]} : {uncapitalised(answer.claim.says)} ?") for answer in found.undecided
    ]
    return Section(typographic(f"Non décidés en {found.seconds:g} s"), tuple(lines))
