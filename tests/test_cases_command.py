"""`conseil test`: which rule made a case fail, what no case shows, cases to review; forms and exit codes."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conseil import Plan, Rulebook, advise, cli, load_profile, load_rulebook, shipped_profiles
from conseil.authoring.cases import Case, CaseResult, load_cases, run_case
from conseil.authoring.cases_json import ExportedCases, export_cases
from conseil.authoring.coverage import measure
from conseil.authoring.deciding import difference
from conseil.authoring.drafts import TO_NAME, record
from conseil.authoring.outlined import cases_outline
from conseil.conditions import Not
from conseil.plan.status import DECIDING
from conseil.rendering import render_markdown, render_text
from golden_files import ROOT, check_golden
from small_plans import small_profiles, small_rulebooks
from test_rendering import our_sentences

RULEBOOK = load_rulebook()
CASES = load_cases([Path(folder, "tests") for folder in RULEBOOK.folders], RULEBOOK)
SECOND = ROOT / "tests" / "second_guide"
PLAIN = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})

SECOND_CASES = """\
cases:
  - name: Des voisins peu nombreux réunissent des réparateurs
    answers: {conduite: voisins, moment: envie, visiteurs: 45, benevoles: poignee, salle: rien}
    progress: {others: todo}
    expect:
      recommended: [reunir-reparateurs]
"""

BROKEN = {
    # a test inside an obstacle says the contrary
    "test-retourne": (
        "actions/4-financement.yaml",
        "investir-lieux-totems.sans-foncier",
        """\
when: {foncier: aucun, not: {progress.acces-foncier: done}}
        unlocked_by:
          actions: [acces-foncier]
          answers: {foncier: [temporaire, terrain, bati]}
        because: Vous n’avez ni""",
        """\
when: {foncier: bati, not: {progress.acces-foncier: done}}
        unlocked_by:
          actions: [acces-foncier]
          answers: {foncier: [temporaire, terrain, aucun]}
        because: Vous n’avez ni""",
    ),
    # an obstacle is no longer lifted by the visit that lifted it
    "obstacle-qui-reste": (
        "actions/2-organisation-interne.yaml",
        "contrat-feuille-de-route.sans-portage",
        """\
not: {any: [{progress.visites-apprenantes: done}, {progress.vision-commune-interne: done}]}
        unlocked_by:
          actions: [visites-apprenantes, vision-commune-interne]""",
        """\
not: {progress.vision-commune-interne: done}
        unlocked_by:
          actions: [vision-commune-interne]""",
    ),
    # an exclusion goes too far
    "exclusion-trop-large": (
        "actions/3-animation-collectif.yaml",
        "accompagner-scic.refusee",
        "scic: refusee\n          not: {maturite: emergence}\n        because: Les acteurs ont écarté",
        "scic: [aucune, refusee]\n        because: Les acteurs ont écarté",
    ),
    # a warning is no longer given to those whom it was for
    "mise-en-garde-perdue": (
        "actions/4-financement.yaml",
        "investissement-initial.parc-ou-petr",
        "when: {niveau: pnr-petr}\n        because: >-\n          Lisez d’abord vos statuts",
        "when: {niveau: region}\n        because: >-\n          Lisez d’abord vos statuts",
    ),
}
"""Faults that somebody may make: the file, the rule, what stood there, and what stands there now."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["conseil", "test", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert isinstance(caught.value.code, int)
        return caught.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, so that places are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def broken(name: str, folder: Path) -> Path:
    """Return a copy of the rules with a fault."""
    file, _, before, after = BROKEN[name]
    shutil.copytree(RULEBOOK.folders[0], folder / "rules")
    path = folder / "rules" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, name
    path.write_text(text.replace(before, after), encoding="utf-8")
    return Path("rules")


def results_of(rulebook: Rulebook, cases: tuple[Case, ...]) -> list[CaseResult]:
    return [run_case(case, rulebook) for case in cases]


# A rule that was broken is named


@pytest.mark.golden
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named_with_what_it_says_and_what_it_would_take(name: str, folder: Path, run: Run) -> None:
    code, out, err = run("--rules", broken(name, folder))

    assert (code, err) == (1, "")
    assert BROKEN[name][1] in out
    said = re.sub(r"(?<=\.yaml:)\d+|^\d+(?= cas, dont)", "…", out, flags=re.MULTILINE)  # they change with every rule
    check_golden(ROOT / "tests" / "golden" / "cases" / f"{name}.txt", said)


