"""Section by section of what a plan means: status, prerequisites, score, wave, rank, first decisions, stance."""

from __future__ import annotations

import itertools

import pytest

from builders import EDITORIAL, action, choice, plan_of, rule, rulebook
from conseil import Plan, UnknownAction
from conseil.plan import Status

YES, NO = {"a": "yes"}, {"a": "no"}


def status(plan: Plan, name: str) -> Status:
    return plan.item(name).status


# Status


@pytest.mark.parametrize(
    ("exclude", "recommend", "defer", "expected"),
    [
        (True, True, True, "excluded"),
        (True, False, False, "excluded"),
        (False, False, True, "not_retained"),
        (False, False, False, "not_retained"),
        (False, True, True, "deferred"),
        (False, True, False, "recommended"),
        (None, True, False, "to_confirm"),
        (None, False, False, "to_confirm"),
        (True, None, None, "excluded"),
        (False, False, None, "not_retained"),
        (False, None, True, "to_confirm"),
        (False, None, False, "to_confirm"),
        (False, True, None, "to_confirm"),
    ],
)
def test_status_follows_the_verdicts_of_the_three_effects(
    exclude: bool | None, recommend: bool | None, defer: bool | None, expected: str
) -> None:
    when = {True: {"a": "yes"}, False: {"a": "no"}, None: {"b": "yes"}}  # b is never answered
    unlock = {"answers": {"a": ["no"]}} if defer is True else {"answers": {"c": ["no"]}}
    obstacle = when[defer] if defer is True else {**when[defer], "c": "yes"}
    book = rulebook(
        action(
            "act",
            rule("exclude", when[exclude]),
            rule("recommend", when[recommend]),
            rule("defer", obstacle, unlocked_by=unlock),
        )
    )

    plan = plan_of(book, {"a": "yes", "c": "yes"})

    assert expected == status(plan, "act")


def test_unknown_verdicts_leave_the_possible_statuses_in_a_fixed_order() -> None:
    book = rulebook(action("act", rule("recommend", YES), rule("exclude", {"b": "yes"})))

    item = plan_of(book).item("act")

    assert item.possible == ("recommended", "not_retained", "excluded")
    assert plan_of(book).missing(item) == ("a", "b")


@pytest.mark.parametrize(("progress", "expected"), [("done", "done"), ("doing", "in_progress"), ("todo", "excluded")])
def test_progress_comes_before_rules(progress: str, expected: str) -> None:
    book = rulebook(action("act", rule("exclude")))

    assert expected == status(plan_of(book, act=progress), "act")


def test_obstacles_of_an_action_under_way_become_warnings() -> None:
    book = rulebook(
        action(
            "act", rule("recommend"), rule("defer", YES, unlocked_by={"answers": {"a": ["no"]}}), rule("exclude", YES)
        )
    )

    notices = plan_of(book, YES, act="doing").notices

    assert [(notice.code, notice.action) for notice in notices if notice.action] == [
        ("in_progress_deferred", "act"),
        ("in_progress_excluded", "act"),
    ]


def test_unknown_progress_counts_as_not_done_and_is_told() -> None:
    item = plan_of(rulebook(action("act", rule("recommend")))).item("act")

    assert (item.status, item.progress) == ("recommended", "unknown")


def test_a_rule_on_unknown_progress_is_unknown() -> None:
    book = rulebook(action("first", rule("recommend")), action("act", rule("recommend", {"progress.first": "done"})))

    assert status(plan_of(book), "act") == "to_confirm"
    assert plan_of(book).missing(plan_of(book).item("act")) == ("progress.first",)
    assert status(plan_of(book, first="done"), "act") == "recommended"
    assert status(plan_of(book, others="todo"), "act") == "not_retained"


# Prerequisites


def needing(*rules: object) -> Plan:
    book = rulebook(action("before", *rules), action("act", rule("recommend"), requires=["before"]))  # type: ignore[arg-type]
    return plan_of(book, {"a": "yes", "staff": "many"})


def test_a_done_prerequisite_is_satisfied() -> None:
    book = rulebook(action("before", rule("recommend")), action("act", rule("recommend"), requires=["before"]))

    item = plan_of(book, before="done").item("act")

    assert (item.status, item.wave, item.requires[0].state) == ("recommended", 1, "done")


@pytest.mark.parametrize("rules", [[rule("recommend", NO)], [rule("exclude")]])
def test_a_prerequisite_that_is_left_out_is_waived(rules: list[object]) -> None:
    item = needing(*rules).item("act")

    assert (item.status, item.wave, item.requires[0].state) == ("recommended", 1, "waived")


