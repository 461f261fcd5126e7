"""What would hold of the first ten: proofs against every completion, witnesses and weights by replay."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conseil
from builders import action, choice, plan_of, rule, rulebook
from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue
from conseil.inference import compile_rulebook
from conseil.plan import Plan, build_plan
from conseil.profile import Profile, known_from
from conseil.robustness import FIRST, WEIGHTS, Robustness, in_ranges, reweighted, weighed, what_holds
from conseil.rulebook import Rulebook
from small_plans import profile_of, small_profiles, small_rulebooks

PROFILES = {name: conseil.load_profile(path) for name, path in conseil.shipped_profiles().items()}
YES = {"a": "yes"}
PLANS = {name: conseil.advise(profile) for name, profile in PROFILES.items()}
INCOMPLETE = [name for name, plan in PLANS.items() if plan.unknown and plan.ranked]


def completed(plan: Plan, answers: Mapping[str, FactValue], engine: str = "reference") -> Plan:
    """Answer questions, and make the whole plan again."""
    known = known_from({**plan.known.given, **answers}, plan.known.progress, plan.rulebook)
    return build_plan(plan.rulebook, plan.profile, known, compile_rulebook(plan.rulebook, engine).infer(known))


def first_of(plan: Plan, size: int = FIRST) -> set[str]:
    return {item.id for item in plan.ranked[:size]}


def values_of(plan: Plan, question: str) -> list[FactValue]:
    """Return every answer to a question; of a number, those about the bounds that rules test."""
    asked = plan.rulebook.vocabulary[question]
    beside: list[FactValue] = [NOT_APPLICABLE] if asked.not_applicable else []
    if asked.type == "integer":
        starts = [value for value in plan.rulebook.distinct_answers(question) if isinstance(value, int)]
        near = {start + shift for start in starts for shift in (-1, 0, 1)}
        low, high = asked.min or 0, asked.max or max(near)
        return [value for value in sorted(near) if low <= value <= high] + beside
    if asked.type == "choices":
        sizes = range(len(asked.values) + 1)
        return [made for size in sizes for made in combinations(asked.values, size)] + beside
    return [*asked.values, *beside]


# Whatever is answered


@pytest.mark.parametrize("name", INCOMPLETE)
def test_what_stays_stays_under_two_thousand_completions(name: str) -> None:
    plan = PLANS[name]
    staying = {member.action for member in what_holds(plan).members if member.fate == "stays"}
    values = {question: values_of(plan, question) for question in plan.unknown}
    draw = random.Random(name)  # noqa: S311 - the same completions each time
    for _ in range(2000 if staying else 0):
        answers = {question: draw.choice(choices) for question, choices in values.items()}
        missing = staying - first_of(completed(plan, answers))
        assert not missing, answers


def completions(plan: Plan) -> Iterator[dict[str, FactValue]]:
    values = [values_of(plan, question) for question in plan.unknown]
    yield from (dict(zip(plan.unknown, chosen, strict=True)) for chosen in product(*values))


@pytest.mark.parametrize("few", [0, 512], ids=["proved", "tried"])
@pytest.mark.parametrize("looked_at", [1, 2, FIRST])
def test_fates_are_right_on_random_rulebooks(few: int, looked_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every way to answer: none puts out what stays, one puts out what may leave; where all are tried, no doubt."""
    monkeypatch.setattr("conseil.robustness.FIRST", looked_at)
    monkeypatch.setattr("conseil.robustness._FEW", few)
    seen = set()

    @settings(deadline=None, max_examples=60)
    @given(small_rulebooks(), small_profiles())
    def hold(book: Rulebook, profile: Profile) -> None:
        plan = conseil.advise(profile, book, "reference")
        members = Robustness(plan, "reference").members
        firsts = [first_of(completed(plan, answers), looked_at) for answers in completions(plan)] if members else []
        for member in members:
            seen.add(member.fate)
            always = all(member.action in first for first in firsts)
            if member.fate == "stays":
                assert always
            if member.fate == "may_leave":
                check_witness(plan, member.action, member.witness, looked_at)
            if few and len(firsts) <= few:
                assert member.fate != "undecided"
                assert always or member.fate == "may_leave"

    hold()
    assert seen >= ({"stays"} if looked_at == FIRST else {"stays", "may_leave"})  # four actions all have their place


def check_witness(plan: Plan, name: str, witness: Mapping[str, FactValue], size: int = FIRST) -> None:
    """Replay the answers: together they put the action out, and with one of them less they do not."""
    assert set(witness) <= set(plan.unknown)
    whole = profile_of({**plan.known.given, **witness}, {one: str(state) for one, state in plan.known.progress.items()})
    assert name not in first_of(conseil.advise(whole, plan.rulebook, "reference"), size)
    for fact in witness:
        rest = {other: value for other, value in witness.items() if other != fact}
        assert name in first_of(completed(plan, rest), size)


