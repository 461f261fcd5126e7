"""`conseil compare`: every option, every misuse, and what is read."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from pydantic import BaseModel

import conseil
from conseil import cli
from conseil.comparison import compare, scenario_variants, what_if
from conseil.evolution import what_moved
from conseil.rendering import (
    ExportedComparison,
    ExportedEvolution,
    ExportedRobustness,
    Outline,
    comparison_outline,
    comparison_picture,
    evolution_outline,
    export_comparison,
    export_evolution,
    export_robustness,
    render_markdown,
    render_text,
    robustness_outline,
    robustness_picture,
)
from conseil.rendering.typography import typographic
from conseil.robustness import what_holds
from golden_files import ROOT, check_golden
from test_rendering import our_sentences

PROFILES = {name: conseil.load_profile(path) for name, path in conseil.shipped_profiles().items()}
SECOND = ROOT / "tests" / "second_guide"
HERE = "cc-des-hautes-combes"
GOLDEN = ROOT / "tests" / "golden" / "compare"
SVG = "{http://www.w3.org/2000/svg}"


class Ran(NamedTuple):
    """What a command line gave."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a way to run `conseil compare` in this process."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["conseil", "compare", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert isinstance(caught.value.code, int)
        return Ran(caught.value.code, *capsys.readouterr())

    return run


def as_json(ran: Ran) -> Any:  # noqa: ANN401 - JSON
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


# What can be asked


def names(ran: Ran) -> list[str]:
    return [variant["name"] for variant in as_json(ran)["variants"]]


def test_profiles_are_compared_under_their_names(run: Run) -> None:
    assert names(run(HERE, "creuse-grand-sud", "grand-lyon", "--format", "json")) == [
        PROFILES[name].name for name in (HERE, "creuse-grand-sud", "grand-lyon")
    ]


def test_profiles_of_one_name_are_told_apart_by_their_files(run: Run, tmp_path: Path) -> None:
    source = conseil.shipped_profiles()[HERE]
    one, two = tmp_path / "avant.yaml", tmp_path / "apres.yaml"
    shutil.copy(source, one)
    shutil.copy(source, two)
    title = PROFILES[HERE].name

    assert names(run(one, two, "--format", "json")) == [f"{title} (avant)", f"{title} (apres)"]
    assert names(run(one, one, "--format", "json")) == [title, f"{title}, n° 2"]
    assert names(run(HERE, HERE, "--format", "json")) == [title, f"{title}, n° 2"]
    (tmp_path / "plus-tard").mkdir()
    shutil.copy(source, same := tmp_path / "plus-tard" / "avant.yaml")
    assert names(run(one, same, "--format", "json")) == [f"{title} ({one})", f"{title} ({same})"]


def test_answers_are_grouped_in_the_order_of_the_options(run: Run) -> None:
    ran = run(
        "--set", "foncier=bati", HERE, "--variant", "Deux", "--set=foncier=terrain", "--set", "scic=creee",
        "--variant=Trois", "--format", "json", "--set", "besoins=foncier,debouches",
    )  # fmt: skip
    written = as_json(ran)

    assert [variant["name"] for variant in written["variants"]] == [
        PROFILES[HERE].name,
        "foncier=bati",
        "Deux",
        "Trois",
    ]
    expected = what_if(
        PROFILES[HERE],
        {
            "foncier=bati": {"foncier": "bati"},
            "Deux": {"foncier": "terrain", "scic": "creee"},
            "Trois": {"besoins": ("foncier", "debouches")},
        },
    )
    assert written == json.loads(export_comparison(compare(expected)).model_dump_json())


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("foncier=bati", "foncier", "bati"),
        ("foncier= bati ", "foncier", "bati"),
        ("foncier=unknown", "foncier", "unknown"),
        ("population=20000", "population", "20000"),
        ("recherche=Oui", "recherche", "Oui"),
        ("besoins=[foncier, debouches]", "besoins", ("foncier", "debouches")),
        ("besoins=[]", "besoins", ()),
        ("besoins=unknown", "besoins", "unknown"),
        ("progress.plan-communication=done", "progress.plan-communication", "done"),
        ("progress.plan-communication=unknown", "progress.plan-communication", "unknown"),
        ("progress.others=doing", "progress.others", "doing"),
    ],
)
def test_a_setting_is_read_like_a_line_of_a_profile(run: Run, setting: str, key: str, value: object) -> None:
    written = as_json(run(HERE, "--variant", "B", "--set", setting, "--format", "json"))

    assert written == json.loads(
        export_comparison(compare(what_if(PROFILES[HERE], {"B": {key: value}}))).model_dump_json()
    )


