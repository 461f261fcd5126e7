"""Overlays: what a region adds to a guide, replaces or withdraws, and how a reader sees whose advice it is."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import conseil
from conseil import InvalidRulebook, Profile, Rulebook, load_rulebook
from conseil.authoring.cases import load_cases, run_case
from conseil.cli import conseil as command
from conseil.documents import parse
from conseil.errors import Fault
from conseil.rendering import outline
from conseil.rendering.markdown import render_markdown
from conseil.rendering.text import render_text
from conseil.rulebook import Entry, Places
from golden_files import ROOT, check_golden

SECOND = ROOT / "tests" / "second_guide"
GUIDE, CANAL, LOCK = SECOND / "rules", SECOND / "overlays" / "canal", SECOND / "overlays" / "ecluse"
SOUND, SOUND_OVERLAY = (ROOT / "tests" / "bad_input" / name for name in ("sound", "sound_overlay"))
GOLDEN = ROOT / "tests" / "golden" / "overlays"
EXAMPLE = ROOT / "docs" / "overlay-example"

QUAY = Profile.model_validate(
    {
        "name": "Le quai",
        "kind": "invented",
        "answers": {
            "conduite": "voisins",
            "moment": "envie",
            "visiteurs": "25",
            "salle": "rien",
            "benevoles": "poignee",
            "pannes": ["velo"],
            "cagnotte": "vide",
            "peniche": "oui",
        },
        "progress": {"others": "todo"},
    },
)


@pytest.fixture
def book() -> Rulebook:
    return load_rulebook(GUIDE, CANAL)


def test_an_overlay_adds_replaces_and_withdraws(book: Rulebook) -> None:
    guide = load_rulebook(GUIDE)

    assert [theme.id for theme in book.guide.themes] == ["quartier", "bande", "eau"]
    assert set(book.vocabulary) - set(guide.vocabulary) == {"peniche"}
    assert (set(book.by_id) - set(guide.by_id), set(guide.by_id) - set(book.by_id)) == (
        {"amarrer-peniche"},
        {"calendrier"},
    )
    assert set(book.rules) - set(guide.rules) == {"trouver-salle.peniche", "amarrer-peniche.accueil"}
    assert set(guide.rules) - set(book.rules) == {"affiche.couverte", "calendrier.elan"}
    assert book.rules["trouver-salle.foule"].because == "Le quai est étroit, et l’on attend du monde."
    assert book.rules["trouver-salle.sans-toit"] == guide.rules["trouver-salle.sans-toit"]


def test_what_an_overlay_says_of_an_action_leaves_its_rules_alone(book: Rulebook) -> None:
    guide = load_rulebook(GUIDE)

    assert book.by_id["affiche"].title == "Coller une affiche à l’écluse"
    assert book.rules["affiche.savoir-faire"] == guide.rules["affiche.savoir-faire"]
    assert book.by_id["trouver-salle"].title == guide.by_id["trouver-salle"].title
    # a rule that is replaced keeps its place, and one that is added comes last
    assert [rule.id for rule in book.by_id["trouver-salle"].rules] == [
        "trouver-salle.sans-toit",
        "trouver-salle.foule",
        "trouver-salle.peniche",
    ]


def test_each_entry_knows_who_wrote_it(book: Rulebook) -> None:
    assert {kind: set(entries) for kind, entries in book.origins.items()} == {
        "question": {"peniche"},
        "action": {"amarrer-peniche", "affiche"},
        "rule": {"trouver-salle.foule", "trouver-salle.peniche", "amarrer-peniche.accueil"},
    }
    assert book.origin_title("rule", "trouver-salle.foule") == "Quartier du Canal"
    assert book.origin("rule", "trouver-salle.sans-toit") is None


def test_overlays_stack_in_their_order(book: Rulebook) -> None:
    both = load_rulebook(GUIDE, CANAL, LOCK)

    assert both.version == "7+canal@2+ecluse@1"
    assert "trouver-salle.peniche" not in both.rules
    assert "trouver-salle.peniche" not in both.origins["rule"]
    # an entry keeps the overlay that wrote it, whatever another one adds to it
    assert both.origin_title("action", "affiche") == "Quartier du Canal"
    assert both.origin_title("rule", "affiche.ecluse") == "L’Écluse"
    assert both.by_id["affiche"].title == book.by_id["affiche"].title


def test_check_names_what_a_later_overlay_has_written_anew(tmp_path: Path) -> None:
    """The later one wins, and its author may not know what else is laid below."""
    (tmp_path / "actions").mkdir()
    (tmp_path / "overlay.yaml").write_text(
        "id: port\nversion: '1'\ntitle: Le port\npublisher: La capitainerie\n"
        "adapts: {id: cafe-reparation, version: '7'}\n",
        encoding="utf-8",
    )
    (tmp_path / "actions" / "1-preparer.yaml").write_text(
        "step: preparer\nactions:\n  - id: trouver-salle\n    rules:\n"
        "      - {id: trouver-salle.foule, effect: reinforce, when: {visiteurs: {min: 40}}, points: {impact: +},\n"
        "         because: Il vient du monde., basis: editorial, rationale: Le port est grand.}\n",
        encoding="utf-8",
    )

    laid = load_rulebook(GUIDE, CANAL, tmp_path)
    arguments = [part for folder in (GUIDE, CANAL, tmp_path) for part in ("--rules", str(folder))]
    result = CliRunner().invoke(command, ["check", *arguments], catch_exceptions=False)

    assert laid.overruled == {"canal": {"trouver-salle.foule": "port"}}
    assert laid.origin_title("rule", "trouver-salle.foule") == "Le port"
    assert "; récrit ensuite : trouver-salle.foule par port" in result.output
    assert load_rulebook(GUIDE, CANAL, LOCK).overruled == {}


def test_examples_no_longer_illustrate_an_action_that_is_gone(tmp_path: Path) -> None:
    laid = Path(shutil.copytree(SOUND_OVERLAY, tmp_path / "region"))
    head = laid / "overlay.yaml"
    head.write_text(head.read_text(encoding="utf-8") + "  - {action: creuser, because: B}\n", encoding="utf-8")

    before, after = load_rulebook(SOUND, SOUND_OVERLAY), load_rulebook(SOUND, laid)

    assert [deed.actions for example in before.examples for deed in example.did] == [("creuser",)]
    assert [deed.actions for example in after.examples for deed in example.did] == [()]
    assert "creuser.pelle" not in after.rules


def test_an_overlay_may_rest_on_another() -> None:
    """Below the canal, the lock withdraws what nobody has written yet."""
    with pytest.raises(InvalidRulebook) as caught:
        load_rulebook(GUIDE, LOCK, CANAL)

    assert {problem.message for problem in caught.value.problems} == {
        "règle `trouver-salle.peniche` inconnue",
    }


def test_the_hash_is_that_of_the_result(tmp_path: Path, book: Rulebook) -> None:
    moved = tmp_path / "ailleurs"
    shutil.copytree(CANAL, moved)
    assert load_rulebook(GUIDE, moved).sha256 == book.sha256
    assert load_rulebook(GUIDE).sha256 != book.sha256

    path = moved / "actions" / "preparer.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Installez les tables", "Posez les tables"), "utf-8")

    changed = load_rulebook(GUIDE, moved)
    assert changed.sha256 != book.sha256
    assert changed == load_rulebook(GUIDE, moved)  # as it was remembered
    assert changed.folders == (str(GUIDE), str(moved))


def test_the_place_of_an_entry_is_in_the_folder_that_wrote_it(book: Rulebook) -> None:
    places = Places(book)

    found = {
        rule: Path(places.problem(Entry("rule", rule), Fault(("because",), "?")).path)
        for rule in ("trouver-salle.sans-toit", "trouver-salle.foule")
    }

    assert found == {
        "trouver-salle.sans-toit": GUIDE / "actions" / "1-preparer.yaml",
        "trouver-salle.foule": CANAL / "actions" / "preparer.yaml",
    }
    place = places.problem(Entry("rule", "trouver-salle.foule"), Fault(("because",), "?"))
    text = (CANAL / "actions" / "preparer.yaml").read_text(encoding="utf-8").splitlines()
    assert "Le quai est étroit" in text[(place.line or 0) - 1]


def test_an_overlay_alone_is_laid_over_the_carried_rules(tmp_path: Path) -> None:
    carried = load_rulebook().guide
    (tmp_path / "overlay.yaml").write_text(
        f'id: ici\nversion: "1"\ntitle: Ici\npublisher: Nous\n'
        f'adapts: {{id: {carried.id}, version: "{carried.version}"}}\n',
        encoding="utf-8",
    )

    book = load_rulebook(tmp_path)

    assert (book.guide, book.version) == (carried, f"{carried.version}+ici@1")


def test_a_further_folder_that_is_no_overlay_is_refused() -> None:
    with pytest.raises(InvalidRulebook) as caught:
        load_rulebook(GUIDE, GUIDE)

    assert "fichier introuvable" in {problem.message for problem in caught.value.problems}


@pytest.mark.golden
@pytest.mark.parametrize("form", ["txt", "md"])
def test_a_plan_says_whose_advice_it_is(form: str, book: Rulebook) -> None:
    made = outline(conseil.advise(QUAY, book))
    check_golden(GOLDEN / f"quai.{form}", render_text(made).plain if form == "txt" else render_markdown(made))


@pytest.mark.golden
def test_an_explanation_says_whose_rules_they_are(tmp_path: Path) -> None:
    path = tmp_path / "quai.yaml"
    path.write_text(
        'name: Le quai\nkind: invented\nanswers: {conduite: voisins, moment: envie, peniche: oui, visiteurs: "25"}\n',
        encoding="utf-8",
    )
    arguments = ["explain", str(path), "trouver-salle", "--rules", str(GUIDE), "--rules", str(CANAL)]
    check_golden(GOLDEN / "trouver-salle.txt", CliRunner().invoke(command, arguments, catch_exceptions=False).output)


def test_a_plan_in_json_says_who_gives_each_reason(book: Rulebook) -> None:
    exported = conseil.export(conseil.advise(QUAY, book))
    data = json.loads(exported.model_dump_json())
    schema = json.loads((ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8"))

    jsonschema.validate(data, schema)
    (overlay,) = data["rulebook"]["overlays"]
    assert (overlay["id"], overlay["title"]) == ("canal", "Quartier du Canal")
    assert [gone["id"] for gone in overlay["withdrawn"]] == ["affiche.couverte", "calendrier"]
    reasons = {reason["rule"]: reason for item in data["items"] for reason in item["reasons"]}
    assert reasons["trouver-salle.peniche"]["origin"] == {"id": "canal", "title": "Quartier du Canal"}
    assert reasons["trouver-salle.peniche"]["basis"] == "overlay"
    assert reasons["trouver-salle.sans-toit"]["origin"] == {"id": "cafe-reparation", "title": book.guide.title}
    items = {item["action"]: item["origin"]["id"] for item in data["items"]}
    assert (items["amarrer-peniche"], items["trouver-salle"]) == ("canal", "cafe-reparation")


def test_no_quotation_of_an_overlay_stands_under_the_mark_of_the_guide(book: Rulebook) -> None:
    lines = [line for section in outline(conseil.advise(QUAY, book)).sections for line in section.lines]
    lines += [
        line
        for section in outline(conseil.advise(QUAY, book)).sections
        for entry in section.entries
        for line in entry.lines
    ]
    quoting = [line for line in lines if line.quote]

    assert any(line.basis == "overlay" for line in quoting)
    assert all((line.basis == "overlay") == bool(line.quote and line.quote.document) for line in quoting)


def test_a_deduction_that_an_overlay_writes_is_not_shown_as_the_guides(tmp_path: Path) -> None:
    laid = Path(shutil.copytree(CANAL, tmp_path / "canal"))
    (laid / "deductions.yaml").write_bytes((GUIDE / "deductions.yaml").read_bytes())

    shown = render_text(outline(conseil.advise(QUAY, load_rulebook(GUIDE, laid)))).plain

    assert "□ (Quartier du Canal) Maturité\N{NO-BREAK SPACE}: à lancer (déduite)" in shown


def test_all_engines_judge_an_adapted_rulebook_alike(book: Rulebook, usable_engines: list[str]) -> None:
    plans = {conseil.export(conseil.advise(QUAY, book, engine)).model_dump_json() for engine in usable_engines}

    assert len(plans) == 1


def test_check_says_what_overlays_do_and_reads_their_cases(tmp_path: Path) -> None:
    moved = tmp_path / "canal"
    shutil.copytree(CANAL, moved)
    arguments = ["check", "--rules", str(GUIDE), "--rules", str(moved)]

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)

    assert result.exit_code == 0
    assert "adaptation canal 2 (Quartier du Canal) : 6 entrées écrites, 2 retirées" in result.output.splitlines()
    cases = moved / "tests" / "canal.yaml"
    cases.write_text(cases.read_text(encoding="utf-8").replace("amarrer-peniche", "calendrier"), encoding="utf-8")
    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    assert result.return_value == 1
    assert "action `calendrier` inconnue" in result.output


def test_what_has_moved_since_says_whose_rule_it_is(tmp_path: Path) -> None:
    """A rule of the lock holds back, today, what the guide alone recommended."""
    laid = Path(shutil.copytree(LOCK, tmp_path / "ecluse"))
    path = laid / "actions" / "ouvrir.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("effect: caution", "effect: exclude"), encoding="utf-8")
    profile = tmp_path / "quai.yaml"
    profile.write_text("name: Le quai\nkind: invented\nanswers: {pannes: [velo]}\n", encoding="utf-8")
    old = run("plan", profile, "--format", "json", "--rules", GUIDE, "-o", tmp_path / "plan.json")
    assert old.exit_code == 0

    shown = run(
        "compare", profile, "--since", tmp_path / "plan.json", "--rules", GUIDE, "--rules", CANAL, "--rules", laid
    ).output

    assert "version 7 alors, version 7+canal@2+ecluse@1 aujourd’hui" in " ".join(shown.split())
    assert "□ (L’Écluse) " in shown


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


def test_commands_that_list_name_the_overlay() -> None:
    rules = ["--rules", str(GUIDE), "--rules", str(CANAL)]

    actions = CliRunner().invoke(command, ["actions", *rules], catch_exceptions=False).output
    questions = CliRunner().invoke(command, ["questions", *rules], catch_exceptions=False).output

    assert "   amarrer-peniche (Quartier du Canal)\n" in actions
    assert "   peniche (Quartier du Canal)\n" in questions


# Whatever is said again


def said_again(draw: Callable[[st.SearchStrategy[bool]], bool], folder: Path) -> tuple[Path, set[str]]:
    """Write an overlay that repeats some entries of the second guide word for word, and return what it repeats."""
    head = {"id": "echo", "version": "1", "title": "Écho", "publisher": "Nous"}
    overlay = Path(folder, "overlay.yaml")
    overlay.write_text(yaml.safe_dump(head | {"adapts": {"id": "cafe-reparation", "version": "7"}}), encoding="utf-8")
    repeated: set[str] = set()
    for path in sorted(GUIDE.rglob("*.yaml")):
        value: Any = parse(path.read_text(encoding="utf-8"), "").value
        key = next((key for key in ("questions", "actions", "deductions") if key in value), None)
        if key is None:
            continue
        kept = []
        for entry in value[key]:
            if draw(st.booleans()):
                chosen = dict(entry)
                if key == "actions":
                    rules = [rule for rule in entry["rules"] if draw(st.booleans())]
                    alone = bool(rules) and draw(st.booleans())
                    chosen = {"id": entry["id"], "rules": rules} if alone else entry | {"rules": rules}
                    repeated.update(rule["id"] for rule in rules)
                kept.append(chosen)
                repeated.add(str(entry.get("id", entry.get("fact"))))
        if kept:
            target = folder / path.relative_to(GUIDE)
            target.parent.mkdir(exist_ok=True)
            target.write_text(yaml.safe_dump(value | {key: kept}, allow_unicode=True), encoding="utf-8")
    return folder, repeated


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_overlay_that_repeats_the_guide_changes_nothing_but_who_says_it(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    guide = load_rulebook(GUIDE)
    folder, repeated = said_again(data.draw, tmp_path_factory.mktemp("echo"))

    book = load_rulebook(GUIDE, folder)

    assert book.model_copy(update={"overlays": (), "origins": {}}) == guide
    assert {name for entries in book.origins.values() for name in entries} <= repeated


@pytest.mark.golden
def test_the_documentation_shows_the_files_of_its_example() -> None:
    document = ROOT / "docs" / "overlays.md"
    text = document.read_text(encoding="utf-8")
    pattern = re.compile(r"(<!-- file: (\S+) -->\n```yaml\n).*?(^```$)", re.DOTALL | re.MULTILINE)

    shown = pattern.sub(
        lambda found: found[1] + (document.parent / found[2]).read_text(encoding="utf-8") + found[3], text
    )

    check_golden(document, shown)


def test_the_example_of_the_documentation_holds() -> None:
    """It is laid over the carried rules, alone, as by somebody who has only installed conseil; its cases are true."""
    book = load_rulebook(EXAMPLE)

    cases = load_cases([EXAMPLE / "tests"], book)

    assert [result.mismatches for result in (run_case(case, book) for case in cases)] == [()]
    assert "inventé" in book.overlays[0].publisher
