"""`conseil diff`: what changed between two states of the rules, on folders and on a real git repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

import conseil
from broken_rulebooks import Edit, edited
from conseil.authoring.difference import shown_json
from conseil.authoring.difference.changes import ORDER, Change, Field, changes
from conseil.authoring.difference.model import compare
from conseil.authoring.difference.proofs import proofs
from conseil.authoring.difference.revisions import opened
from conseil.authoring.verification.answers import random_territories
from conseil.cli import conseil as command
from fuzz_rulebooks import random_rulebook
from golden_files import ROOT, check_golden
from test_verify_command import random_columns

GOLDEN = ROOT / "tests" / "golden" / "diff"
SECOND = ROOT / "tests" / "second_guide" / "rules"

_RULE = """      - id: acces-foncier.essai
        effect: recommend
        when: {scenario: soutien, moyens_animation: dedie}
        because: Quelqu’un a le temps de chercher.
        basis: editorial
        rationale: Pour l’essai.
"""

CARRIED_EDITS = (
    Edit(
        "actions/6-developpement-economique.yaml",
        "title: Faciliter l’accès au foncier",
        "title: Faciliter l’accès aux locaux",
    ),
    Edit(
        "actions/6-developpement-economique.yaml",
        "      - id: acces-foncier.besoin\n",
        _RULE + "      - id: acces-foncier.besoin\n",
    ),
    Edit("deductions.yaml", "            - {investisseurs: engages}\n", ""),
    Edit("guide.yaml", "thresholds: {high: 65, medium: 57}", "thresholds: {high: 66, medium: 57}"),
)
"""A small change of the carried rules: a title, a rule, a deduction and a threshold."""

_QUESTION = """  - id: cafe
    label: Café
    ask: Y a-t-il du café ?
    type: boolean
    actionable: no
    basis: editorial
    rationale: Pour l’essai.

"""

SECOND_EDITS = (
    Edit("questions/bande.yaml", "  - id: pannes\n", _QUESTION + "  - id: pannes\n"),
    Edit("questions/quartier.yaml", "      - {id: louee, label: une salle louée}\n", ""),
    Edit("guide.yaml", "when: {salle: [pretee, louee]}", "when: {salle: pretee}"),
    Edit(
        "questions/quartier.yaml",
        "    type: integer\n    unit: personnes\n    min: 0\n    max: 500\n",
        "    type: choice\n    choices: [{id: peu, label: peu de monde}, {id: foule, label: beaucoup de monde}]\n",
    ),
    Edit("guide.yaml", "  population: visiteurs\n", ""),
    Edit("actions/1-preparer.yaml", "{visiteurs: {max: 30}}", "{visiteurs: peu, cafe: oui}"),
    Edit("actions/1-preparer.yaml", "{visiteurs: {min: 31, max: 500}}", "{visiteurs: foule}"),
    Edit("actions/3-durer.yaml", "{visiteurs: {min: 5}}", "{visiteurs: foule, cafe: oui}"),
    Edit("actions/1-preparer.yaml", "when: {not: {cagnotte: garnie}}", "when: {cagnotte: vide}"),
)
"""A deep change of the second guide: a question is new, one has another type, another a choice less."""


@pytest.fixture
def carried_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    return pair(ROOT / "rules", CARRIED_EDITS, tmp_path / "carried", monkeypatch)


@pytest.fixture
def second_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    return pair(SECOND, SECOND_EDITS, tmp_path / "second", monkeypatch)


def pair(rules: Path, edits: tuple[Edit, ...], folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Copy a rulebook twice, change the second one, and go where both are."""
    for name in ("avant", "apres"):
        shutil.copytree(rules, folder / name)
    edited(folder / "apres", *edits)
    monkeypatch.chdir(folder)
    return folder / "avant", folder / "apres"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["diff", *arguments], catch_exceptions=False)


# Folders


@pytest.mark.golden
def test_a_small_change_of_the_carried_rules(carried_pair: tuple[Path, Path]) -> None:
    assert carried_pair
    result = run("avant", "apres", "--save", "temoins")
    assert result.exit_code == 0
    check_golden(GOLDEN / "carried.txt", result.output)


@pytest.mark.golden
def test_a_deep_change_of_the_second_guide(second_pair: tuple[Path, Path]) -> None:
    assert second_pair
    result = run("avant", "apres", "--save", "temoins")
    assert result.exit_code == 0
    check_golden(GOLDEN / "second.txt", result.output)


def test_nothing_changes_where_nothing_changed() -> None:
    shown = run(str(SECOND), str(SECOND)).output
    assert "Rien n’a changé" in shown
    assert "Prouvé" in shown
    assert "peut changer" not in shown


