"""The cases of the rulebook hold, with every engine; and what a shipped territory is told is worth reading."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from conseil import InvalidRulebook, Plan, advise, load_profile, load_rulebook, shipped_profiles
from conseil.authoring.cases import Case, Expectation, load_cases, run_case
from conseil.authoring.influence import complete_profiles
from conseil.shipped import rules_folder

RULEBOOK = load_rulebook()
FOLDER = rules_folder() / "tests"
CASES = load_cases([FOLDER], RULEBOOK)
COMPLETE = complete_profiles(RULEBOOK)
LOST = {"excluded", "not_retained"}


def cases_of(file: str, tmp_path: Path) -> tuple[Case, ...]:
    """Read one file of cases alone."""
    (tmp_path / file).write_bytes((FOLDER / file).read_bytes())
    return load_cases([tmp_path], RULEBOOK)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_holds(case: Case, usable_engines: list[str]) -> None:
    for engine in usable_engines:
        result = run_case(case, RULEBOOK, engine)
        assert result.holds, "\n".join([engine, *map(str, result.mismatches)])


def test_every_kind_of_expectation_serves() -> None:
    used = {key for case in CASES for key in case.expect.model_dump(exclude_defaults=True)}
    assert used == {field.name for field in fields(Expectation)}


def test_what_cited_territories_did_is_in_their_plan_before_they_did_it(tmp_path: Path) -> None:
    backtest = cases_of("backtest.yaml", tmp_path)
    attested = {
        example.name: {action for deed in example.did for action in deed.actions} for example in RULEBOOK.examples
    }
    for name, actions in attested.items():
        if not actions:
            continue  # the guide names it, and does not say what it did
        (case,) = [case for case in backtest if case.name.startswith(name)]
        plan = run_case(case, RULEBOOK, "reference").plan
        statuses = [plan.item(action).status for action in actions]
        assert set(case.expect.not_lost) == actions, name
        assert set(statuses) <= {"recommended", "deferred"}, name
        assert statuses.count("recommended") >= len(actions) / 2, name
        assert not plan.unknown, name
        assert not plan.to_confirm, name


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_shipped_profile_loads_and_has_its_plan(name: str) -> None:
    profile = load_profile(shipped_profiles()[name], RULEBOOK)
    plan = advise(profile, RULEBOOK, "reference")
    assert len(plan.items) == len(RULEBOOK.actions)
    assert [notice.code for notice in plan.notices if notice.fact and notice.code != "capacity_unknown"] == []
    for answer in profile.answers.values():
        told = answer.source or answer.note
        assert profile.kind != "cited" or told, "a cited territory says where each answer comes from"


def test_invented_territories_cover_what_a_territory_can_be() -> None:
    plans = [advise(profile, RULEBOOK, "reference") for profile in COMPLETE.values()]
    for fact in (
        "scenario",
        "etape_posture",
        "maturite",
        "portage_politique",
        "moyens_animation",
        "budget_fonctionnement",
        "budget_investissement",
        "foncier",
        "vision",
        "niveau",
    ):
        assert {plan.facts[fact] for plan in plans} == set(RULEBOOK.vocabulary[fact].values), fact


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_profile_gets_a_plan_that_chooses(name: str) -> None:
    plan = advise(COMPLETE[name], RULEBOOK, "reference")
    assert len(plan.with_status("recommended")) <= 0.6 * len(plan.items)
    assert not plan.to_confirm
    assert len(plan.decisions) == min(5, plan.capacity)


@pytest.mark.parametrize("name", COMPLETE)
def test_every_obstacle_of_a_complete_profile_can_be_lifted(name: str) -> None:
    plan = advise(COMPLETE[name], RULEBOOK, "reference")
    for item in plan.with_status("deferred"):
        for reason in plan.true_reasons(item, "defer"):
            unlock = reason.rule.unlocked_by
            assert unlock is not None, f"{reason.rule.id} says what would lift it"
            assert unlock.answers or alive(plan, unlock.actions), f"{reason.rule.id} waits for what the plan leaves out"


def alive(plan: Plan, actions: tuple[str, ...]) -> list[str]:
    """Return those actions that the plan does not leave out."""
    return [action for action in actions if plan.item(action).status not in LOST]


def test_a_case_that_fails_says_what_it_found_and_which_rules_decided() -> None:
    expect = {
        "not_retained": ["acces-foncier"],
        "deferred": {"recenser-besoins": "prerequisite"},
        "decisions": ["capital-scic"],
        "adapted": {"acces-foncier": ["acces-foncier.sans-foncier"]},
        "next_stage": "passation",
    }
    case = Case.model_validate({"name": "Un cas faux", "profile": "metropole-de-belleroche", "expect": expect})
    result = run_case(case, RULEBOOK, "reference")
    assert [str(mismatch) for mismatch in result.mismatches] == [
        "acces-foncier : attendu non retenue, obtenu recommandée",
        "recenser-besoins : attendu à préparer, avec un prérequis, obtenu recommandée",
        (
            "acces-foncier : attendu la règle acces-foncier.sans-foncier, "
            "obtenu acces-foncier.lieu-durable et acces-foncier.sem"
        ),
        "capital-scic : attendu parmi les décisions, obtenu non retenue",
        (
            "étape : attendu « Passation à un acteur du territoire » (passation), "
            "obtenu « Fédération et animation des acteurs » (federation)"
        ),
    ]


def test_a_file_of_cases_reports_every_problem_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "faux.yaml").write_text(
        """cases:
  - name: Un
    profile: creuse
    answers: {fonciers: aucun, foncier: loin}
    expect: {recommended: [acces-fonciers]}
  - name: Un
    progress: {others: fait}
    expect: {deferred: {acces-foncier: acces-foncier.besoin}, stage: debut}
  - name: Deux
    expect: {}
""",
        encoding="utf-8",
    )
    (tmp_path / "vide.yaml").write_text("tests: []\n", encoding="utf-8")
    with pytest.raises(InvalidRulebook) as caught:
        load_cases([tmp_path], RULEBOOK)
    found = [(problem.line, problem.message) for problem in caught.value.problems]
    for line, message in (
        (3, "profil `creuse` inconnu"),
        (4, "question `fonciers` inconnue"),
        (4, "choix `loin` inconnu pour `foncier`"),
        (5, "action `acces-fonciers` inconnue"),
        (6, "ce nom est déjà celui d’un autre cas"),
        (7, "avancement `fait` inconnu"),
        (8, "règle `defer` de cette action : `acces-foncier.besoin` inconnue"),
        (8, "étape `debut` inconnue"),
        (10, "ce cas n’attend rien"),
        (1, "liste de cas attendue"),
    ):
        assert (line, message) in found, (line, message, found)