def test_every_scenario_is_compared(run: Run) -> None:
    variants = scenario_variants(PROFILES[HERE], conseil.load_rulebook())

    assert names(run(HERE, "--scenarios", "--format", "json")) == list(variants)


def test_robustness_is_that_of_the_library(run: Run) -> None:
    found = what_holds(conseil.advise(PROFILES["plaine-commune"]))

    assert as_json(run("plaine-commune", "--robust", "--format", "json")) == json.loads(
        export_robustness(found).model_dump_json()
    )


def test_other_weights_are_said_not_to_be_those_of_the_rules(run: Run) -> None:
    said = "ce ne sont pas ceux des règles"
    for asked in ([HERE], [HERE, "grand-lyon"], [HERE, "--set", "foncier=bati"], [HERE, "--robust"]):
        assert said in plain(run(*asked, "--weights", "50/50").out)
        assert said in plain(run(*asked, "--weights", "50/50", "--format", "md").out)
    written = as_json(run(HERE, "--weights", "50/50", "--format", "json"))
    assert [variant["weights"] for variant in written["variants"]] == [
        {"impact": 60, "feasibility": 40, "own": True},
        {"impact": 50, "feasibility": 50, "own": False},
    ]
    both = as_json(run(HERE, "grand-lyon", "--weights", "50/50", "--format", "json"))
    assert {variant["weights"]["own"] for variant in both["variants"]} == {False}
    assert said not in plain(run(HERE, "--set", "foncier=bati").out)


def plain(text: str) -> str:
    """Return a text on one line, with plain spaces."""
    return re.sub(r"\s+", " ", text)


def old_plan(folder: Path, name: str, **answers: object) -> Path:
    profile = next(iter(reversed(what_if(PROFILES[name], {"alors": answers}).values())))
    path = folder / "alors.json"
    path.write_text(conseil.export(conseil.advise(profile)).model_dump_json(), encoding="utf-8")
    return path


def test_an_old_plan_is_compared_with_today_s(run: Run, tmp_path: Path) -> None:
    path = old_plan(tmp_path, HERE, foncier="bati")

    written = as_json(run(HERE, "--since", path, "--format", "json"))

    assert written["moved"]
    assert {fact for moved in written["moved"] for fact in moved["answers"]} == {"foncier"}


def test_a_profile_of_another_version_is_said(run: Run, tmp_path: Path) -> None:
    text = conseil.shipped_profiles()[HERE].read_text(encoding="utf-8")
    profile = tmp_path / "ancien.yaml"
    profile.write_text(text.replace('version: "2026.1"', 'version: "2025.3"'), encoding="utf-8")
    said = "a été écrit pour la version 2025.3 des règles"
    plan = old_plan(tmp_path, HERE)

    for asked in ([profile, "grand-lyon"], ["--robust", profile], ["--since", plan, profile]):
        assert said in plain(run(*asked).out)
    written = as_json(run(profile, "grand-lyon", "--format", "json"))
    assert [[warning["code"] for warning in variant["warnings"]] for variant in written["variants"]] == [
        ["other_version"],
        ["capacity_unknown"],
    ]


def test_a_profile_of_another_version_is_migrated_and_what_is_lost_is_said(run: Run, tmp_path: Path) -> None:
    text = conseil.shipped_profiles()[HERE].read_text(encoding="utf-8")
    older = text.replace('version: "2026.1"', 'version: "2025.3"')
    older = older.replace("answers:\n", "answers:\n  terrain: oui\n", 1)
    profile = tmp_path / "ancien.yaml"
    profile.write_text(older, encoding="utf-8")

    found = run(profile, "grand-lyon")

    assert found.code == 0
    assert "Ce profil suit la version 2025.3 des règles ; voici la 2026.1." in plain(found.err)
    assert "question `terrain` disparue" in plain(found.err)
    assert profile.read_text(encoding="utf-8") == older
    profile.write_text(older.replace("2025.3", "2026.1"), encoding="utf-8")
    assert run(profile, "grand-lyon").code == 1


