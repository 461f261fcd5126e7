"""A plan of an earlier day against today's: what moved, and whether the answers or the rules moved it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import conseil
from builders import action, choice, plan_of, rule, rulebook
from conseil.conditions import PROGRESS, evaluate
from conseil.errors import InvalidInput
from conseil.evolution import Evolution, Moved, Since, load_plan, what_moved
from conseil.exported import export
from conseil.plan import Plan
from conseil.profile import Profile
from conseil.rendering import evolution_outline
from conseil.rulebook import Rulebook
from small_plans import small_profiles, small_rulebooks

YES, NO = {"a": "yes"}, {"a": "no"}


def moved(old: Plan, new: Plan) -> dict[str, Moved]:
    """Compare by way of JSON, as a file would be."""
    written = conseil.ExportedPlan.model_validate_json(export(old).model_dump_json())
    return {found.action: found for found in what_moved(written, new).moved}


def origins(found: Moved) -> dict[str, str]:
    return {turn.rule: turn.origin for turn in found.turns}


def test_progress_is_its_own_cause() -> None:
    book = rulebook(action("act", rule("recommend"), rule("exclude", YES)))

    found = moved(plan_of(book, NO, act="todo"), plan_of(book, YES, act="done"))["act"]

    assert (found.outcome, found.before, found.after) == ("done", "recommended", "done")
    assert dict(found.answers) == {"progress.act": Since("todo", "done")}
    assert found.turns == ()


@pytest.mark.parametrize(
    ("before", "after", "outcome"), [(NO, YES, "new"), (YES, NO, "gone"), (YES, {}, "gone"), ({}, NO, "other")]
)
def test_an_answer_that_changed_is_the_cause(before: dict[str, str], after: dict[str, str], outcome: str) -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes", "b": "yes"})))
    others = {"b": "yes"}

    found = moved(plan_of(book, before | others), plan_of(book, after | others))["act"]

    assert found.outcome == outcome
    assert dict(found.answers) == {"a": Since(before.get("a"), after.get("a"))}
    assert origins(found) == {"act.0": "answers"}


def test_of_two_answers_that_changed_only_what_is_needed_is_named() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes", "b": "yes"})))

    gone = moved(plan_of(book, {"a": "yes", "b": "yes"}), plan_of(book, {"a": "no", "b": "no"}))["act"]
    new = moved(plan_of(book, {"a": "no", "b": "no"}), plan_of(book, {"a": "yes", "b": "yes"}))["act"]

    assert len(gone.answers) == 1
    assert set(new.answers) == {"a"}  # that b was no, the old plan did not say
    assert not moved(plan_of(book, YES | {"b": "yes"}), plan_of(book, YES | {"b": "yes", "c": "no"}))


def test_what_no_longer_decides_a_rule_may_have_decided_it() -> None:
    """Both answers were in the way, the plan of that day named one, and today's rule waits for that one alone."""
    acts = action("act", rule("recommend", YES | {"b": "yes"})), action("other", rule("recommend", {"b": "yes"}))
    book = rulebook(*acts)

    found = moved(plan_of(book, {"a": "no", "b": "no"}), plan_of(book, {"b": "yes"}))["act"]

    assert (found.before, found.after) == ("not_retained", "to_confirm")
    assert dict(found.answers) == {"a": Since("no", None), "b": Since("no", "yes")}


def test_a_rule_that_is_new_is_the_cause() -> None:
    before = rulebook(action("act", rule("recommend")))
    after = rulebook(action("act", rule("recommend"), rule("exclude", YES)))

    found = moved(plan_of(before, YES), plan_of(after, YES))["act"]

    assert (found.outcome, dict(found.answers), origins(found)) == ("gone", {}, {"act.1": "rule_added"})