def test_a_deferred_prerequisite_defers_what_needs_it() -> None:
    plan = needing(rule("recommend"), rule("defer", YES, unlocked_by={"answers": {"a": ["no"]}}))

    assert (status(plan, "act"), plan.item("act").requires[0].state) == ("deferred", "deferred")


def test_a_prerequisite_to_confirm_counts_as_recommended() -> None:
    plan = needing(rule("recommend", {"b": "yes"}))

    item = plan.item("act")

    assert (item.status, item.requires[0].state, item.wave) == ("recommended", "to_confirm", 2)


def test_a_prerequisite_that_may_turn_out_deferred_makes_what_needs_it_to_confirm() -> None:
    """Otherwise an answer could take back a status that was given as sure."""
    plan = needing(rule("recommend"), rule("defer", {"b": "yes"}, unlocked_by={"answers": {"b": ["no"]}}))

    item = plan.item("act")

    assert (item.status, item.possible) == ("to_confirm", ("recommended", "deferred"))
    assert plan.missing(item) == ("b",)


def test_a_live_prerequisite_comes_in_an_earlier_wave() -> None:
    book = rulebook(
        action("third", rule("recommend"), requires=["second"]),
        action("second", rule("recommend"), requires=["first"]),
        action("first", rule("recommend")),
    )

    assert [(item.id, item.wave) for item in plan_of(book).ranked] == [("first", 1), ("second", 2), ("third", 3)]


# Score


def test_a_score_adds_the_points_of_true_rules_to_its_base() -> None:
    book = rulebook(
        action(
            "act",
            rule("recommend", points={"impact": "+++", "feasibility": "-"}),
            rule("reinforce", YES, points={"feasibility": "++"}),
            rule("reinforce", NO, points={"impact": "---"}),
        )
    )

    score = plan_of(book, YES).item("act").score

    assert (score.impact.value, score.feasibility.value) == (70, 55)
    assert score.total == (60 * 70 + 40 * 55) / 100
    assert (score.total, score.total) == (score.low, score.high)


def test_a_total_is_rounded_half_up() -> None:
    book = rulebook(
        action("act", rule("recommend", points={"impact": "+", "feasibility": "+"})),
        questions=(),
    )
    weights = book.guide.score.model_copy(
        update={"weights": book.guide.score.weights.model_copy(update={"impact": 50, "feasibility": 50})}
    )
    half = book.model_copy(update={"guide": book.guide.model_copy(update={"score": weights})})
    uneven = rulebook(action("act", rule("recommend", points={"impact": "+"})))
    fifty = uneven.model_copy(update={"guide": uneven.guide.model_copy(update={"score": weights})})

    assert plan_of(half).item("act").score.total == 55
    assert plan_of(fifty).item("act").score.total == 53  # (55 + 50) / 2 = 52.5


def test_a_primordial_action_starts_higher_on_impact_only() -> None:
    item = plan_of(rulebook(action("act", rule("recommend")), essential=["act"])).item("act")

    assert item.essential
    assert (item.score.impact.base, item.score.feasibility.base) == (70, 50)


def test_an_axis_is_clipped_and_says_by_how_much() -> None:
    more = [rule("reinforce", points={"impact": "+++", "feasibility": "---"}) for _ in range(3)]
    score = plan_of(rulebook(action("act", rule("recommend"), *more))).item("act").score

    assert (score.impact.value, score.impact.clipped) == (100, 10)
    assert (score.feasibility.value, score.feasibility.clipped) == (0, -10)


def test_unknown_rules_make_an_interval() -> None:
    book = rulebook(
        action(
            "act",
            rule("recommend"),
            rule("reinforce", YES, points={"impact": "+++"}),
            rule("reinforce", NO, points={"impact": "--"}),
        )
    )

    item = plan_of(book).item("act")

    assert (item.score.impact.low, item.score.impact.value, item.score.impact.high) == (40, 50, 70)
    assert (item.score.low, item.score.total, item.score.high) == (44, 50, 62)
    assert not item.certain
    assert plan_of(book).missing(item) == ("a",)
    assert plan_of(book, YES).item("act").certain