@pytest.mark.parametrize("action", RULEBOOK.by_id)
def test_each_rule_on_which_a_status_rests_is_noticed_and_named_when_it_says_the_contrary(action: str) -> None:
    acting = RULEBOOK.by_id[action]
    cases = [case for case in CASES if f'"{action}"' in case.expect.model_dump_json()]
    for rule in acting.rules:
        if rule.effect in DECIDING:
            contrary = rule.model_copy(update={"when": Not(rule.when)})
            rules = tuple(contrary if one is rule else one for one in acting.rules)
            changed = acting.model_copy(update={"rules": rules})
            actions = tuple(changed if one is acting else one for one in RULEBOOK.actions)
            book = RULEBOOK.model_copy(update={"actions": actions})
            assert any(names(run_case(case, book, "reference"), rule.id) for case in cases), rule.id


def names(result: CaseResult, rule: str) -> bool:
    """Say whether a case does not hold because of a rule."""
    found = (difference(result, mismatch) for mismatch in result.mismatches)
    return any(rule in {decider.rule.id for decider in one.deciders} for one in found)


def test_what_is_said_of_any_mismatch_is_french_and_fits() -> None:
    results = [run_case(case, RULEBOOK) for case in absurd_cases()]
    written = cases_outline(RULEBOOK, results)
    text = render_text(written).plain

    assert len([result for result in results if not result.holds]) == len(results)
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert re.findall(r"\b(?:None|True|False|unknown|not_applicable|to_confirm|progress\.)\b|\{|\}", text) == []
    faults = [
        sentence
        for sentence in our_sentences(written)
        if re.search(r"[A-Za-zÀ-ÿ]'| [;:!?»]|« |\.\.|  |\s$|« [^»]*«", sentence)
    ]
    assert faults == []
    assert render_markdown(written).startswith("# Les cas")


def absurd_cases() -> list[Case]:
    """Return cases that expect what the plan does not say, in every manner there is, of every third action."""
    found = []
    actions = list(RULEBOOK.by_id)[::3]
    for name in ("cc-des-hautes-combes", "commune-de-montreval", "region-val-de-lorme", "cu-des-trois-rivieres"):
        plan = advise(load_profile(shipped_profiles()[name]))
        keys = ("recommended", "not_retained", "excluded", "to_confirm", "not_recommended", "not_lost")
        expects: list[dict[str, object]] = [{key: actions} for key in (*keys, "decisions", "now")]
        if plan.decisions:
            expects.append({"not_decisions": [item.id for item in plan.decisions]})
        expects.append({"deferred": {action: (rules_of(action, "defer") or ["prerequisite"])[0] for action in actions}})
        expects.append({"deferred": dict.fromkeys(actions, "prerequisite")})
        for key, effect in (("warns", "caution"), ("adapted", "adapt")):
            expects.append({key: {action: rules for action in actions if (rules := rules_of(action, effect))}})
        stage = plan.situation.stage
        wrong = "passation" if stage is None or stage.stage != "passation" else "impulsion"
        expects.append({"stage": wrong, "next_stage": wrong})
        found += [case_of(name, expect) for expect in expects]
    return found


def rules_of(action: str, effect: str) -> list[str]:
    return [rule.id for rule in RULEBOOK.by_id[action].rules if rule.effect == effect]


def case_of(profile: str, expect: dict[str, object]) -> Case:
    return Case.model_validate({"name": f"Un cas absurde de {profile}", "profile": profile, "expect": expect})


def differences_of(profile: str, expect: dict[str, object], **answers: object) -> list[tuple[list[str], list[str]]]:
    """Return, for each mismatch, the rules that made it, and the remarks."""
    raw = {"name": "Un cas", "profile": profile, "answers": answers, "expect": expect}
    result = run_case(Case.model_validate(raw), RULEBOOK)
    found = [difference(result, mismatch) for mismatch in result.mismatches]
    return [
        ([one.rule.id for one in each.deciders], [said.translate(PLAIN) for said in each.remarks]) for each in found
    ]


def test_progress_that_the_case_gives_comes_before_rules() -> None:
    ((deciders, remarks),) = differences_of("agglo-du-val-d-orveau", {"recommended": ["recenser-besoins"]})

    assert deciders == []
    assert remarks == ["Le cas dit que cette action est faite, et cela passe avant les règles."]


def test_a_prerequisite_that_waits_is_said() -> None:
    ((deciders, remarks),) = differences_of(
        "cc-des-hautes-combes", {"recommended": ["investir-lieux-totems"]}, maturite="structuration"
    )

    assert "investir-lieux-totems.sans-foncier" in deciders
    assert remarks == ["Elle suppose « Financer ou conduire une étude d’opportunité », qui est à préparer."]