def test_another_guide_runs_too(run: Run, tmp_path: Path) -> None:
    profile, rules = SECOND / "profiles" / "rue-haute.yaml", ("--rules", SECOND / "rules")
    other = SECOND / "profiles" / "les-hirondelles.yaml"
    path = tmp_path / "plan.json"
    book = conseil.load_rulebook(SECOND / "rules")
    path.write_text(
        conseil.export(conseil.advise(conseil.load_profile(other, book), book)).model_dump_json(), encoding="utf-8"
    )

    for asked in (
        [profile, other], [profile, "--scenarios"], [other, "--robust"], [profile, "--since", path],
        [profile, "--weights", "30/70"],
    ):  # fmt: skip
        assert run(*asked, *rules)[::2] == (0, "")


@pytest.mark.parametrize("form", ["text", "md", "json", "svg"])
def test_the_answer_is_written_to_a_file(run: Run, form: str, tmp_path: Path) -> None:
    target = tmp_path / "comparaison"

    assert run(HERE, "grand-lyon", "--format", form, "-o", target) == Ran(0, "", "")
    assert target.read_text(encoding="utf-8") == run(HERE, "grand-lyon", "--format", form).out


def test_every_engine_gives_the_same(run: Run, usable_engines: list[str]) -> None:
    asked = (HERE, "grand-lyon", "--format", "json")

    assert {run(*asked, "--engine", engine).out for engine in usable_engines} == {run(*asked).out}


def test_a_stage_is_refused_that_the_scenario_does_not_have(run: Run) -> None:
    """Here the scenario is the second one; together with the first one, its stage is read."""
    stages = ("passation", "federation")
    for stage in stages:
        ran = run(HERE, "--set", f"etape_posture={stage}")
        assert ran.code == 1
        assert f"`etape_posture={stage}` n’existe pas quand `scenario=soutien`" in ran.err
        assert "possibilités : `impulsion`, `sollicitation`, `soutien-ponctuel`, `unknown`" in ran.err
        both = as_json(
            run(HERE, "--set", f"etape_posture={stage}", "--set", "scenario=initiatrice", "--format", "json")
        )
        assert "stage_of_other_scenario" not in {warning["code"] for warning in both["variants"][1]["warnings"]}
    for accepted in ("sollicitation", "impulsion", "unknown"):
        assert run(HERE, "--variant", "B", "--set", f"etape_posture={accepted}").code == 0
    assert run(HERE, "--set", "scenario=unknown", "--set", "etape_posture=passation").code == 0
    ran = run(HERE, "--set", "scenario=initiatrice", "--set", "etape_posture=soutien-ponctuel")
    assert "possibilités : `impulsion`, `federation`, `passation`, `unknown`" in ran.err


def test_a_value_that_is_deduced_is_not_said_to_be_an_answer(run: Run) -> None:
    said = plain(run("plaine-commune", "--set", "maturite=unknown").out)

    name = "« Maturité de la filière »"
    lost = f"{name} n’a plus de réponse (c’était « structuration ») et vaut « émergence », par déduction"
    assert f"B : maturite=unknown. {lost}." in said
    assert f"Parce que {lost}." in said
    deduced = "grenoble-alpes-metropole"
    back = plain(run(deduced, "--set", "maturite=emergence").out)
    assert f"{name} reçoit la réponse « émergence » (« structuration » était déduit)" in back
    assert f"{name} est « structuration » (déduit) en B et « émergence » en A" in plain(run(HERE, deduced).out)


def test_an_answer_that_is_ignored_is_said_to_be(run: Run) -> None:
    said = plain(run(HERE, "--set", "repreneur=pret").out)

    assert "« Repreneur de l’animation » reçoit la réponse « prêt à reprendre », qui ne compte pas ici." in said
    assert "B : aucune différence" in said