@pytest.mark.parametrize(("steps", "expected"), [("+++", "high"), ("++", "medium"), ("+", "low")])
def test_priority_follows_the_thresholds_of_the_guide(steps: str, expected: str) -> None:
    book = rulebook(action("act", rule("recommend", points={"impact": steps, "feasibility": steps})))

    assert expected == plan_of(book).item("act").priority


# Waves, ranks, decisions


def test_rank_goes_by_wave_then_total_then_order_of_the_rulebook() -> None:
    better = {"points": {"impact": "+++"}}
    book = rulebook(
        action("b1", rule("recommend")),
        action("b2", rule("recommend")),
        action("late", rule("recommend", **better), requires=["b1"]),
        action("best", rule("recommend", **better)),
        action("never", rule("recommend", NO)),
    )

    plan = plan_of(book, YES)

    assert [item.id for item in plan.ranked] == ["best", "b1", "b2", "late"]
    assert [item.rank for item in plan.ranked] == [1, 2, 3, 4]
    assert (plan.item("never").rank, plan.item("never").wave) == (None, None)


@pytest.mark.parametrize(("staff", "expected"), [("few", 1), ("some", 2), ("many", 4), (None, 2)])
def test_the_first_wave_is_bounded_by_the_capacity_and_by_the_middle_one_where_it_is_unknown(
    staff: str | None, expected: int
) -> None:
    book = rulebook(*(action(f"act{index}", rule("recommend")) for index in range(6)))

    plan = plan_of(book, {"staff": staff} if staff else {})

    assert expected == len(plan.now)
    assert (staff is None) == ("capacity_unknown" in [notice.code for notice in plan.notices])


def test_later_waves_and_actions_under_way_are_not_to_launch_now() -> None:
    book = rulebook(
        action("begun", rule("recommend")),
        action("after", rule("recommend"), requires=["begun"]),
        action("free", rule("recommend")),
    )

    plan = plan_of(book, {"staff": "many"}, begun="doing")

    assert [item.id for item in plan.now] == ["free"]
    assert (plan.item("begun").wave, plan.item("after").wave) == (1, 2)


def test_decisions_are_five_at_most() -> None:
    book = rulebook(*(action(f"act{index}", rule("recommend")) for index in range(8)))
    roles = book.guide.roles
    capacity = roles.capacity.model_copy(update={"at_most": {"few": 8, "some": 8, "many": 8}})
    guide = book.guide.model_copy(update={"roles": roles.model_copy(update={"capacity": capacity})})

    plan = plan_of(book.model_copy(update={"guide": guide}))

    assert (len(plan.now), len(plan.decisions)) == (8, 5)


def test_a_twin_is_folded_only_where_both_are_live() -> None:
    book = rulebook(
        action("lead", rule("recommend", YES)),
        action("twin", rule("recommend"), twin_of="lead"),
        action("z", rule("recommend")),
    )

    both, alone = plan_of(book, YES), plan_of(book, NO)

    assert (both.item("twin").lead, both.item("twin").rank, both.item("twin").wave) == ("lead", None, None)
    assert both.item("lead").folded == ("twin",)
    assert [item.id for item in both.ranked] == ["lead", "z"]
    assert [item.id for item in alone.ranked] == ["twin", "z"]
    assert alone.item("twin").lead is None


def test_actions_to_confirm_have_a_rank_in_a_list_of_their_own() -> None:
    book = rulebook(
        action("sure", rule("recommend")),
        action("maybe", rule("recommend", YES)),
        action("better", rule("recommend", YES), rule("reinforce", points={"impact": "+"})),
    )

    plan = plan_of(book)

    assert [item.id for item in plan.to_confirm] == ["better", "maybe"]
    assert [(item.rank, item.wave) for item in plan.to_confirm] == [(1, None), (2, None)]


def test_every_action_is_in_every_plan() -> None:
    book = rulebook(*(action(f"act{index}", rule("recommend", YES)) for index in range(5)))

    for answers in ({}, YES, NO):
        assert [action_.id for action_ in book.actions] == [item.id for item in plan_of(book, answers).items]


def test_an_unknown_action_suggests_the_nearest() -> None:
    with pytest.raises(UnknownAction, match="vouliez-vous dire `act`"):
        plan_of(rulebook(action("act", rule("recommend")))).item("actt")


# Stance


def test_the_situation_says_the_stage_the_next_one_and_what_it_needs() -> None:
    book = rulebook(action("act", rule("recommend")))

    situation = plan_of(book, {"scenario": "one", "stage": "first", "a": "no"}).situation

    assert situation.stage is not None
    assert situation.next_stage is not None
    assert (situation.stage.stage, situation.next_stage.stage) == ("first", "second")
    assert [verdict for _, verdict in situation.criteria] == [False]