def test_a_decision_that_comes_too_late_says_what_comes_before_and_what_it_lacks() -> None:
    ((deciders, remarks),) = differences_of("metropole-de-belleroche", {"decisions": ["visites-apprenantes"]})

    assert deciders
    assert all(rule.startswith("visites-apprenantes.") for rule in deciders)
    assert remarks[0].startswith("Les décisions, ici : « ")
    assert remarks[1].startswith("Son total est de ")


# Forms and exit codes


def test_the_cases_of_the_shipped_rules_hold_with_nothing_missing(run: Run) -> None:
    code, out, err = run("--coverage", "--fail-under", "0")

    assert (code, err) == (0, "")
    assert out.translate(PLAIN).endswith(f"{len(CASES)} cas, qui tiennent tous. Couverture : 0 manque.\n")


def test_a_file_or_a_folder_of_cases_may_be_named(run: Run) -> None:
    (rules,) = RULEBOOK.folders
    for path in (Path(rules, "tests", "vision.yaml"), Path(rules, "tests")):
        code, out, _ = run(path)
        assert (code, "qui tiennent tous" in out) == (0, True)


def test_the_cases_of_an_overlay_are_its_own_and_so_is_what_they_have_to_show(run: Run) -> None:
    code, out, err = run("--rules", ROOT / "docs" / "overlay-example", "--coverage", "--format", "json")

    told = json.loads(out)
    assert (code, err) == (0, "")
    assert {Path(case["path"]).name for case in told["cases"]} == {"region.yaml"}
    assert 0 < told["coverage"]["rules"] < 10
    assert {lack["id"] for lack in told["coverage"]["lacks"]} <= {
        "acces-foncier.appel-regional",
        "acces-foncier.guichet",
    }


def test_a_file_that_is_named_twice_is_read_once(second: Path, run: Run) -> None:
    folder = second / "tests"
    once = json.loads(run("--rules", second, "--format", "json")[1])

    for file in folder.glob("*.yaml"):
        code, out, err = run("--rules", second, folder, file, folder / ".." / "tests", "--format", "json")

        assert (code, err) == (0, "")
        assert len(json.loads(out)["cases"]) == len(once["cases"]) > 0


def test_a_folder_without_cases_is_an_error(run: Run, tmp_path: Path) -> None:
    """A job with a wrong path must not be green."""
    code, out, err = run(tmp_path)

    assert (code, out) == (1, "")
    assert f"{tmp_path}: aucun fichier de cas dans ce dossier" in err


def test_a_path_that_is_not_there_is_an_error(run: Run) -> None:
    code, out, err = run("ici.yaml", "là")

    assert (code, out) == (1, "")
    assert "ici.yaml: fichier ou dossier introuvable" in err
    assert err.endswith("2 problèmes\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fail-under", "3"], "`--fail-under` ne va qu’avec `--coverage`"),
        (["--coverage", "--fail-under", "-1"], "nombre entier d’au moins 0 attendu"),
        (["--record", "grand-lyon", "--coverage"], "`--record` ne va qu’avec `--rules` et `--output`"),
        (["-o", "ici.yaml"], "`--output` ne va qu’avec `--record`"),
    ],
)
def test_options_that_do_not_go_together_are_said(arguments: list[str], said: str, run: Run) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert said in err
    assert "aide : " in err


@pytest.fixture
def second(folder: Path) -> Path:
    """Return a copy of the second guide, with a case."""
    shutil.copytree(SECOND / "rules", folder / "cafe")
    (folder / "cafe" / "tests").mkdir()
    (folder / "cafe" / "tests" / "debut.yaml").write_text(SECOND_CASES, encoding="utf-8")
    return Path("cafe")


@pytest.mark.golden
def test_coverage_of_a_small_guide_reads_as_its_golden_file(second: Path, run: Run) -> None:
    code, out, err = run("--rules", second, "--coverage")

    assert (code, err) == (0, "")
    check_golden(ROOT / "tests" / "golden" / "cases" / "couverture.txt", out)


def test_too_much_that_is_missing_fails_and_no_more(second: Path, run: Run) -> None:
    rulebook = load_rulebook(second)
    lacks = measure(rulebook, results_of(rulebook, load_cases([second / "tests"], rulebook))).lacks

    assert run("--rules", second, "--coverage", "--fail-under", len(lacks))[0] == 0
    assert run("--rules", second, "--coverage", "--fail-under", len(lacks) - 1)[0] == 1


