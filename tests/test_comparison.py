"""Plans side by side: differences are complete, and each cause is replayed on a profile of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise, product
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conseil
from builders import action, plan_of, rule, rulebook
from conseil.comparison import Cause, Comparison, Difference, Standing, Variant, compare, scenario_variants, what_if
from conseil.conditions import PROGRESS, FactValue
from conseil.errors import InvalidProfile
from conseil.plan import LIVE, Plan
from conseil.profile import Profile
from conseil.robustness import reweighted
from conseil.rulebook import Rulebook
from small_plans import profile_of, small_profiles, small_rulebooks

PROFILES = {name: conseil.load_profile(path) for name, path in conseil.shipped_profiles().items()}
PAIRS = [
    ("cc-des-hautes-combes", "metropole-de-belleroche"),
    ("creuse-grand-sud", "grenoble-alpes-metropole"),
    ("commune-de-montreval", "region-val-de-lorme"),
    ("pnr-de-lorraine", "seine-saint-denis"),
]


# Replays that know nothing of the module under test


def answers_of(plan: Plan) -> dict[str, FactValue]:
    """Return all that was answered, progress included."""
    return plan.known.given | {PROGRESS + name: state for name, state in plan.known.progress.items()}


def replayed(base: Plan, other: Plan, facts: Iterable[str], engine: str = "reference") -> Plan:
    """Make a profile of the first's answers, some of them as the other has them, and its plan."""
    merged = answers_of(base)
    for fact in facts:
        merged.pop(fact, None)
        if fact in answers_of(other):
            merged[fact] = answers_of(other)[fact]
    answers = {fact: value for fact, value in merged.items() if not fact.startswith(PROGRESS)}
    progress = {fact.removeprefix(PROGRESS): str(value) for fact, value in merged.items() if fact.startswith(PROGRESS)}
    return conseil.advise(profile_of(answers, progress), base.rulebook, engine)


def aspect(difference: Difference, plan: Plan) -> object:
    """Return what the difference is about, as it is in a plan."""
    item = plan.item(difference.action)
    if difference.kind == "reprioritised":
        return item.status, item.priority
    if difference.kind == "reranked":
        return item.rank, item.wave, item.now
    return item.status


def gives(difference: Difference, base: Plan, other: Plan, facts: Iterable[str]) -> bool:
    return aspect(difference, replayed(base, other, facts)) == aspect(difference, other)


def check(comparison: Comparison) -> None:
    """Hold every difference to what it promises."""
    base = comparison.variants[0].plan
    for variant in comparison.variants[1:]:
        found = [one for one in comparison.differences if one.variant == variant.name]
        assert {one.action: (one.before, one.after) for one in found} == differing(base, variant.plan)
        for difference in found:
            check_causes(difference, base, variant.plan)


def differing(base: Plan, other: Plan) -> dict[str, tuple[Standing, Standing]]:
    pairs = {item.id: (Standing.of(item), Standing.of(other.item(item.id))) for item in base.items}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def check_causes(difference: Difference, base: Plan, other: Plan) -> None:
    mine, theirs = answers_of(base), answers_of(other)
    changed = [fact for fact in {**mine, **theirs} if mine.get(fact) != theirs.get(fact)]
    assert difference.causes
    sizes = {len(cause.set) for cause in difference.causes}
    assert len(sizes) == 1
    for cause in difference.causes:
        assert set(cause.set) <= set(changed)
        assert all(theirs.get(fact) == value for fact, value in cause.set.items())
        assert gives(difference, base, other, cause.set)
        for fact in cause.set:
            assert not gives(difference, base, other, set(cause.set) - {fact}), (difference, fact)
    singles = {fact for fact in changed if gives(difference, base, other, [fact])}
    if singles:
        assert {fact for cause in difference.causes for fact in cause.set} == singles
        assert sizes == {1}


# What is promised


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_differences_are_complete_and_every_cause_is_replayed(pair: tuple[str, str]) -> None:
    check(compare({name: PROFILES[name] for name in pair}, engine="reference"))


@settings(deadline=None)
@given(small_rulebooks(), small_profiles(), small_profiles())
def test_causes_hold_on_random_rulebooks(book: Rulebook, here: Profile, there: Profile) -> None:
    check(compare({"here": here, "there": there}, book, "reference"))


