"""A profile of older rules: answers follow the names that changed, and none is lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import action, choice, rule, rulebook
from conseil import InvalidInput, Profile, Rulebook, load_profile, load_rulebook, shipped_profiles
from conseil.cli import conseil as command
from conseil.documents import parse
from conseil.migration import Keep, Migration, migrated
from conseil.profile import Answer
from conseil.profile_file import ProfileFile
from golden_files import ROOT

SECOND = ROOT / "tests" / "second_guide" / "rules"

OLD = """\
# Le profil d’un quartier.
rulebook: {id: cafe-reparation, version: "7"}  # l’ancienne
name: Ici
kind: real
answers:
  conduite: voisins
  salle: louee   # vu avec la mairie
  # ce qu’on répare
  pannes: [velo, grille-pain]  # le samedi
  vieille: oui   # on ne sait plus
  perdue:
    value: a   # tout
    # vraiment
    note: rien
progress: {others: todo, trouver-salle: doing}
skipped: [cagnotte]
"""

NEW = """\
# Le profil d’un quartier.
rulebook: {id: cafe-reparation, version: 8}  # l’ancienne
name: Ici
kind: real
answers:
  conduite: voisins
  local: payante   # vu avec la mairie
  # ce qu’on répare
  pannes: [cycles]  # le samedi
progress: {others: todo, trouver-local: doing}
skipped: [caisse]
set_aside:
  vieille: oui   # on ne sait plus
  perdue:
    value: a   # tout
    # vraiment
    note: rien
  pannes: [velo, grille-pain]