def test_a_rule_that_is_never_true_is_told_once(second: Path, run: Run) -> None:
    file = second / "actions" / "1-preparer.yaml"
    text = file.read_text(encoding="utf-8")
    assert "when: {salle: rien}" in text
    text = text.replace("when: {salle: rien}", "when: {salle: rien, not: {salle: rien}}", 1)
    file.write_text(text, encoding="utf-8")

    section = run("--rules", second, "--coverage")[1].partition("Ce qu’aucun territoire ne peut montrer")[2]
    told = " ".join(section.partition("──")[2].partition("Ce que les cas")[0].split())

    assert told.count("trouver-salle.sans-toit (") == 1
    assert "cette condition n’est vraie nulle part." in told


def test_a_guide_without_cases_is_told_how_to_begin(run: Run) -> None:
    code, out, _ = run("--rules", SECOND / "rules")

    assert code == 0
    assert "Aucun cas. `conseil test --record PROFIL`" in out.translate(PLAIN)


@pytest.mark.golden
def test_the_schema_is_fresh_and_holds(second: Path, folder: Path, run: Run) -> None:
    schema = ExportedCases.model_json_schema(mode="serialization")
    check_golden(ROOT / "docs" / "cases.schema.json", json.dumps(schema, ensure_ascii=False, indent=2) + "\n")
    validator = jsonschema.Draft202012Validator(schema)
    code, out, _ = run("--rules", second, "--coverage", "--format", "json")
    told = json.loads(out)
    validator.validate(told)
    assert (code, told["cases"][0]["path"], told["cases"][0]["line"]) == (0, "cafe/tests/debut.yaml", 2)
    assert told["coverage"]["lacks"][0]["draft"].startswith("  # D’après")
    code, out, _ = run("--rules", broken("test-retourne", folder), "--format", "json")
    told = json.loads(out)
    validator.validate(told)
    (first, *_) = [case for case in told["cases"] if not case["holds"]]
    assert (code, told["coverage"]) == (1, None)
    assert first["mismatches"][0]["deciders"][0]["rule"] == "investir-lieux-totems.sans-foncier"


def test_json_says_of_every_mismatch_what_the_text_says() -> None:
    results = [run_case(case, RULEBOOK) for case in absurd_cases()[:4]]
    exported = export_cases(RULEBOOK, results)

    assert sum(len(case.mismatches) for case in exported.cases) == sum(len(result.mismatches) for result in results)


# Cases to review


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_recorded_case_reads_back_and_holds(tmp_path: Path, data: st.DataObject) -> None:
    book = data.draw(small_rulebooks())
    plan = advise(data.draw(small_profiles()), book, "reference")

    assert_holds(record(plan), plan, tmp_path)


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_recorded_case_of_a_shipped_profile_reads_back_and_holds(name: str, tmp_path: Path) -> None:
    plan = advise(load_profile(shipped_profiles()[name]))

    assert_holds(record(plan, name), plan, tmp_path)
    assert_holds(record(plan), plan, tmp_path)


def assert_holds(text: str, plan: Plan, folder: Path) -> None:
    """Read a recorded case back, and compare what it expects with the plan."""
    path = folder / "propose.yaml"
    path.write_text(text, encoding="utf-8")
    (case,) = load_cases([path], plan.rulebook)
    result = run_case(case, plan.rulebook, "reference")
    assert result.holds, [str(mismatch) for mismatch in result.mismatches]
    assert case.name == f"{TO_NAME} : {plan.profile.name}"
    expect = case.expect
    said = [*expect.recommended, *expect.deferred, *expect.not_retained, *expect.excluded, *expect.to_confirm]
    assert sorted([*said, *expect.not_recommended]) == sorted(plan.rulebook.by_id)
    assert list(expect.decisions) == [item.id for item in plan.decisions]
    assert list(expect.now) == [item.id for item in plan.now]


@pytest.mark.golden
def test_a_recorded_case_reads_as_its_golden_file(run: Run) -> None:
    code, out, err = run("--record", "ville-de-saint-armel-le-vieux")

    assert (code, err) == (0, "")
    check_golden(ROOT / "tests" / "golden" / "cases" / "propose.yaml", out)


def test_a_recorded_case_is_written_to_a_new_file_only(folder: Path, run: Run) -> None:
    profile = folder / "ici.yaml"
    profile.write_text("name: Ici\nkind: real\nanswers: {foncier: unknown}\n", encoding="utf-8")

    assert run("--record", profile, "-o", "cas.yaml") == (0, "", "")
    (case,) = load_cases([folder / "cas.yaml"], RULEBOOK)
    assert case.answers == {"foncier": "unknown"}
    code, out, err = run("--record", profile, "-o", "cas.yaml")
    assert (code, out) == (1, "")
    assert "cas.yaml: ce fichier existe déjà" in err
