"""A difference as its readers meet it: an outline of French sentences, which `text` and `markdown` lay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from conseil.authoring.difference.changes import Change, ChangeKind, EntryKind, Field
from conseil.authoring.difference.consequences import CaseMoved, PlanMoved
from conseil.authoring.difference.model import Difference
from conseil.authoring.verification.witnesses import witness_words
from conseil.comparison import Standing
from conseil.evolution import Moved, Origin
from conseil.plan import Plan, Status
from conseil.rendering.outline import Entry, Line, Outline, Section, say
from conseil.rendering.typography import typographic
from conseil.rulebook import Rulebook
from conseil.sentences import PRIORITIES, STATUSES, listed
from conseil.worlds import facts_behind

if TYPE_CHECKING:  # proofs need z3, and all the rest is shown without it
    from conseil.authoring.difference.proofs import Proof

__all__ = ["difference_outline", "same_answers"]

Saved = Mapping[str, Sequence[Path]]
"""The files of the witness of each action whose status can differ."""

_NAMES: dict[EntryKind, str] = {
    "guide": "guide",
    "question": "question",
    "deduction": "déduction",
    "action": "action",
    "rule": "règle",
    "example": "exemple",
}
_KINDS: dict[ChangeKind, str] = {"added": "ajouté", "removed": "retiré", "changed": "changé"}
_MASCULINE: tuple[EntryKind, ...] = ("guide", "example")
_ORIGINS: dict[Origin, str] = {
    "rule_added": "la règle `{}` est nouvelle",
    "rule_removed": "la règle `{}` a disparu",
    "rule_changed": "la règle `{}` a changé",
    "answers": "la règle `{}` lit un fait qui a changé",
    "either": "la règle `{}`",
}


def difference_outline(found: Difference, saved: Saved) -> Outline:
    """Write a difference down in sections."""
    versions = " → ".join(f"{state.rulebook.version} (`{state.name}`)" for state in (found.before, found.after))
    return Outline(
        title=typographic("Ce qui change d’un état des règles à l’autre"),
        subtitle=typographic(f"Règles {found.after.rulebook.guide.id} : {versions}"),
        sections=(_changes(found), _plans(found), _cases(found), _proofs(found, saved)),
    )


# What changed


def _changes(found: Difference) -> Section:
    none = (say("", "Rien n’a changé dans ce que disent les règles."),)
    entries = tuple(_change(change, found) for change in found.changes)
    return Section("Dans les règles", () if entries else none, entries)


def _change(change: Change, found: Difference) -> Entry:
    what = _KINDS[change.kind] + ("" if change.entry in _MASCULINE else "e")
    lines = [say(" / ".join(field.way), _field(field)) for field in change.fields]
    if not lines:
        rulebook = (found.before if change.kind == "removed" else found.after).rulebook
        lines = [say("", said) for said in [_said(change, rulebook)] if said]
    return Entry(None, typographic(f"{_NAMES[change.entry].capitalize()} `{change.id}` : {what}"), (), tuple(lines))


def _said(change: Change, rulebook: Rulebook) -> str | None:
    match change.entry:
        case "rule":
            return rulebook.rules[change.id].because
        case "action":
            return rulebook.by_id[change.id].title
        case "question":
            return rulebook.vocabulary[change.id].label
        case _:
            return None


def _field(field: Field) -> str:
    return f"{_value(field.before)} → {_value(field.after)}"


def _value(value: object) -> str:
    """Write a value of a file on one line, as the file could hold it."""
    match value:
        case None:
            return "rien"
        case str():
            return value if " " not in value else f"« {value} »"
        case int():
            return str(value)
        case _:
            text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**6)
            return text.strip()


# What it changes, on what is carried


def _plans(found: Difference) -> Section:
    moved = [plan for plan in found.plans if plan.has_moved]
    count = len(found.plans)
    if not count:
        said = "Aucun des territoires fournis avec conseil n’est de ce guide."
    elif moved:
        said = f"{len(moved)} des {count} territoires fournis avec conseil : leur plan change."
    else:
        said = f"Aucun des {count} territoires fournis avec conseil ne change de plan."
    entries = tuple(_plan(plan, found.after.rulebook) for plan in moved)
    return Section("Sur les territoires fournis", (say("", said),), entries)


def _plan(moved: PlanMoved, after: Rulebook) -> Entry:
    lines: list[Line] = []
    if moved.unread is not None:
        which = "d’avant" if moved.unread == "before" else "d’après"
        lines.append(say("", f"Ce profil ne se lit pas avec les règles {which}."))
    lines += [say(one.title, _moved(one)) for one in moved.statuses]
    lines += [say(after.by_id[action].title, _stood(*both)) for action, both in moved.standings.items()]
    return Entry(None, moved.profile, (), tuple(lines))


def _moved(moved: Moved) -> str:
    said = f"{_status(moved.before)} → {_status(moved.after)}"
    causes = [_ORIGINS[turn.origin].format(turn.rule) for turn in moved.turns]
    causes += [f"`{fact}` se déduit autrement" for fact in moved.deductions]
    causes += [f"son prérequis `{action}` a changé" for action in moved.prerequisites]
    return f"{said} ({listed(causes)})." if causes else f"{said}."


def _status(status: Status | None) -> str:
    return "absente" if status is None else STATUSES[status]


def _stood(before: Standing, after: Standing) -> str:
    said = []
    if before.priority != after.priority:
        said.append(f"priorité {PRIORITIES[before.priority]} → {PRIORITIES[after.priority]}")
    for word, one, other in (("rang", before.rank, after.rank), ("vague", before.wave, after.wave)):
        if one != other:
            said.append(f"{word} {one or '–'} → {other or '–'}")
    if before.now != after.now:
        said.append("à lancer maintenant" if after.now else "n’est plus à lancer maintenant")
    return f"{', '.join(said)}."


def _cases(found: Difference) -> Section:
    count = len({case.name for state in (found.before, found.after) for case in state.cases})
    none = f"Les {count} cas donnent le même résultat avant et après." if count else "Il n’y a pas de cas."
    moved = len(found.cases)
    some = f"{moved} cas sur {count} {'ne donne' if moved == 1 else 'ne donnent'} pas le même résultat."
    lines = (say("", some if found.cases else none),)
    return Section("Sur les cas", lines, tuple(_case(moved) for moved in found.cases))


def _case(moved: CaseMoved) -> Entry:
    words = {True: "réussi", False: "échoué", None: "illisible"}
    said = f"{words[moved.holds_before]} → {words[moved.holds_after]}"
    failing = "Après" if moved.holds_after is False else "Avant"
    return Entry(None, typographic(moved.name), (said,), tuple(say(failing, line) for line in moved.lines))


# What it can change, on any territory


def _proofs(found: Difference, saved: Saved) -> Section:
    title = "Sur tous les territoires possibles"
    if not found.comparable:
        return Section(title, (say("", "Aucun territoire ne se lit des deux côtés : il n’y a rien à comparer."),))
    if found.proofs is None:
        said = "Non recherché : il faut z3, qui n’est pas installé (`pip install 'conseil[verify]'`)."
        return Section(title, (say("", said),))
    moved = [proof for proof in found.proofs if proof.plans is not None]
    entries = tuple(_proof(proof, proof.plans, saved) for proof in moved if proof.plans is not None)
    return Section(title, tuple(_proof_lines(found, found.proofs)), entries)


def _proof_lines(found: Difference, proofs: Sequence[Proof]) -> Iterator[Line]:
    by = {
        verdict: [proof.action for proof in proofs if proof.verdict == verdict]
        for verdict in ("refuted", "proved", "undecided")
    }
    if by["refuted"]:
        count = len(by["refuted"])
        said = "1 action peut changer" if count == 1 else f"{count} actions peuvent changer"
        yield say("", f"{said} de statut ; voici un territoire pour chacune.")
    if by["proved"]:
        count, others = len(by["proved"]), "autres " * bool(by["refuted"] or by["undecided"])
        one = "de l’autre action" if others else "de la seule action"
        whose = one if count == 1 else f"des {count} {others}actions"
        yield say("", f"Prouvé : le statut {whose} ne change sur aucun territoire.")
    if by["undecided"]:
        names = listed(f"`{action}`" for action in by["undecided"])
        yield say("", f"Non décidé en {found.seconds:g} s pour {names} : donnez plus de temps avec `--timeout`.")
    yield say(
        "Comparés",
        "les territoires complets que les deux états lisent. Un choix, ou une action, qui n’existe que d’un côté n’est"
        " pas comparé ; une question qui n’existe que d’un côté, ou dont aucune réponse ne va aux deux, y a sa propre"
        " réponse.",
    )


def _proof(proof: Proof, plans: tuple[Plan, Plan], saved: Saved) -> Entry:
    before, after = plans
    statuses = [STATUSES[plan.item(proof.action).status] for plan in plans]
    lines = []
    if same_answers(before, after):
        lines.append(say("Témoin", _words(proof, after)))
    else:
        lines += [say("Témoin avant", _words(proof, before)), say("Témoin après", _words(proof, after))]
    lines += [Line("Profil", str(path)) for path in saved.get(proof.action, ())]
    return Entry(None, typographic(after.item(proof.action).action.title), (" → ".join(statuses),), tuple(lines))


def same_answers(before: Plan, after: Plan) -> bool:
    """Say whether the two profiles of a witness say the same."""
    first, second = before.profile, after.profile
    return (first.answers, first.progress) == (second.answers, second.progress)


def _words(proof: Proof, plan: Plan) -> str:
    return witness_words(plan, tuple(facts_behind(plan.rulebook, plan.item(proof.action).action)))