@pytest.mark.parametrize("name", INCOMPLETE)
def test_every_witness_is_replayed(name: str) -> None:
    plan = PLANS[name]
    for member in what_holds(plan).members:
        assert bool(member.witness) is (member.fate == "may_leave")
        if member.witness:
            check_witness(plan, member.action, member.witness)


@pytest.mark.parametrize("name", INCOMPLETE[:3])
def test_the_question_that_matters_most_is_found_by_trying_every_answer(name: str) -> None:
    plan = PLANS[name]
    found = what_holds(plan).unknowns
    assert {one.question for one in found} == set(plan.unknown)
    assert [one.changed for one in found] == sorted((one.changed for one in found), reverse=True)
    for one in found:
        after = first_of(completed(plan, {one.question: one.value}))
        assert (set(one.leaves), set(one.enters)) == (first_of(plan) - after, after - first_of(plan))
        for value in values_of(plan, one.question):
            assert len(first_of(plan) ^ first_of(completed(plan, {one.question: value}))) <= one.changed


@pytest.mark.parametrize("own", [True, False], ids=["its own points", "the points of a rival"])
def test_points_that_are_unknown_count_on_both_sides(own: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conseil.robustness.FIRST", 1)
    moving = rule("reinforce", YES, points={"impact": "---" if own else "+++"})
    ahead = [rule("recommend", points={"impact": "+"}), *([moving] if own else [])]
    behind = [rule("recommend"), *([] if own else [moving])]
    book = rulebook(action("ahead", *ahead), action("behind", *behind))

    (member,) = what_holds(plan_of(book), "reference").members

    assert (member.action, member.fate, dict(member.witness)) == ("ahead", "may_leave", YES)


def test_a_prerequisite_that_may_be_live_may_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conseil.robustness.FIRST", 1)
    book = rulebook(
        action("before", rule("recommend", YES)),
        action("after", rule("recommend", points={"impact": "+++"}), requires=["before"]),
    )

    assert [member.fate for member in what_holds(plan_of(book), "reference").members] == ["may_leave"]


def test_a_lead_that_may_be_live_may_take_its_twin_s_place() -> None:
    book = rulebook(action("lead", rule("recommend", YES)), action("twin", rule("recommend"), twin_of="lead"))

    (member,) = what_holds(plan_of(book), "reference").members

    assert (member.action, member.fate, dict(member.witness)) == ("twin", "may_leave", YES)


DEDUCTION = {
    "fact": "maturity",
    "values": [{"value": "old", "when": {"a": "yes"}, "because": "Dit."}],
    "otherwise": {"value": "young", "because": "Sinon."},
    "basis": "editorial",
    "rationale": "Parce que.",
}


def test_an_answer_that_is_deduced_may_still_be_given_otherwise() -> None:
    book = rulebook(action("act", rule("recommend", {"maturity": "old"})), deductions=[DEDUCTION])

    (member,) = what_holds(plan_of(book, {"a": "yes"}), "reference").members

    assert (member.fate, dict(member.witness)) == ("may_leave", {"maturity": "young"})


def test_where_the_cases_are_too_many_nothing_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conseil.robustness._MOST_CASES", 1)
    monkeypatch.setattr("conseil.robustness._FEW", 0)
    book = rulebook(action("act", rule("recommend")), deductions=[DEDUCTION])

    assert [member.fate for member in what_holds(plan_of(book, YES), "reference").members] == ["undecided"]


def test_not_applicable_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conseil.robustness.FIRST", 1)
    book = rulebook(
        action("ahead", rule("recommend", points={"impact": "+"})),
        action("behind", rule("recommend"), rule("reinforce", {"not": {"d": "yes"}}, points={"impact": "+++"})),
        questions=[choice("d", "yes", not_applicable=True)],
    )

    (member,) = what_holds(plan_of(book), "reference").members

    assert (member.action, dict(member.witness)) == ("ahead", {"d": NOT_APPLICABLE})


def test_a_plan_without_unknown_answers_is_sure() -> None:
    for name, plan in PLANS.items():
        if not plan.unknown:
            assert {member.fate for member in what_holds(plan).members} == {"stays"}, name


def test_where_nothing_is_found_nor_proved_it_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conseil.robustness.FIRST", 1)
    monkeypatch.setattr("conseil.robustness._FEW", 0)
    points = [{"impact": "+++"}, {"impact": "+"}]
    apart = rule("reinforce", {"a": "yes", "b": "yes"}, points=points[0])
    other = rule("reinforce", {"a": "no", "b": "yes"}, points=points[0])
    book = rulebook(
        action("act", rule("recommend", points=points[1])),
        action("rival", rule("recommend"), apart, rule("reinforce", {"a": "yes"}, points={"impact": "---"}), other,
               rule("reinforce", {"b": "yes"}, points={"impact": "---"})),
    )  # fmt: skip

    (member,) = what_holds(plan_of(book), "reference").members

    assert (member.fate, dict(member.witness)) == ("undecided", {})


# Whatever the weights


@pytest.mark.parametrize("name", ["cc-des-hautes-combes", "plaine-commune", "region-val-de-lorme"])
def test_the_weights_of_each_action_are_found_with_reweighted_rulebooks(name: str) -> None:
    held: dict[str, list[int]] = {}
    for impact in range(30, 81):
        again = conseil.advise(PROFILES[name], weighed(conseil.load_rulebook(), impact), "reference")
        for action_id in first_of(again):
            held.setdefault(action_id, []).append(impact)

    for member in what_holds(PLANS[name]).members:
        assert list(member.weights) == held.get(member.action, [])


def crossings_of(plan: Plan) -> dict[tuple[str, str], set[int]]:
    """Return, of each pair that changes order, the weights at which the second one is said to come first."""
    found = what_holds(plan, "reference").crossings
    weights = {
        (one.first, one.second): {weight for low, high in one.ranges for weight in range(low, high + 1)}
        for one in found
    }
    assert len(weights) == len(found)
    assert all(in_ranges(sorted(weights[one.first, one.second])) == one.ranges for one in found)
    return weights


def check_crossings(plan: Plan, size: int = FIRST) -> set[str]:
    """Hold the crossings to the ranks that the plan has under every weight; return what was seen."""
    found, first = crossings_of(plan), [item.id for item in plan.ranked[:size]]
    orders = {weight: [item.id for item in reweighted(plan, weight).ranked] for weight in WEIGHTS}
    for ahead, behind in {*combinations(first, 2), *found}:
        inverted = {weight for weight, order in orders.items() if order.index(behind) < order.index(ahead)}
        assert found.get((ahead, behind), set()) == inverted
    for weight, order in orders.items():
        for left, entered in product(set(first) - {*order[:size]}, {*order[:size]} - {*first}):
            assert weight in found[left, entered]
    outside = {behind for _, behind in found} - {*first}
    assert all(any(name in order[:size] for order in orders.values()) for name in outside)
    return {"inside" if behind in first else "outside" for _, behind in found} | {
        "broken" for weights in found.values() if len(in_ranges(sorted(weights))) > 1
    }


def test_what_is_said_of_an_order_is_true_of_every_rank_of_the_shipped_territories() -> None:
    seen = set[str]().union(*(check_crossings(plan) for plan in PLANS.values()))

    assert seen == {"inside", "outside", "broken"}  # rounding and ties break a range in two


@settings(deadline=None, max_examples=80)
@given(small_rulebooks(), small_profiles(), st.sampled_from([10, 60, 90]), st.sampled_from([1, 2]))
def test_what_is_said_of_an_order_is_true_on_random_rulebooks(
    book: Rulebook, profile: Profile, impact: int, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conseil.robustness.FIRST", size)
        check_crossings(conseil.advise(profile, weighed(book, impact), "reference"), size)


def test_an_order_that_comes_back_has_two_ranges() -> None:
    """At 36 % the totals are 49.2 and 49.6, which are rounded apart; at 35 % and 37 % they are equal once rounded."""
    book = rulebook(
        action("easy", rule("recommend", points={"impact": "---", "feasibility": "++"})),
        action("useful", rule("recommend", points={"impact": "--", "feasibility": "+"})),
    )

    assert [(one.first, one.second, one.ranges) for one in what_holds(plan_of(book), "reference").crossings] == [
        ("useful", "easy", ((30, 35), (37, 38))),
    ]


@settings(deadline=None, max_examples=60)
@given(small_rulebooks(), small_profiles(), st.integers(0, 100))
def test_a_plan_is_weighed_again_as_it_would_have_been_made(book: Rulebook, profile: Profile, impact: int) -> None:
    again = conseil.advise(profile, weighed(book, impact), "reference")

    assert reweighted(conseil.advise(profile, book, "reference"), impact).items == again.items


def test_the_weights_are_those_of_the_guide_s_scale() -> None:
    assert (WEIGHTS[0], WEIGHTS[-1]) == (30, 80)
    used = weighed(conseil.load_rulebook(), 50).guide.score.weights
    assert (used.impact, used.feasibility) == (50, 50)


@pytest.mark.parametrize("name", INCOMPLETE)
def test_it_takes_a_few_seconds_at_most(name: str) -> None:
    found = Robustness(PLANS[name])
    start = perf_counter()
    assert found.members
    assert found.unknowns
    assert perf_counter() - start < 10  # less than one on a slow machine


def test_progress_is_no_question_here() -> None:
    plan = plan_of(rulebook(action("act", rule("recommend"))))

    (member,) = what_holds(plan, "reference").members

    assert member.fate == "stays"
    assert not any(question.startswith(PROGRESS) for question in plan.unknown)