@settings(deadline=None, max_examples=60)
@given(small_rulebooks(), small_profiles(complete=True), small_profiles(complete=True))
def test_the_smallest_causes_are_all_there(book: Rulebook, here: Profile, there: Profile) -> None:
    comparison = compare({"here": here, "there": there}, book, "reference")
    base, other = (variant.plan for variant in comparison.variants)
    mine, theirs = answers_of(base), answers_of(other)
    changed = [fact for fact in {**mine, **theirs} if mine.get(fact) != theirs.get(fact)]
    for difference in comparison.differences:
        assert difference.smallest  # so few facts can all be tried
        tried = (facts for size in range(1, len(changed) + 1) for facts in combinations(sorted(changed), size))
        enough = [facts for facts in tried if gives(difference, base, other, facts)]
        expected = {facts for facts in enough if len(facts) == len(enough[0])}
        assert {tuple(sorted(cause.set)) for cause in difference.causes} == expected


@settings(deadline=None, max_examples=60)
@given(small_rulebooks(), small_profiles(), small_profiles())
def test_the_rules_of_a_cause_are_those_that_it_flips(book: Rulebook, here: Profile, there: Profile) -> None:
    comparison = compare({"here": here, "there": there}, book, "reference")
    base, other = (variant.plan for variant in comparison.variants)
    for difference in comparison.differences:
        for cause in difference.causes:
            after = replayed(base, other, cause.set)
            for flip in cause.flips:
                verdicts = (base.inference.rules[flip.rule.id], after.inference.rules[flip.rule.id])
                assert verdicts == (flip.before, flip.after)
                assert flip.before is not flip.after
                assert flip.holds is (other.inference.rules[flip.rule.id] is flip.after)
            assert len({flip.holds for flip in cause.flips}) <= 1  # what holds there is said, or else that none does
            named = {flip.rule.id.partition(".")[0] for flip in cause.flips}
            assert named <= {difference.action, *cause.prerequisites}
            assert answers_shown(cause) == {fact: (base.facts.get(fact), other.facts.get(fact)) for fact in cause.set}
            for needed in cause.prerequisites:
                assert base.item(needed).possible != after.item(needed).possible


@pytest.mark.parametrize("pair", [*PAIRS, ("petr-du-pays-d-alvine", "seine-saint-denis")], ids="-".join)
def test_a_rule_that_is_said_to_hold_there_has_that_verdict_there(pair: tuple[str, str]) -> None:
    comparison = compare({name: PROFILES[name] for name in pair})
    there = conseil.advise(PROFILES[pair[1]], engine="reference").inference.rules
    flips = [flip for found in comparison.differences for cause in found.causes for flip in cause.flips]

    assert flips
    for flip in flips:
        assert flip.holds is (there[flip.rule.id] is flip.after)


def answers_shown(cause: Cause) -> Mapping[str, tuple[FactValue | None, FactValue | None]]:
    return cause.answers


def test_both_engines_give_the_same_causes(usable_engines: list[str]) -> None:
    names = PAIRS[0]
    found = [compare({name: PROFILES[name] for name in names}, engine=engine).differences for engine in usable_engines]
    assert all(one == other for one, other in pairwise(found))


@pytest.mark.parametrize("pair", [*PAIRS, ("grand-lyon", "plaine-commune"), ("ville-de-paris", "plaine-commune")])
def test_a_comparison_takes_a_few_seconds_at_most(pair: tuple[str, str]) -> None:
    start = perf_counter()
    found = compare({name: PROFILES[name] for name in pair}).differences
    assert found
    assert perf_counter() - start < 10  # about two on a slow machine


# Small cases that say what is meant


def kinds(comparison: Comparison) -> dict[str, str]:
    return {found.action: found.kind for found in comparison.differences}


def only(comparison: Comparison, name: str) -> Difference:
    (found,) = [one for one in comparison.differences if one.action == name]
    return found


def sets(difference: Difference) -> list[dict[str, object]]:
    return [dict(cause.set) for cause in difference.causes]


def compared(book: Rulebook, here: Mapping[str, str], there: Mapping[str, str]) -> Comparison:
    return compare({"A": profile_of(here, {}), "B": profile_of(there, {})}, book, "reference")