def test_the_last_stage_has_no_next_one() -> None:
    situation = plan_of(rulebook(action("act", rule("recommend"))), {"scenario": "one", "stage": "second"}).situation

    assert situation.stage is not None
    assert situation.next_stage is None


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"scenario": "two", "stage": "second"}, "stage_of_other_scenario"),
        ({"stage": "second"}, "answer_waiting"),
    ],
)
def test_a_stage_that_the_scenario_lacks_is_set_aside_and_told(answers: dict[str, str], code: str) -> None:
    book = rulebook(action("act", rule("recommend", {"stage": "second"})))

    plan = plan_of(book, answers)

    assert (code, "stage") in [(notice.code, notice.fact) for notice in plan.notices]
    assert status(plan, "act") == "to_confirm"
    assert plan.situation.stage is None


def test_a_stage_that_every_scenario_has_counts_without_the_scenario() -> None:
    book = rulebook(action("act", rule("recommend", {"stage": "first"})))

    assert status(plan_of(book, {"stage": "first"}), "act") == "recommended"


# Facts


DEDUCED = choice("sum", "low", "high") | {"ask": None}
SUM = {
    "fact": "sum",
    "values": [{"value": "high", "when": {"a": "yes", "b": "yes"}, "because": "Les deux."}],
    "otherwise": {"value": "low", "because": "Pas les deux."},
} | EDITORIAL


def test_a_deduced_fact_is_shown_with_what_it_comes_from() -> None:
    book = rulebook(action("act", rule("recommend", {"sum": "high"})), questions=[DEDUCED], deductions=[SUM])

    plan = plan_of(book, {"a": "yes", "b": "yes"})

    assert [(found.fact, found.value, found.cites) for found in plan.deduced] == [("sum", "high", ("a", "b"))]
    assert status(plan, "act") == "recommended"


def test_what_is_missing_is_never_a_fact_that_nobody_is_asked() -> None:
    book = rulebook(action("act", rule("recommend", {"sum": "high"})), questions=[DEDUCED], deductions=[SUM])

    plan = plan_of(book, {"a": "yes"})

    assert plan.missing(plan.item("act")) == ("b",)


def test_a_question_that_waits_on_another_is_missing_after_it() -> None:
    guarded = choice("guarded", "yes", "no", asked_when={"a": "yes"})
    book = rulebook(action("act", rule("recommend", {"guarded": "yes"})), questions=[guarded])

    plan = plan_of(book)

    assert plan.missing(plan.item("act")) == ("a", "guarded")
    assert status(plan_of(book, NO), "act") == "not_retained"
    assert [notice.code for notice in plan_of(book, {"a": "no", "guarded": "yes", "staff": "some"}).notices] == [
        "answer_ignored"
    ]
    assert [notice.code for notice in plan_of(book, {"guarded": "yes", "staff": "some"}).notices] == ["answer_waiting"]


def test_plans_are_sound_on_every_completion_of_a_small_rulebook() -> None:
    """What is not to confirm stays, and no score leaves its interval, whatever the unknown answers turn out to be."""
    book = rulebook(
        action("r", rule("recommend", {"a": "yes"}, points={"impact": "+"})),
        action(
            "d",
            rule("recommend", {"any": [{"a": "yes"}, {"b": "yes"}]}, points={"impact": "++"}),
            rule("defer", {"c": "no"}, unlocked_by={"answers": {"c": ["yes"]}}),
            requires=["r"],
        ),
        action("x", rule("recommend"), rule("exclude", {"a": "no", "b": "no"}), requires=["d"]),
        action("y", rule("recommend"), rule("reinforce", {"b": "yes"}, points={"feasibility": "--"}), requires=["x"]),
    )
    values: list[str | None] = [None, "yes", "no"]
    for known in itertools.product(values, repeat=3):
        given = {name: value for name, value in zip("abc", known, strict=True) if value}
        plan = plan_of(book, given)
        free = [name for name in "abc" if name not in given]
        for rest in itertools.product(["yes", "no"], repeat=len(free)):
            complete = plan_of(book, given | dict(zip(free, rest, strict=True)))
            for before, after in zip(plan.items, complete.items, strict=True):
                assert after.status in before.possible
                assert before.score.low <= after.score.total <= before.score.high
                if before.certain:
                    assert before.priority == after.priority