def test_a_rule_that_is_gone_is_the_cause() -> None:
    before = rulebook(action("act", rule("recommend"), rule("exclude", YES)))
    after = rulebook(action("act", rule("recommend")))

    found = moved(plan_of(before, YES), plan_of(after, NO))["act"]

    assert (found.outcome, dict(found.answers), origins(found)) == ("new", {}, {"act.1": "rule_removed"})
    assert (found.turns[0].before, found.turns[0].after) == (True, False)


def test_a_condition_that_changed_is_the_cause() -> None:
    before = rulebook(action("act", rule("recommend", YES)))
    after = rulebook(action("act", rule("recommend", {"b": "yes"})))

    found = moved(plan_of(before, {"a": "yes", "b": "no"}), plan_of(after, {"a": "yes", "b": "no"}))["act"]

    assert (found.outcome, dict(found.answers), origins(found)) == ("gone", {}, {"act.0": "rule_changed"})


def test_a_condition_and_an_answer_that_both_changed_are_both_named() -> None:
    before = rulebook(action("act", rule("recommend", YES)))
    after = rulebook(action("act", rule("recommend", {"not": {"a": "yes"}})))

    changed = moved(plan_of(before, YES), plan_of(after, YES))["act"]

    assert (dict(changed.answers), origins(changed)) == ({}, {"act.0": "rule_changed"})
    assert not moved(plan_of(before, YES), plan_of(after, NO))  # one undoes the other


def test_a_rule_of_no_consequence_is_not_blamed() -> None:
    before = rulebook(action("act", rule("recommend", YES), rule("caution")))
    after = rulebook(action("act", rule("recommend", YES), rule("exclude", {"b": "yes"}), rule("recommend", NO)))

    found = moved(plan_of(before, YES | {"b": "no"}), plan_of(after, {"a": "maybe"} | {"b": "yes", "a": "no"}))["act"]

    assert origins(found) == {"act.1": "rule_added"}


def test_a_rule_that_became_unknown_beside_one_that_became_true_is_not_blamed() -> None:
    book = rulebook(action("act", rule("recommend", YES), rule("recommend", {"b": "yes"})))

    found = moved(plan_of(book, {"a": "no", "b": "no"}), plan_of(book, YES))["act"]

    assert (origins(found), dict(found.answers)) == ({"act.0": "answers"}, {"a": Since("no", "yes")})


def test_a_prerequisite_that_moved_is_named() -> None:
    book = rulebook(
        action("before", rule("recommend"), rule("defer", YES, unlocked_by={"answers": {"a": ["no"]}})),
        action("after", rule("recommend"), requires=["before"]),
    )

    found = moved(plan_of(book, NO), plan_of(book, YES))

    assert (found["after"].prerequisites, found["after"].turns) == (("before",), ())
    assert dict(found["before"].answers) == {"a": Since("no", "yes")}


def test_a_requirement_that_is_new_is_named() -> None:
    first = action("before", rule("recommend"), rule("defer", unlocked_by={"answers": {"a": ["no"]}}))
    before = rulebook(first, action("after", rule("recommend")))
    after = rulebook(first, action("after", rule("recommend"), requires=["before"]))

    assert moved(plan_of(before), plan_of(after))["after"].prerequisites == ("before",)


def test_actions_come_and_go_with_the_rules() -> None:
    one, two = rulebook(action("act", rule("recommend"))), rulebook(action("other", rule("recommend", YES)))

    found = moved(plan_of(one), plan_of(two, NO))

    assert (found["other"].before, found["other"].after, found["other"].outcome) == (None, "not_retained", "other")
    assert (found["act"].before, found["act"].after, found["act"].outcome) == ("recommended", None, "gone")


DEDUCTION: dict[str, Any] = {
    "fact": "maturity",
    "values": [{"value": "old", "when": YES, "because": "Dit."}],
    "otherwise": {"value": "young", "because": "Sinon."},
    "basis": "editorial",
    "rationale": "Parce que.",
}