def test_each_kind_of_difference_is_called_what_it_is() -> None:
    book = rulebook(
        action("added", rule("recommend", {"a": "yes"})),
        action("removed", rule("recommend", {"a": "no"})),
        action("other", rule("recommend", {"a": "yes"}), rule("exclude", {"b": "yes"})),
        action("raised", rule("recommend"), rule("reinforce", {"a": "yes"}, points={"impact": "+++"})),
        action("moved", rule("recommend", points={"impact": "+"})),
        action("same", rule("exclude")),
    )
    comparison = compared(book, {"a": "no", "b": "no"}, {"a": "yes", "b": "yes"})

    assert kinds(comparison) == {
        "added": "added", "removed": "removed", "other": "other", "raised": "reprioritised", "moved": "reranked",
    }  # fmt: skip


def test_an_interaction_of_two_answers_is_one_cause() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes", "b": "yes"})))

    found = only(compared(book, {"a": "no", "b": "no", "c": "no"}, {"a": "yes", "b": "yes", "c": "yes"}), "act")

    assert sets(found) == [{"a": "yes", "b": "yes"}]
    assert [flip.rule.id for flip in found.causes[0].flips] == ["act.0"]
    assert not found.causes[0].follows


def test_two_answers_that_are_each_enough_are_two_causes() -> None:
    book = rulebook(action("act", rule("recommend", {"any": [{"a": "yes"}, {"b": "yes"}]})))

    assert sets(only(compared(book, {"a": "no", "b": "no"}, {"a": "yes", "b": "yes"}), "act")) == [
        {"a": "yes"},
        {"b": "yes"},
    ]


def test_what_only_follows_the_others_is_told_apart() -> None:
    book = rulebook(
        action("first", rule("recommend", {"a": "yes"}, points={"impact": "+++"})),
        action("second", rule("recommend")),
    )

    found = only(compared(book, {"a": "no"}, {"a": "yes"}), "second")

    assert (found.before.rank, found.after.rank, found.kind) == (1, 2, "reranked")
    assert found.causes[0].follows
    assert not found.causes[0].flips


def test_a_prerequisite_that_is_put_off_is_named() -> None:
    book = rulebook(
        action("before", rule("recommend"), rule("defer", {"a": "yes"}, unlocked_by={"answers": {"a": ["no"]}})),
        action("after", rule("recommend"), requires=["before"]),
    )

    found = only(compared(book, {"a": "no"}, {"a": "yes"}), "after")

    assert (found.kind, found.after.status) == ("removed", "deferred")
    assert found.causes[0].prerequisites == ("before",)
    assert [flip.rule.id for flip in found.causes[0].flips] == ["before.1"]


def test_a_capacity_that_moves_an_action_is_said() -> None:
    book = rulebook(*(action(f"act-{index}", rule("recommend")) for index in range(3)))

    found = only(compared(book, {"staff": "few"}, {"staff": "some"}), "act-1")

    assert (found.before.now, found.after.now) == (False, True)
    assert (found.causes[0].capacity, found.causes[0].follows) == ((1, 2), False)


def test_a_rule_is_told_apart_that_only_these_answers_flip() -> None:
    """With `a` alone the first rule would be true; there, `b` makes it false, and the second one recommends."""
    book = rulebook(
        action("act", rule("recommend", {"a": "yes", "b": "no"}), rule("recommend", {"a": "yes", "b": "yes"})),
        action("both", rule("recommend", {"a": "yes", "b": "no"}), rule("recommend", {"a": "yes"})),
    )
    comparison = compared(book, {"a": "no", "b": "no"}, {"a": "yes", "b": "yes"})

    alone, both = only(comparison, "act"), only(comparison, "both")

    assert (sets(alone), sets(both)) == ([{"a": "yes"}], [{"a": "yes"}])
    assert [(flip.rule.id, flip.after, flip.holds) for flip in alone.causes[0].flips] == [("act.0", True, False)]
    assert [(flip.rule.id, flip.after, flip.holds) for flip in both.causes[0].flips] == [("both.1", True, True)]


def test_the_answers_that_differ_are_those_that_were_given() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes"})))
    comparison = compare(
        {"A": profile_of({"a": "yes", "b": "no"}, {}), "B": profile_of({"b": "yes"}, {"act": "doing"})}, book
    )

    assert comparison.differing("B") == {"a": ("yes", None), "b": ("no", "yes"), "progress.act": (None, "doing")}
    assert comparison.differing("A") == {}
    with pytest.raises(KeyError):
        comparison.differing("C")


