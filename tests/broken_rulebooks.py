"""Rulebooks with one weakness each: a sound copy of the second guide, and the edit that spoils it.

`SPOILT` holds, for each code of `conseil verify`, what is then found and the text that is replaced to get there.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from golden_files import ROOT

__all__ = ["SPOILT", "Edit", "Weakness", "edited", "sound_copy", "spoilt"]


class Edit(NamedTuple):
    """A text of one file, and what stands there instead."""

    file: str
    before: str
    after: str


class Weakness(NamedTuple):
    """What a finding is about, and the edits that lead to it."""

    about: str
    edits: tuple[Edit, ...]


_GUIDE = "guide.yaml"
_PREPARE = "actions/1-preparer.yaml"
_OPEN = "actions/2-ouvrir.yaml"
_LAST = "actions/3-durer.yaml"
_DEDUCTIONS = "deductions.yaml"
_WAITING = """accepted:
  - code: empty-first-wave
    about: cafe-reparation
    because: On attend ce qui est en cours.
"""

_SOUND = (Edit(_GUIDE, "{high: 50, medium: 42}", "{high: 40, medium: 38}"),)


def _rule(name: str, effect: str, when: str) -> str:
    lines = [f"- id: {name}", f"  effect: {effect}", f"  when: {when}", "  because: Essai."]
    return "".join(f"      {line}\n" for line in [*lines, "  basis: editorial", "  rationale: Essai."])


SPOILT: dict[str, Weakness] = {
    "never-true": Weakness(
        "affiche.couverte", (Edit(_OPEN, "{conduite: asso, assurance: oui}", "{conduite: voisins, assurance: oui}"),)
    ),
    "always-true": Weakness(
        "reunir-reparateurs.panneau", (Edit(_PREPARE, "{visiteurs: {max: 30}}", "{visiteurs: {max: 500}}"),)
    ),
    "shadowed-recommend": Weakness(
        "affiche.couverte",
        (Edit(_OPEN, "      - id: affiche.couverte\n", _rule("affiche.jamais", "exclude", "{assurance: oui}")
              + "      - id: affiche.couverte\n"),),
    ),
    "never-recommended": Weakness(
        "atelier-couture",
        (Edit(_LAST, "{pannes: {none: [couture]}}", "{any: [{pannes: {none: [couture]}}, {visiteurs: {min: 5}}]}"),),
    ),
    "never-high": Weakness("trouver-salle", (Edit(_PREPARE, "points: {impact: ++}", 'points: {impact: "--"}'),)),
    "always-recommended": Weakness(
        "vente-gateaux",
        (Edit(_PREPARE, "      - id: vente-gateaux.hygiene\n",
              _rule("vente-gateaux.encore", "recommend", "{cagnotte: garnie}")
              + "      - id: vente-gateaux.hygiene\n"),),
    ),
    "same-meaning": Weakness(
        "affiche.encore-une-fois",
        (Edit(_OPEN, "      - id: affiche.couverte\n",
              _rule("affiche.encore-une-fois", "recommend", "{not: {pannes: {none: [grille-pain, velo, couture]}}}")
              + "      - id: affiche.couverte\n"),),
    ),
    "question-without-effect": Weakness(
        "meteo",
        (
            Edit("questions/quartier.yaml", "questions:\n", """questions:
  - id: meteo
    label: Météo
    ask: Pleut-il ?
    type: boolean
    actionable: no
    basis: editorial
    rationale: Pour l’essai.
"""),
            Edit(_PREPARE, "when: {salle: rien}", "when: {salle: rien, any: [{meteo: oui}, {not: {meteo: oui}}]}"),
        ),
    ),
    "unreachable-value": Weakness(
        "cagnotte=garnie",
        (Edit(_DEDUCTIONS, "    otherwise: {value: vide,", """      - value: garnie
        when: {progress.vente-gateaux: done, benevoles: equipe}
        because: Encore.
    otherwise: {value: vide,"""),),
    ),
    "unreachable-step": Weakness(
        "voisins/durer",
        (
            Edit(_LAST, "when: {elan: chaud}", "when: {elan: chaud, conduite: asso}"),
            Edit(_LAST, "when: {visiteurs: {min: 5}}", "when: {visiteurs: {min: 5}, conduite: asso}"),
        ),
    ),
    "unreachable-stage": Weakness(
        "voisins/envie",
        (Edit(_GUIDE, "when: {progress.reunir-reparateurs: done}",
              "when: {progress.reunir-reparateurs: done, salle: rien}"),),
    ),
    "empty-plan": Weakness(
        "cafe-reparation",
        (Edit(_PREPARE, "when: {not: {cagnotte: garnie}}", "when: {not: {cagnotte: garnie}, benevoles: pas-un}"),),
    ),
    "empty-first-wave": Weakness("cafe-reparation", (Edit("accepted.yaml", _WAITING, "accepted: []\n"),)),
    "no-decision": Weakness(
        "cafe-reparation",
        (Edit(_PREPARE, "{benevoles: [pas-un, poignee]}",
              "{benevoles: [pas-un, poignee], not: {benevoles: pas-un, progress.vente-gateaux: done}}"),),
    ),
}  # fmt: skip


def sound_copy(folder: Path) -> Path:
    """Write the second guide into a folder, mended so that nothing is left to find; return its rules."""
    rules = folder / "rules"
    shutil.copytree(ROOT / "tests" / "second_guide" / "rules", rules)
    (rules / "accepted.yaml").write_text(_WAITING, encoding="utf-8")
    return edited(rules, *_SOUND)


def spoilt(code: str, folder: Path) -> Path:
    """Write the rulebook that has the weakness of that code; return its rules."""
    return edited(sound_copy(folder), *SPOILT[code].edits)


def edited(rules: Path, *edits: Edit) -> Path:
    """Replace texts in a folder of rules, each of which must be there."""
    for edit in edits:
        path = rules / edit.file
        text = path.read_text(encoding="utf-8")
        assert edit.before in text, edit
        path.write_text(text.replace(edit.before, edit.after, 1), encoding="utf-8")
    return rules