def test_what_is_deduced_leads_back_to_the_answers() -> None:
    book = rulebook(action("act", rule("recommend", {"maturity": "old"})), deductions=[DEDUCTION])

    found = moved(plan_of(book, NO), plan_of(book, YES))["act"]

    assert dict(found.answers) == {"maturity": Since("young", "old"), "a": Since("no", "yes")}
    told = "« maturity » passe de « young » à « old », par déduction et que « a » passe de « no » à « yes »"
    assert said(plan_of(book, NO), plan_of(book, YES)) == [f"Parce que {told}."]
    assert (found.deductions, origins(found)) == ((), {"act.0": "answers"})


def said(old: Plan, new: Plan) -> list[str]:
    """Return what is read of why the only action moved, rules apart."""
    sections = evolution_outline(what_moved(export(old), new)).sections
    (entry,) = [entry for section in sections for entry in section.entries]
    return [re.sub(r"\s", " ", line.text) for line in entry.lines if line.text.startswith("Parce")]


def test_a_value_that_is_deduced_now_is_not_said_to_be_an_answer() -> None:
    book = rulebook(action("act", rule("recommend", {"maturity": "old"})), deductions=[DEDUCTION])
    given_, deduced = plan_of(book, NO | {"maturity": "old"}), plan_of(book, NO)

    assert said(given_, deduced) == [
        "Parce que « maturity » n’a plus de réponse (c’était « old ») et vaut « young », par déduction."
    ]
    assert said(deduced, given_) == ["Parce que « maturity » reçoit la réponse « old » (« young » était déduit)."]


def test_a_deduction_that_changed_is_the_cause() -> None:
    act = action("act", rule("recommend", {"maturity": "old"}))
    before = rulebook(act, deductions=[DEDUCTION])
    after = rulebook(act, deductions=[DEDUCTION | {"values": [DEDUCTION["values"][0] | {"when": NO}]}])

    found = moved(plan_of(before, NO), plan_of(after, NO))["act"]

    assert (dict(found.answers), found.deductions) == ({}, ("maturity",))


def test_a_deduction_that_is_new_is_the_cause_where_the_old_plan_does_not_note_its_answers() -> None:
    act = action("act", rule("recommend", {"maturity": "young"}))
    new = rulebook(act, deductions=[DEDUCTION])
    before, after = plan_of(rulebook(act), YES), plan_of(new, YES)

    found = moved(before, after)["act"]

    assert (dict(found.answers), found.deductions) == ({}, ("maturity",))
    of_the_same_rules = moved(plan_of(new, {}), after)["act"]
    assert of_the_same_rules.answers["a"] == Since(None, "yes", noted=False)
    assert of_the_same_rules.deductions == ()


def test_a_question_that_is_asked_in_other_cases_is_the_cause() -> None:
    act = action("act", rule("recommend", {"d": "yes"}), rule("recommend", {"a": "no"}))
    before = rulebook(act, questions=[choice("d", "yes", "no")])
    after = rulebook(act, questions=[choice("d", "yes", "no", asked_when={"a": "no"})])

    found = moved(plan_of(before, YES | {"d": "yes"}), plan_of(after, YES | {"d": "yes"}))["act"]

    assert (dict(found.answers), found.deductions) == ({}, ("d",))


def test_where_the_old_plan_notes_too_little_nothing_is_claimed() -> None:
    before = rulebook(action("act", rule("recommend", {"b": "yes"})))
    after = rulebook(action("act", rule("recommend", {"a": "yes", "b": "yes"})))

    found = moved(plan_of(before, NO), plan_of(after, NO))["act"]

    assert origins(found) == {"act.0": "either"}
    assert dict(found.answers) == {"a": Since(None, "no", noted=False)}


# On random rulebooks


def noted_facts(plan: conseil.ExportedPlan) -> set[str]:
    """Return the facts that a plan in JSON tells of."""
    cited = {fact for item in plan.items for reason in item.reasons for fact in reason.facts}
    deduced = {fact for deduction in plan.deduced for fact in (deduction.fact, *deduction.facts)}
    return cited | deduced | {PROGRESS + item.action for item in plan.items}