"""

RENAMES = {  # in the rules: what is written now, for what was written
    "id: salle\n": "id: local\n    renamed_from: [piece, salle]\n",
    "{id: louee, label: une salle louée}": "{id: payante, label: une salle payante, renamed_from: [louee]}",
    "{id: velo, label: les vélos}": "{id: cycles, label: les vélos, renamed_from: [velo]}",
    "{id: grille-pain, label: les grille-pain}": "{id: four, label: les fours}",
    "id: cagnotte\n": "id: caisse\n    renamed_from: [cagnotte]\n",
    "id: trouver-salle\n": "id: trouver-local\n    renamed_from: [trouver-salle]\n",
    "{salle:": "{local:",
    "pretee, louee]": "pretee, payante]",
    "cagnotte: ": "caisse: ",
    "fact: cagnotte": "fact: caisse",
    "grille-pain, velo": "four, cycles",
    "trouver-salle.": "trouver-local.",
    "action: trouver-salle": "action: trouver-local",
    "actions: [trouver-salle]": "actions: [trouver-local]",
    'version: "7"': 'version: "8"',
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return the second guide of a year later, in which names have changed."""
    folder = Path(shutil.copytree(SECOND, tmp_path / "rules"))
    for path in folder.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for before, after in RENAMES.items():
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "ici.yaml"
    path.write_text(OLD, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


def test_migrate_rewrites_what_changed_and_keeps_the_rest(profile: Path, rules: Path) -> None:
    result = run("migrate", profile, "--to", rules)

    assert result.exit_code == 0
    assert profile.read_text(encoding="utf-8") == NEW
    said = result.output.replace(f"{profile}", "ici.yaml").splitlines()
    assert said[:6] == [
        "ici.yaml : ce profil suit maintenant les règles cafe-reparation 8",
        "  `salle` s’appelle maintenant `local`",
        "  `progress.trouver-salle` s’appelle maintenant `progress.trouver-local`",
        "  `local=louee` s’appelle maintenant `local=payante`",
        "  `pannes=velo` s’appelle maintenant `pannes=cycles`",
        "ici.yaml:9:11: choix `grille-pain` disparu de `pannes`",
    ]
    assert [line for line in said if line.startswith("ici.yaml:") and "disparue" in line] == [
        "ici.yaml:10:3: question `vieille` disparue",
        "ici.yaml:11:3: question `perdue` disparue",
    ]
    assert said[-1].startswith("3 réponses ne veulent plus rien dire dans ces règles")


def test_migrating_twice_changes_nothing(profile: Path, rules: Path) -> None:
    run("migrate", profile, "--to", rules)

    result = run("migrate", profile, "--to", rules)

    assert profile.read_text(encoding="utf-8") == NEW
    assert "rien à changer" in result.output


def test_a_new_file_leaves_the_old_one_as_it_is(profile: Path, rules: Path, tmp_path: Path) -> None:
    result = run("migrate", profile, "--to", rules, "-o", tmp_path / "neuf.yaml")

    assert (result.exit_code, profile.read_text(encoding="utf-8")) == (0, OLD)
    assert (tmp_path / "neuf.yaml").read_text(encoding="utf-8") == NEW
    with pytest.raises(InvalidInput, match="ce fichier existe déjà"):
        run("migrate", profile, "--to", rules, "-o", tmp_path / "neuf.yaml")


@pytest.mark.parametrize("folder", [".", "/", "dossier"])
def test_a_folder_is_no_new_file(folder: str, profile: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(profile.parent)
    Path("dossier").mkdir()

    with pytest.raises(InvalidInput, match="c’est un dossier ; donnez le nom d’un fichier"):
        run("migrate", profile, "--to", rules, "-o", folder)

    assert not list(Path("dossier").iterdir())


def test_without_rules_it_is_the_carried_ones_that_count(tmp_path: Path) -> None:
    path = tmp_path / "ici.yaml"
    path.write_bytes(next(iter(shipped_profiles().values())).read_bytes())
    before = path.read_bytes()

    assert "rien à changer" in run("migrate", path).output
    assert path.read_bytes() == before


def test_a_shipped_profile_stays_as_it_is(tmp_path: Path) -> None:
    name = next(iter(shipped_profiles()))

    with pytest.raises(click.UsageError, match="est un territoire fourni, qui ne change pas"):
        CliRunner().invoke(command, ["migrate", name], catch_exceptions=False, standalone_mode=False)
    assert run("migrate", name, "-o", tmp_path / "copie.yaml").exit_code == 0
    assert (tmp_path / "copie.yaml").read_bytes() == shipped_profiles()[name].read_bytes()


def test_a_clash_is_shown_and_nothing_is_written_without_a_decision(profile: Path, rules: Path) -> None:
    text = OLD.replace("answers:\n", "answers:\n  local: rien   # la vérité\n")
    profile.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        run("migrate", profile, "--to", rules)

    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (8, 3)
    assert problem.message == "`local` dit autre chose, et c’est la même chose que `salle` sous un autre nom"
    assert profile.read_text(encoding="utf-8") == text
    with pytest.raises(InvalidInput, match="dit autre chose"):
        run("plan", profile, "--rules", rules)

    run("migrate", profile, "--to", rules, "--keep", "new")

    written = profile.read_text(encoding="utf-8")
    assert "  local: rien   # la vérité\n" in written
    assert "  salle: louee   # vu avec la mairie\n" in written.partition("set_aside:")[2]


def test_the_older_answer_may_be_the_one_to_keep(profile: Path, rules: Path) -> None:
    profile.write_text(OLD.replace("answers:\n", "answers:\n  local: rien   # la vérité\n"), encoding="utf-8")

    run("migrate", profile, "--to", rules, "--keep", "old")

    written = profile.read_text(encoding="utf-8")
    assert "  local: payante   # vu avec la mairie\n" in written
    assert "  local: rien   # la vérité\n" in written.partition("set_aside:")[2]


def test_the_same_answer_under_two_names_is_no_clash(profile: Path, rules: Path) -> None:
    profile.write_text(OLD.replace("  salle", "  local: payante\n  salle"), encoding="utf-8")

    run("migrate", profile, "--to", rules)

    assert profile.read_text(encoding="utf-8") == NEW.replace(
        "  local: payante   # vu avec la mairie\n", "  local: payante\n  # vu avec la mairie\n"
    )


def test_a_plan_reads_an_old_profile_and_leaves_it_alone(profile: Path, rules: Path) -> None:
    commands: list[list[str | Path]] = [
        ["plan", profile],
        ["explain", profile, "trouver-local"],
        ["compare", profile, profile],
    ]
    for arguments in commands:
        result = run(*arguments, "--rules", rules)
        assert result.exit_code == 0
        assert "question `vieille` disparue" in result.stderr
        if arguments[0] != "explain":
            assert "«\N{NO-BREAK SPACE}vieille\N{NO-BREAK SPACE}»" in " ".join(result.stdout.split(" "))
            assert "version 7 des règles" in " ".join(result.stdout.split())
    assert profile.read_text(encoding="utf-8") == OLD


def test_a_profile_that_names_no_version_follows_names_and_nothing_else(profile: Path, rules: Path) -> None:
    """Nothing says that the rest was right once: it may be a mistake."""
    profile.write_text(OLD.replace(', version: "7"', ""), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        run("plan", profile, "--rules", rules)
    assert [problem.message.partition(" pour")[0] for problem in caught.value.problems] == [
        "choix `grille-pain` inconnu",
        "question `vieille` inconnue",
        "question `perdue` inconnue",
    ]
    assert [problem.line for problem in caught.value.problems] == [9, 10, 11]

    kept = "answers: {conduite: voisins, salle: louee}\n"
    profile.write_text(f"name: Ici\nkind: real\n{kept}", encoding="utf-8")
    assert run("plan", profile, "--rules", rules).exit_code == 0
    run("migrate", profile, "--to", rules)
    assert "answers: {conduite: voisins, local: payante}\n" in profile.read_text(encoding="utf-8")


def test_the_library_says_how_to_go_on(profile: Path, rules: Path) -> None:
    with pytest.raises(InvalidInput, match="elle s’appelle maintenant `local` ; `conseil migrate` récrit le fichier"):
        load_profile(profile, load_rulebook(rules))


# Whatever was answered


NAMES = ["a", "b", "old-a", "older-a", "old-b", "gone"]
VALUES = ["yes", "no", "oui", "non", "maybe", "unknown"]


def years_later() -> Rulebook:
    """Return rules in which questions, choices and actions go by other names."""
    first: dict[str, Any] = {**choice("a", "yes", "no"), "renamed_from": ["old-a", "older-a"]}
    first["choices"] = [
        {"id": "yes", "label": "oui", "renamed_from": ["oui"]},
        {"id": "no", "label": "non", "renamed_from": ["non"]},
    ]
    several: dict[str, Any] = {**choice("b", "yes", "no"), "type": "choices", "renamed_from": ["old-b"]}
    act = {**action("act", rule("recommend")), "renamed_from": ["old-act"]}
    return rulebook(act, questions=[first, several])


written: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    value=st.sampled_from(VALUES) | st.lists(st.sampled_from(VALUES[:5]), unique=True, min_size=1, max_size=3),
    note=st.sampled_from(["", "vu"]),
)
old_profiles = st.fixed_dictionaries(
    {
        "answers": st.dictionaries(st.sampled_from(NAMES), written, max_size=4),
        "progress": st.dictionaries(
            st.sampled_from(["act", "old-act", "gone", "others"]), st.sampled_from(["todo", "done", "fini"]), max_size=3
        ),
        "set_aside": st.dictionaries(st.sampled_from(["a", "gone"]), written, max_size=1),
    }
)


def file_of(drawn: dict[str, dict[str, Any]], version: str) -> str:
    lines = [f'rulebook: {{id: small, version: "{version}"}}', "name: Ici", "kind: real"]
    for block, entries in drawn.items():
        lines += [f"{block}:"] * bool(entries)
        for number, (name, entry) in enumerate(entries.items()):
            said = entry if isinstance(entry, str) else f"{entry['value']}".replace("'", "")
            if isinstance(entry, dict) and entry["note"]:
                said = f"{{value: {said}, note: {entry['note']}}}"
            lines.append(f"  {name}: {said}  # {block}-{number}!")
    return "\n".join(lines) + "\n"


def told(answer: Answer) -> tuple[frozenset[str], str | None]:
    """Say what an answer means in today's words, whichever name its choices have."""
    today = {"oui": "yes", "non": "no"}
    values = answer.value if isinstance(answer.value, tuple) else (str(answer.value),)
    return frozenset(today.get(value, value) for value in values), answer.note


@settings(max_examples=300, deadline=None)
@given(drawn=old_profiles, keep=st.sampled_from(["old", "new"]))
def test_no_answer_is_lost(
    drawn: dict[str, dict[str, Any]], keep: Keep, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each is under its name of today, or set aside as it was; so is its comment, and all is so at a second time."""
    book = years_later()
    path = tmp_path_factory.mktemp("profiles") / "ici.yaml"
    path.write_text(file_of(drawn, "0"), encoding="utf-8")
    before = Profile.model_validate(parse(path.read_text(encoding="utf-8"), "").value)

    file = ProfileFile.resume(path, book, keep)
    file.save(file.profile)

    text = path.read_text(encoding="utf-8")
    after = load_profile(path, book)
    called = {**book.renamed_questions, "a": "a", "b": "b"}
    aside = [told(answer) for answer in after.set_aside.values()]
    for name, answer in before.answers.items():
        here = after.answers.get(called.get(name, ""))
        assert (here is not None and told(here) == told(answer)) or told(answer) in aside
        alone = [other for other in before.answers if called.get(other) == called.get(name, "")] == [name]
        if called.get(name) == "a" and alone and told(answer)[0] < {"yes", "no", "unknown"}:
            assert (here is not None) == (len(told(answer)[0]) == 1)  # it is carried over
    for action_id, state in before.progress.items():
        here_now = after.progress.get(book.renamed_actions.get(action_id, action_id))
        assert here_now == state or (frozenset([state]), None) in aside
    for answer in before.set_aside.values():
        assert told(answer) in aside
    assert [comment for block in drawn for comment in comments_of(drawn, block) if comment not in text] == []

    again = ProfileFile.resume(path, book, keep)
    again.save(again.profile)
    assert (path.read_text(encoding="utf-8"), again.stale, again.departed) == (text, False, ())


def comments_of(drawn: dict[str, dict[str, Any]], block: str) -> list[str]:
    return [f"# {block}-{number}!" for number in range(len(drawn[block]))]


def test_reading_a_profile_of_this_version_moves_nothing() -> None:
    book = years_later()
    text = file_of({"answers": {"a": {"value": "yes", "note": ""}}}, book.version)

    assert migrated(parse(text, ""), book) == Migration(Profile.model_validate(parse(text, "").value), {}, ())