@pytest.mark.parametrize("which", ["carried_pair", "second_pair"])
def test_every_saved_witness_has_two_statuses(which: str, request: pytest.FixtureRequest) -> None:
    """The profiles that were written, read again by each state, show the change."""
    folders: tuple[Path, Path] = request.getfixturevalue(which)
    before, after = map(conseil.load_rulebook, folders)
    data = json.loads(run("avant", "apres", "--save", "temoins", "--format", "json").output)
    refuted = {proof["action"]: proof["witness"] for proof in data["proofs"] if proof["answer"] == "refuted"}
    assert refuted
    for action, witness in refuted.items():
        alone = Path("temoins", f"{action}.yaml")
        paths = (
            [alone, alone]
            if alone.exists()
            else [Path("temoins", f"{action}-{end}.yaml") for end in ("avant", "apres")]
        )
        plans = [
            conseil.advise(conseil.load_profile(path, rulebook), rulebook, "reference")
            for path, rulebook in zip(paths, (before, after), strict=True)
        ]
        statuses = [plan.item(action).status for plan in plans]
        assert statuses == [witness["status_before"], witness["status_after"]]
        assert statuses[0] != statuses[1]


def test_random_territories_refute_no_proof_that_a_status_stays(carried_pair: tuple[Path, Path]) -> None:
    before, after = map(conseil.load_rulebook, carried_pair)
    found = proofs(before, after, 60)
    assert found is not None
    proved = [proof.action for proof in found if proof.verdict == "proved"]
    assert len(proved) > 30
    columns = random_columns(before, np.random.default_rng(5), 20_000)
    tables = [next(conseil.advise_columns([columns], rulebook)) for rulebook in (before, after)]
    for action in proved:
        place = tables[0].actions.index(action)
        assert (tables[0].status[:, place] == tables[1].status[:, place]).all(), action


def test_proofs_hold_of_random_rulebooks_with_a_rule_less() -> None:
    chance = Random(17)  # noqa: S311 - the same rulebooks every time
    verdicts = set()
    for _ in range(25):
        before = random_rulebook(chance)
        action = chance.choice(before.actions)
        kept = action.model_copy(update={"rules": action.rules[1:] or action.rules})
        actions = tuple(kept if one is action else one for one in before.actions)
        after = before.model_copy(update={"actions": actions})
        found = proofs(before, after, 60)
        assert found is not None
        verdicts |= {proof.verdict for proof in found}
        stays = [proof.action for proof in found if proof.verdict == "proved"]
        for territory in islice(random_territories(before, chance), 20):
            plans = [conseil.advise(territory.profile("Ici", book), book, "compiled") for book in (before, after)]
            assert [plans[0].item(one).status for one in stays] == [plans[1].item(one).status for one in stays]
    assert verdicts == {"proved", "refuted"}


def test_without_time_nothing_is_decided() -> None:
    rulebook = conseil.load_rulebook(SECOND)
    found = proofs(rulebook, rulebook, 0)
    assert found is not None
    assert {"undecided"} == {proof.verdict for proof in found}


def test_states_that_share_no_answer_to_the_scenario_are_not_compared() -> None:
    before = conseil.load_rulebook(SECOND)
    renamed = {"asso": "association", "voisins": "voisinage"}
    questions = tuple(
        one.model_copy(
            update={"choices": tuple(choice.model_copy(update={"id": renamed[choice.id]}) for choice in one.choices)}
        )
        if one.id == before.guide.roles.scenario
        else one
        for one in before.questions
    )
    assert proofs(before, before.model_copy(update={"questions": questions}), 60) is None


# What changed


def test_a_condition_is_compared_whole_and_an_entry_by_its_fields() -> None:
    before = conseil.load_rulebook(SECOND)
    action = before.by_id["affiche"]
    rule = action.rules[1].model_copy(update={"because": "Autre chose.", "when": action.rules[0].when})
    actions = tuple(
        one.model_copy(update={"rules": (rule, action.rules[0])}) if one is action else one for one in before.actions
    )
    after = before.model_copy(update={"actions": actions})
    old, new = (next(one for one in book.rules.values() if one.id == rule.id) for book in (before, after))
    first, second = (one.model_dump(mode="json")["when"] for one in (old, new))
    assert changes(before, after) == (
        Change("action", "affiche", "changed", (
            Field(("rules", ORDER), [one.id for one in action.rules], [rule.id, action.rules[0].id]),
        )),
        Change("rule", rule.id, "changed", (
            Field(("when",), first, second), Field(("because",), old.because, "Autre chose."),
        )),
    )  # fmt: skip


def test_what_is_new_and_what_is_gone_are_told_once() -> None:
    """A rule more or less is no change of the order of the others."""
    before = conseil.load_rulebook(SECOND)
    fewer = tuple(action for action in before.actions if action.id != "calendrier")
    after = before.model_copy(update={"actions": fewer})
    gone = [Change("action", "calendrier", "removed"), Change("rule", "calendrier.elan", "removed")]
    assert list(changes(before, after)) == gone
    assert [change.kind for change in changes(after, before)] == ["added", "added"]