def test_the_answers_that_differ_are_in_json(run: Run) -> None:
    written = as_json(run(HERE, "creuse-grand-sud", "--format", "json"))["variants"]
    plans = [conseil.advise(PROFILES[name]) for name in (HERE, "creuse-grand-sud")]
    given_ = [plan.known.given for plan in plans]
    differing = {fact for fact in {**given_[0], **given_[1]} if given_[0].get(fact) != given_[1].get(fact)}

    assert written[0]["answers"] == {}
    assert {fact for fact in written[1]["answers"] if not fact.startswith("progress.")} == differing
    assert f"{len(written[1]['answers'])} réponses diffèrent de A" in plain(run(HERE, "creuse-grand-sud").out)
    one = as_json(run(HERE, "--variant", "B", "--set", "foncier=unknown", "--format", "json"))["variants"][1]
    assert one["answers"] == {"foncier": {"before": "aucun", "after": "unknown"}}


def test_variants_without_a_difference_leave_nothing_to_decide(run: Run) -> None:
    assert "avant d’avoir tranché" not in plain(run(HERE, HERE).out)
    assert "avant d’avoir tranché" in plain(run(HERE, "--set", "foncier=bati").out)


def test_what_only_these_answers_would_make_true_is_said_so(run: Run) -> None:
    compared = compare({PROFILES[name].name: PROFILES[name] for name in ("petr-du-pays-d-alvine", "seine-saint-denis")})
    flips = [flip for found in compared.differences for cause in found.causes for flip in cause.flips]
    said = plain(run("petr-du-pays-d-alvine", "seine-saint-denis").out)
    written = as_json(run("petr-du-pays-d-alvine", "seine-saint-denis", "--format", "json"))
    rules = [one for found in written["differences"] for cause in found["causes"] for one in cause["rules"]]

    assert not all(flip.holds for flip in flips)
    assert re.search("avec (cette seule réponse|ces seules réponses)", said)
    assert [one["holds"] for one in rules] == [flip.holds for flip in flips]


def test_an_order_is_replayed_with_weights(run: Run) -> None:
    """Every range that JSON gives is what `--weights` shows, at its bounds and right outside them."""
    held = as_json(run("creuse-grand-sud", "--robust", "--format", "json"))
    assert held["crossings"]
    at = {pair["first"] + pair["second"]: pair for pair in held["crossings"]}
    weights = {
        bound + step for pair in at.values() for one in pair["ranges"] for bound in one.values() for step in (-1, 0, 1)
    }
    for weight in sorted(weights & {*range(30, 81)} - {60}):
        again = as_json(run("creuse-grand-sud", "--weights", f"{weight}/{100 - weight}", "--format", "json"))
        ranks = {row["action"]: row["standings"][1]["rank"] for row in again["actions"]}
        for pair in at.values():
            inside = any(one["low"] <= weight <= one["high"] for one in pair["ranges"])
            assert (ranks[pair["second"]] < ranks[pair["first"]]) is inside, (pair, weight)


def test_what_leaves_nothing_out_is_said_of_the_list_only(run: Run) -> None:
    said = plain(run("creuse-grand-sud", "--robust").out)

    assert "Chacune à elle seule ne fait entrer ni sortir aucune action de la liste :" in said
    assert "Sans effet" not in said
    assert "« Acteurs de la recherche » est « oui », si « Structures d’insertion » est « oui » et si" in said


# Pictures


def titles(ran: Ran) -> list[str]:
    """Return what a screen reader says of each mark, and of the whole."""
    assert (ran.code, ran.err) == (0, "")
    root = ET.fromstring(ran.out)  # noqa: S314 - our own picture
    return [plain(element.text or "") for tag in ("title", "desc") for element in root.iter(f"{SVG}{tag}")]


def test_ranks_are_drawn_as_the_comparison_has_them(run: Run) -> None:
    compared = compare({PROFILES[name].name: PROFILES[name] for name in (HERE, "creuse-grand-sud", "grand-lyon")})
    book, said = compared.rulebook, titles(run(HERE, "creuse-grand-sud", "grand-lyon", "--format", "svg"))

    assert compared.ranks
    for action, ranks in compared.ranks.items():
        moves = " → ".join("sans rang" if rank is None else str(rank) for rank in ranks)
        assert any(mark.endswith(plain(typographic(f"{book.by_id[action].title} : {moves}"))) for mark in said), action