def test_an_exclusion_is_not_explained_by_what_recommends() -> None:
    book = rulebook(
        action("act", rule("recommend", {"a": "no"}), rule("recommend", {"b": "yes"}), rule("exclude", {"a": "yes"}))
    )

    found = only(compared(book, {"a": "no", "b": "yes"}, {"a": "yes", "b": "yes"}), "act")

    assert [flip.rule.id for flip in found.causes[0].flips] == ["act.2"]


def test_an_answer_that_is_withdrawn_is_a_cause() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes"})))

    found = only(compared(book, {"a": "yes"}, {}), "act")

    assert (sets(found), found.after.status) == ([{"a": None}], "to_confirm")


def test_progress_is_a_cause_like_another() -> None:
    book = rulebook(action("act", rule("recommend")))
    comparison = compare(what_if(profile_of({}, {}), {"fait": {"progress.act": "done"}}), book, "reference")

    found = only(comparison, "act")

    assert (sets(found), found.after.status) == ([{"progress.act": "done"}], "done")
    assert not found.causes[0].flips
    assert not found.causes[0].follows


def test_where_only_the_weights_differ_no_answer_is_blamed() -> None:
    book = rulebook(
        action("useful", rule("recommend", points={"impact": "+++"})),
        action("easy", rule("recommend", points={"feasibility": "+++"})),
    )
    plan = plan_of(book)
    comparison = Comparison((Variant("60", plan), Variant("30", reweighted(plan, 30))), "reference")

    assert comparison.differences
    assert [found.causes for found in comparison.differences] == [()] * len(comparison.differences)


def test_what_is_shared_is_live_everywhere() -> None:
    comparison = compare({name: PROFILES[name] for name in PAIRS[0]})
    plans = [variant.plan for variant in comparison.variants]

    expected = [item.id for item in plans[0].ranked if all(plan.item(item.id).status in LIVE for plan in plans)]

    assert list(comparison.shared) == expected
    assert expected


# Variants


def test_what_if_keeps_the_profile_and_changes_what_is_named() -> None:
    here = PROFILES["cc-des-hautes-combes"]
    hashed = here.sha256

    variants = what_if(here, {"B": {"foncier": "bati", "progress.plan-communication": "done"}})

    assert list(variants) == [here.name, "B"]
    assert variants["B"].sha256 != hashed
    assert variants[here.name] == here
    assert variants["B"].answers["foncier"].value == "bati"
    assert variants["B"].progress["plan-communication"] == "done"
    assert variants["B"].answers["population"] == here.answers["population"]


def test_every_scenario_is_a_variant_and_the_territory_s_own_comes_first() -> None:
    book = conseil.load_rulebook()
    role = book.guide.roles.scenario
    for profile in PROFILES.values():
        variants = scenario_variants(profile, book)
        assert {variant.answers[role].value for variant in variants.values()} == set(book.vocabulary[role].values)
        given_ = profile.answers.get(role)
        if given_ is not None and given_.value != "unknown":
            assert next(iter(variants.values())).answers[role].value == given_.value


def test_a_value_that_the_rules_do_not_have_is_refused() -> None:
    with pytest.raises(InvalidProfile):
        compare(what_if(PROFILES["grand-lyon"], {"B": {"foncier": "chateau"}}))


def test_a_profile_of_another_rulebook_is_refused() -> None:
    other = PROFILES["grand-lyon"].model_copy(update={"rulebook": None})
    with pytest.raises(InvalidProfile):
        compare({"A": other, "B": PROFILES["grand-lyon"]}, rulebook(action("act", rule("recommend"))))


@settings(deadline=None, max_examples=40)
@given(small_rulebooks(), st.lists(small_profiles(), min_size=2, max_size=4))
def test_every_variant_is_compared_with_the_first(book: Rulebook, profiles: list[Profile]) -> None:
    comparison = compare({str(place): profile for place, profile in enumerate(profiles)}, book, "reference")
    base = comparison.variants[0].plan
    for variant, item in product(comparison.variants[1:], base.items):
        found = [one for one in comparison.differences if (one.variant, one.action) == (variant.name, item.id)]
        assert len(found) == (Standing.of(item) != Standing.of(variant.plan.item(item.id)))