@settings(deadline=None)
@given(small_rulebooks(), small_profiles(), small_profiles())
def test_with_the_same_rules_the_answers_are_the_cause(book: Rulebook, then: Profile, now: Profile) -> None:
    plans = [conseil.advise(profile, book, "reference") for profile in (then, now)]
    found = moved(*plans)

    assert {item.id for item in plans[0].items if item.status != plans[1].item(item.id).status} == set(found)
    for one in found.values():
        assert one.deductions == ()
        assert {turn.origin for turn in one.turns} <= {"answers"}
        assert one.answers or one.prerequisites
        noted = noted_facts(export(plans[0]))
        facts = {fact: value for fact, value in plans[0].facts.items() if fact in noted}
        facts |= {fact: value for fact, value in plans[1].facts.items() if fact not in noted}
        for fact, since in one.answers.items():
            assert plans[0].facts.get(fact) != plans[1].facts.get(fact)
            assert since.after == plans[1].facts.get(fact)
            assert not since.noted or since.before == plans[0].facts.get(fact)
            facts.pop(fact, None)
            facts |= {fact: plans[1].facts[fact]} if fact in plans[1].facts else {}
        for turn in one.turns:
            assert evaluate(book.rules[turn.rule].when, facts) is turn.after


@settings(deadline=None)
@given(small_rulebooks(), small_rulebooks(), small_profiles())
def test_with_the_same_answers_the_rules_are_the_cause(old: Rulebook, new: Rulebook, here: Profile) -> None:
    for one in moved(*(conseil.advise(here, book, "reference") for book in (old, new))).values():
        assert all(turn.origin != "answers" for turn in one.turns) or one.deductions or "d" in one.answers
        assert not any(fact.startswith(PROGRESS) for fact, since in one.answers.items() if since.noted)
        assert not {fact for fact, since in one.answers.items() if since.noted} - {"d"}


def test_shipped_plans_do_not_move_by_themselves() -> None:
    for path in conseil.shipped_profiles().values():
        plan = conseil.advise(conseil.load_profile(path))
        assert moved(plan, plan) == {}


def test_rules_that_changed_are_said_even_where_nothing_moves() -> None:
    one = rulebook(action("act", rule("recommend")))
    two = rulebook(action("act", rule("recommend"), rule("caution")))
    found = [what_moved(export(plan_of(one)), plan_of(book)) for book in (one, two)]

    assert [each.rules_changed for each in found] == [False, True]
    assert [each.moved for each in found] == [(), ()]


# Files


def test_a_plan_of_other_rules_is_refused() -> None:
    shipped = conseil.advise(conseil.load_profile(conseil.shipped_profiles()["grand-lyon"]))

    with pytest.raises(InvalidInput, match="`filiere-ess`, et non `small`"):
        what_moved(export(shipped), plan_of(rulebook(action("act", rule("recommend")))))


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"rulebook": 1}', b"name: Ici"])
def test_what_is_not_a_plan_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match="ce n’est pas un plan de conseil en JSON"):
        load_plan(path)


def test_a_pipe_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")

    for name, said in (("tube", "pas un plan"), ("absent", "introuvable"), (".", "dossier")):
        with pytest.raises(InvalidInput, match=said):
            load_plan(tmp_path / name)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = export(conseil.advise(conseil.load_profile(conseil.shipped_profiles()["plaine-commune"])))
    path = tmp_path / "plan.json"
    path.write_text(written.model_dump_json(indent=2), encoding="utf-8")

    assert load_plan(path) == written


def test_an_evolution_keeps_both_plans() -> None:
    plan = plan_of(rulebook(action("act", rule("recommend"))))

    assert isinstance(what_moved(export(plan), plan), Evolution)
    assert what_moved(export(plan), plan).plan is plan
