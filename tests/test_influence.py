"""The rulebook listens to what it asks: every factor moves actions, and every action can be moved."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from conseil import Answer, Profile, advise, load_rulebook
from conseil.authoring.influence import Influence, Witness, complete_profiles, influence, main, to_markdown
from golden_files import ROOT, check_golden

RULEBOOK = load_rulebook()


@pytest.fixture(scope="module")
def found() -> Influence:
    return influence(RULEBOOK, complete_profiles(RULEBOOK), "reference")


@pytest.mark.golden
def test_the_matrix_is_fresh(found: Influence) -> None:
    check_golden(ROOT / "docs" / "influence.md", to_markdown(found))


def test_every_factor_moves_ten_actions(found: Influence) -> None:
    assert len(found.factors) == 10
    assert {
        factor: len(found.actions_of(factor)) for factor in found.factors if len(found.actions_of(factor)) < 10
    } == {}


def test_every_action_is_moved_by_three_factors(found: Influence) -> None:
    assert {action.id for action in RULEBOOK.actions if len(found.factors_of(action.id)) < 3} == set()


def test_the_changes_that_are_listed_can_be_made_again(found: Influence) -> None:
    profiles = complete_profiles(RULEBOOK)
    for (action, factor), cell in found.cells.items():
        if cell.status and RULEBOOK.vocabulary[factor].type == "choice":
            start = profiles[cell.status.profile]
            answers = start.answers | {factor: Answer(value=cell.status.value)}
            varied = Profile(name="x", kind="invented", answers=answers, progress=start.progress)
            statuses = [advise(each, RULEBOOK, "reference").item(action).status for each in (start, varied)]
            assert statuses == [cell.status.before, cell.status.after]


def test_the_command_writes_the_matrix(found: Influence) -> None:
    result = CliRunner().invoke(main, [], catch_exceptions=False)
    assert result.output == to_markdown(found)


def test_a_witness_is_what_makes_a_cell(found: Influence) -> None:
    cell = found.cells["acces-foncier", "besoins"]
    assert isinstance(cell.status, Witness)
    assert cell.status.value.lstrip("+-") == "foncier"