def test_every_kind_of_comparison_has_its_picture(run: Run) -> None:
    book, here = conseil.load_rulebook(), PROFILES[HERE]
    for asked, profiles in (
        (("--set", "foncier=bati"), what_if(here, {"foncier=bati": {"foncier": "bati"}})),
        (("--scenarios",), scenario_variants(here, book)),
    ):
        assert run(HERE, *asked, "--format", "svg") == Ran(0, comparison_picture(compare(profiles, book)), "")
    weights = titles(run(HERE, "--weights", "30/70", "--format", "svg"))
    assert "impact 60 %, faisabilité 40 %" in weights[-1]
    assert "impact 30 %, faisabilité 70 %" in weights[-1]
    assert "Poids" not in weights[-1]  # the names of the variants say them
    assert titles(run(HERE, "--set", "foncier=bati", "--format", "svg"))[-1].startswith(f"Variantes : « {here.name} »")


def test_a_picture_names_the_territory_and_the_weights_that_somebody_chose(run: Run) -> None:
    asked = (HERE, "--scenarios", "--format", "svg")
    chosen = titles(run(*asked, "--weights", "30/70"))[-1]

    assert chosen.startswith(f"{PROFILES[HERE].name}. Poids : impact 30 %, faisabilité 70 %. Vous les avez choisis")
    assert "Poids" not in titles(run(*asked))[-1]
    robust = titles(run(HERE, "--robust", "--format", "svg", "--weights", "30/70"))[-1]
    assert robust == chosen.partition("Variantes")[0] + "Aucune réponse ne manque."


def test_what_each_answer_changes_is_drawn_as_it_is_found(run: Run) -> None:
    found = what_holds(conseil.advise(PROFILES["grenoble-alpes-metropole"]))
    ran = run("grenoble-alpes-metropole", "--robust", "--format", "svg")
    said = titles(ran)

    assert ran.out == robustness_picture(found)
    for unknown in found.unknowns:
        label = plain(typographic(found.plan.rulebook.vocabulary[unknown.question].label))
        leave, enter = len(unknown.leaves), len(unknown.enters)
        assert any(
            mark.startswith(label) and re.search(rf" : {leave} sort(ent)?, {enter} entre(nt)?$", mark) for mark in said
        ), unknown


# What cannot be