# git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose tag `v1` holds the second guide, and whose HEAD has one rule otherwise."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    (tmp_path / "LISEZMOI").write_text("vide\n", encoding="utf-8")
    commit("avant toute règle")
    git("tag", "v0")
    shutil.copytree(SECOND, tmp_path / "guide")
    commit("des règles")
    git("tag", "v1")
    edited(tmp_path / "guide", Edit("actions/1-preparer.yaml", "when: {salle: rien}", "when: {salle: [rien, pretee]}"))
    commit("une règle de plus")
    return tmp_path


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Essai", "-c", "user.email=essai@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)  # noqa: S607 - the system's git


def commit(message: str) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", message)


@pytest.mark.parametrize("names", [("v1", "HEAD"), ("HEAD~1", "guide"), ("v1:guide", "HEAD:guide")])
def test_revisions_are_read_from_the_repository(names: tuple[str, str], repository: Path) -> None:
    assert Path.cwd() == repository
    result = run(*names)
    assert result.exit_code == 0
    assert "Règle `trouver-salle.sans-toit`\N{NO-BREAK SPACE}: changée" in result.output
    assert "non retenue → recommandée" in result.output


@pytest.mark.parametrize("names", [("HEAD~1", "."), ("v1:guide", "."), ("v1:guide/", "HEAD")])
def test_revisions_are_read_from_within_the_rules(
    names: tuple[str, str], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "guide")
    assert "Règle `trouver-salle.sans-toit`\N{NO-BREAK SPACE}: changée" in run(*names).output


def test_a_repository_may_hold_an_overlay_alone(repository: Path) -> None:
    git("rm", "--quiet", "-r", "guide")
    shutil.copytree(ROOT / "docs" / "overlay-example", repository / "region")
    commit("une adaptation")
    output = " ".join(run("HEAD", "region").output.split())
    assert "2026.1+region-exemple@1 (`HEAD`) → 2026.1+region-exemple@1 (`region`)" in output
    assert "Rien n’a changé dans ce que disent les règles." in output


def refused(*names: str) -> str:
    """Return what is said of a pair that cannot be compared."""
    with pytest.raises(conseil.InvalidInput) as caught:
        run(*names)
    return str(caught.value)


def test_what_cannot_be_found_is_said(repository: Path) -> None:
    assert "ce n’est pas un dossier, et git n’a pas de révision `v9`" in refused("v9", "guide")
    assert "aucun dossier de règles dans cette révision" in refused("v0", "guide")
    assert "pas de dossier `regles` dans la révision `v1`" in refused("v1:regles", "guide")
    assert "ce n’est ni un dossier de règles, ni une révision de git" in refused("LISEZMOI", "guide")
    assert "ce n’est ni un dossier de règles, ni une révision de git" in refused("--", "--output=x", "guide")
    shutil.copytree(SECOND, repository / "autre")
    commit("deux guides")
    assert "nommez-en un : `HEAD:autre`, `HEAD:guide`" in refused("HEAD", "guide")


def test_what_is_wrong_in_a_revision_is_told_under_its_name(repository: Path) -> None:
    edit = Edit("actions/1-preparer.yaml", "{benevoles: [pas-un, poignee]}", "{benevole: [pas-un]}")
    edited(repository / "guide", edit)
    commit("une faute")
    assert "HEAD:guide/actions/1-preparer.yaml:10:16: question `benevole` inconnue" in refused("HEAD", "v1")


def test_outside_a_repository_or_without_git_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert "nous ne sommes pas dans un dépôt git" in refused("HEAD", str(SECOND))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git n’est pas installé" in refused("HEAD", str(SECOND))


def test_two_guides_are_not_compared() -> None:
    assert "ce sont deux guides" in refused(str(SECOND), str(ROOT / "rules"))


# Without z3, and as JSON


def test_without_z3_all_but_proofs_is_said(second_pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert second_pair
    monkeypatch.setitem(sys.modules, "z3", None)
    result = run("avant", "apres")
    assert result.exit_code == 0
    assert "Question `cafe`" in result.output
    assert "Non recherché" in result.output
    assert json.loads(run("avant", "apres", "--format", "json").output)["proofs"] is None
    assert CliRunner().invoke(command, ["diff", "avant", "apres", "--save", "ici"]).exit_code != 0


@pytest.mark.golden
def test_the_schema_is_fresh_and_holds(carried_pair: tuple[Path, Path], second_pair: tuple[Path, Path]) -> None:
    schema = shown_json.ExportedDifference.model_json_schema(mode="serialization")
    path = ROOT / "docs" / "difference.schema.json"
    check_golden(path, json.dumps(schema, ensure_ascii=False, indent=2) + "\n")
    for folders in (carried_pair, second_pair):
        with opened(str(folders[0])) as before, opened(str(folders[1])) as after:
            exported = shown_json.export_difference(compare(before, after, 60, proved=True))
        jsonschema.validate(json.loads(exported.model_dump_json()), schema)