SOME = "donnez un autre profil, ou `--set`, `--scenarios`, `--robust`, `--since` ou `--weights`"
HELP = "`conseil compare --help` montre comment faire"
MISUSES = {
    "no profile": ((), "argument `PROFIL` manquant", HELP),
    "nothing to compare": ((HERE,), "un seul profil : à quoi le comparer ?", SOME),
    "robust of two": ((HERE, HERE, "--robust"), "`--robust` ne prend qu’un profil, et non 2", "gardez-en un"),
    "since of two": ((HERE, HERE, "--since", "x"), "`--since` ne prend qu’un profil, et non 2", "gardez-en un"),
    "scenarios of two": (
        (HERE, HERE, "--scenarios"), "`--scenarios` ne prend qu’un profil, et non 2", "gardez-en un",
    ),
    "set of two": ((HERE, HERE, "--set", "a=b"), "`--set` ne prend qu’un profil, et non 2", "gardez-en un"),
    "two ways": (
        (HERE, "--robust", "--scenarios"), "`--scenarios` et `--robust` ne vont pas ensemble",
        "lancez la commande une fois pour chacune",
    ),
    "weights of an old plan": (
        (HERE, "--since", "x", "--weights", "50/50"), "`--weights` et `--since` ne vont pas ensemble",
        "les poids ne changent aucun statut",
    ),
    "a picture of an old plan": (
        (HERE, "--since", "x", "--format", "svg"),
        "`--since` et `--format svg` ne vont pas ensemble : il n’y a pas d’image de ce qui a changé",
        "choisissez `text`, `md` ou `json`",
    ),
    "a picture of seven plans": (
        (*[HERE] * 7, "--format", "svg"), "`--format svg` montre de 2 à 6 plans, et non 7",
        "gardez-en moins, ou choisissez `text`, `md` ou `json`",
    ),
    "no question": (
        (HERE, "--set", "=bati"), "option `--set` : `question=valeur` attendu, et non `=bati`",
        "par exemple `foncier=bati`",
    ),
    "empty variant": (
        (HERE, "--set", "foncier=bati", "--variant", "B"), "`--variant B` n’est suivi d’aucun `--set`",
        "ajoutez `--set question=valeur`",
    ),
    "variant without name": (
        (HERE, "--variant", "", "--set", "foncier=bati"), "option `--variant` : nom vide",
        "une variable sans valeur, peut-être",
    ),
    "one question twice": (
        (HERE, "--set", "foncier=bati", "--set", "foncier=aucun"),
        "`--set foncier` est écrit deux fois dans une même variante",
        "gardez-en un, ou commencez une autre variante par `--variant NOM`",
    ),
    "one name twice": (
        (HERE, "--variant", "B", "--set", "foncier=bati", "--variant", "B", "--set", "foncier=aucun"),
        "deux variantes s’appellent `B`", "donnez-leur deux noms par `--variant NOM`",
    ),
    "the name of the territory": (
        (HERE, "--variant", PROFILES[HERE].name, "--set", "foncier=bati"),
        f"la variante `{PROFILES[HERE].name}` porte le nom du territoire", "donnez-lui un autre nom",
    ),
    "weights in words": (
        (HERE, "--weights", "moitié"), "option `--weights` : deux poids attendus, et non `moitié`",
        "par exemple `--weights 50/50`",
    ),
    "three weights": (
        (HERE, "--weights", "30/30/40"), "option `--weights` : deux poids attendus, et non `30/30/40`",
        "par exemple `--weights 50/50`",
    ),
    "weights that are not a whole": (
        (HERE, "--weights", "50/60"), "option `--weights` : la somme de 50 et 60 n’est pas 100",
        "par exemple `--weights 50/50`",
    ),
    "the weights of the rules": (
        (HERE, "--weights", "60/40"), "`--weights 60/40` : ce sont déjà les poids des règles", "donnez-en d’autres",
    ),
    "unknown form": (
        (HERE, "--robust", "--format", "jason"), "option `--format` : valeur `jason` inconnue",
        "vouliez-vous dire `json` ?",
    ),
    "unknown option": (
        (HERE, "--scenario"), "option `--scenario` inconnue", "vouliez-vous dire `--scenarios` ?",
    ),
    "since without value": ((HERE, "--since"), "l’option `--since` attend une valeur", HELP),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message", "hint"), MISUSES.values(), ids=MISUSES)
def test_a_command_line_that_is_not_understood(run: Run, arguments: tuple[str, ...], message: str, hint: str) -> None:
    assert run(*arguments) == Ran(2, "", f"{message}\n  aide : {hint}\n")


@pytest.mark.golden
def test_every_wrong_setting_is_told_with_what_would_be_right(run: Run) -> None:
    wrong = [
        "foncie=bati", "foncier=batis", "foncier2=bati", "population=0", "population=beaucoup", "besoins=foncier,xx",
        "besoins=", "foncier=", "recherche=peut-être", "scenario=not_applicable", "plan-communication=done",
        "progress.plan-communicatio=done", "progress.plan-communication=fini", "maturite",
        "progress.plan-communication", "demandes", "etape_posture=passation",
    ]  # fmt: skip
    settings = [part for index, one in enumerate(wrong) for part in ("--variant", str(index), "--set", one)]

    code, out, err = run(HERE, *settings)

    assert (code, out) == (1, "")
    assert len([line for line in err.splitlines() if line.startswith("--set ")]) == len(wrong)
    check_golden(GOLDEN / "problems.txt", err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nulle-part", HERE, "grand-lion"], ["nulle-part: fichier introuvable", "vouliez-vous dire `grand-lyon` ?"]),
        ([SECOND / "profiles" / "rue-haute.yaml", HERE], ["ce profil est écrit pour les règles `cafe-reparation`"]),
        ([HERE, "--since", "nulle-part.json"], ["nulle-part.json: fichier introuvable"]),
        ([HERE, "--since", ROOT], ["c’est un dossier"]),
        ([HERE, "--since", ROOT / "README.md"], ["ce n’est pas un plan de conseil en JSON"]),
        ([HERE, "--robust", "--rules", "nulle-part"], ["nulle-part: dossier introuvable"]),
    ],
)
def test_what_cannot_be_found_or_used(run: Run, arguments: list[object], said: list[str]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert [part for part in said if part not in err] == []


def test_a_plan_of_other_rules_is_refused(run: Run, tmp_path: Path) -> None:
    path = old_plan(tmp_path, HERE)

    code, _, err = run(SECOND / "profiles" / "rue-haute.yaml", "--since", path, "--rules", SECOND / "rules")

    assert code == 1
    assert "ce plan suit les règles `filiere-ess`, et non `cafe-reparation`" in err


def test_nothing_that_is_read_is_written_over(run: Run, tmp_path: Path) -> None:
    profile = Path(shutil.copy(conseil.shipped_profiles()[HERE], tmp_path / "profil.yaml"))
    plan = old_plan(tmp_path, HERE)
    before = profile.read_bytes(), plan.read_bytes()

    assert "c’est le fichier du profil, qui serait perdu" in run("grand-lyon", profile, "-o", profile).err
    assert "c’est le fichier de l’ancien plan, qui serait perdu" in run(profile, "--since", plan, "-o", plan).err
    assert (profile.read_bytes(), plan.read_bytes()) == before


# What is read


def two_territories() -> Outline:
    return comparison_outline(compare({PROFILES[name].name: PROFILES[name] for name in (HERE, "creuse-grand-sud")}))


def three_variants() -> Outline:
    changes: dict[str, dict[str, object]] = {
        "Avec un bâtiment": {"foncier": "bati"},
        "Avec un budget et un animateur": {"budget_investissement": "limite", "moyens_animation": "dedie"},
        "Un an après": {"progress.recenser-besoins": "done", "collectif": "formalise", "maturite": "structuration"},
    }
    return comparison_outline(compare(what_if(PROFILES[HERE], changes)))


def held() -> Outline:
    return robustness_outline(what_holds(conseil.advise(PROFILES["grenoble-alpes-metropole"])))


def later() -> Outline:
    then = what_if(
        PROFILES[HERE],
        {"alors": {"progress.others": "todo", "foncier": "bati", "projet_strategique": "aucun", "scic": "creee"}},
    )["alors"]
    today = what_if(PROFILES[HERE], {"today": {"progress.recenser-besoins": "done", "collectif": "formalise"}})["today"]
    return evolution_outline(what_moved(conseil.export(conseil.advise(then)), conseil.advise(today)))


OUTLINES = {"territories": two_territories, "variants": three_variants, "robustness": held, "evolution": later}


@pytest.mark.golden
@pytest.mark.parametrize("name", OUTLINES)
def test_what_is_read_is_as_its_golden_file(name: str) -> None:
    outline = OUTLINES[name]()

    check_golden(GOLDEN / f"{name}.txt", render_text(outline).plain)
    check_golden(GOLDEN / f"{name}.md", render_markdown(outline))


def every_outline() -> dict[str, Outline]:
    book = conseil.load_rulebook()
    found = {name: write() for name, write in OUTLINES.items()}
    pairs = [("grand-lyon", "plaine-commune"), ("pnr-de-lorraine", "region-val-de-lorme"), ("ville-de-paris", HERE)]
    for pair in pairs:
        found["-".join(pair)] = comparison_outline(compare({PROFILES[name].name: PROFILES[name] for name in pair}))
    for name, profile in PROFILES.items():
        found[f"robust-{name}"] = robustness_outline(what_holds(conseil.advise(profile)))
    for name in (HERE, "seine-saint-denis", "metropole-de-belleroche"):
        found[f"scenarios-{name}"] = comparison_outline(compare(scenario_variants(PROFILES[name], book)))
    many = {value: {"foncier": value} for value in book.vocabulary["foncier"].values}
    found["many"] = comparison_outline(compare(what_if(PROFILES[HERE], many | {"?": {"foncier": "unknown"}})))
    return found


@pytest.fixture(scope="module")
def written() -> dict[str, Outline]:
    return every_outline()


def test_text_fits_in_eighty_columns(written: dict[str, Outline]) -> None:
    for name, outline in written.items():
        assert [line for line in render_text(outline).plain.splitlines() if len(line) > 80] == [], name


def test_no_plumbing_shows_and_typography_is_french(written: dict[str, Outline]) -> None:
    for name, outline in written.items():
        text = plain(render_text(outline).plain)
        assert re.findall(r"\b(?:None|True|False|unknown|not_applicable|to_confirm|progress\.)\b|\{|\}", text) == [], (
            name
        )
        faults = [
            sentence
            for sentence in our_sentences(outline)
            if re.search(r"[A-Za-zÀ-ÿ]'| [;:!?»]|« |\.\.|  |\.\s[a-zà-ÿ]|\s$|\bque il |\bde les quels", sentence)
        ]
        assert faults == [], name


def test_every_action_stands_in_the_table(written: dict[str, Outline]) -> None:
    for name in ("territories", "variants", "many"):
        tables = [section.table for section in written[name].sections if section.title == "Toutes les actions"]
        assert tables[0] is not None
        assert len(tables[0].rows) == len(conseil.load_rulebook().actions)
        assert all(len(row) == len(tables[0].header) for row in tables[0].rows)


def test_ranks_stand_side_by_side_with_their_moves(written: dict[str, Outline]) -> None:
    compared = compare({PROFILES[name].name: PROFILES[name] for name in (HERE, "creuse-grand-sud")})
    table = next(section.table for section in written["territories"].sections if section.title == "Rangs, côte à côte")
    assert table is not None
    rows = {row[0][0]: (row[1][0], row[2][0]) for row in table.rows}

    assert len(rows) == len(compared.ranks)
    for action, (here, there) in compared.ranks.items():
        told = rows[typographic(compared.rulebook.by_id[action].title)]
        moved = "" if here is None or there is None else f" {'↑' if there < here else '↓'}{abs(there - here)}"
        assert told[0] == str(here or "–")
        assert told[1] == ("–" if there is None else f"{there} =" if here == there else f"{there}{moved}")


def test_every_difference_is_written(written: dict[str, Outline]) -> None:
    comparison = compare({PROFILES[name].name: PROFILES[name] for name in (HERE, "creuse-grand-sud")})
    entries = [entry for section in written["territories"].sections for entry in section.entries]
    idle = {"not_retained", "excluded", "done"}
    aside = [one for one in comparison.differences if one.kind == "reprioritised" and one.after.status in idle]

    assert len(entries) == len(comparison.differences) - len(aside)


# The contracts


SCHEMAS: dict[str, type[BaseModel]] = {
    "comparison": ExportedComparison,
    "robustness": ExportedRobustness,
    "evolution": ExportedEvolution,
}


@pytest.mark.golden
@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_fresh(name: str) -> None:
    schema = SCHEMAS[name].model_json_schema(mode="serialization")

    check_golden(ROOT / "docs" / f"{name}.schema.json", json.dumps(schema, ensure_ascii=False, indent=2) + "\n")


def test_what_is_exported_holds_to_the_schemas() -> None:
    plan = conseil.advise(PROFILES["seine-saint-denis"])
    old = conseil.export(conseil.advise(PROFILES["plaine-commune"]))
    for name, model in {
        "comparison": export_comparison(compare({one: PROFILES[one] for one in ("grand-lyon", "plaine-commune")})),
        "robustness": export_robustness(what_holds(plan)),
        "evolution": export_evolution(what_moved(old, plan)),
    }.items():
        schema = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(json.loads(model.model_dump_json()), schema)
        assert type(model).model_config["frozen"]
        assert type(model).model_config["extra"] == "forbid"
        assert type(model).model_validate_json(model.model_dump_json()) == model


def test_a_cause_read_from_json_can_be_tried(run: Run) -> None:
    """What JSON gives as a cause is what `--set` takes: put back, it gives the difference."""
    found = as_json(run(HERE, "creuse-grand-sud", "--format", "json"))["differences"][:6]
    for difference in found:
        answers = difference["causes"][0]["set"]
        settings = [part for fact, value in answers.items() for part in ("--set", f"{fact}={as_word(value)}")]
        again = as_json(run(HERE, "--variant", "B", *settings, "--format", "json"))
        row = next(row for row in again["actions"] if row["action"] == difference["action"])
        assert row["standings"][1]["status"] == difference["after"]["status"]


def as_word(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return f"[{','.join(map(str, value))}]" if isinstance(value, list) else str(value)
