"""What cases show of the conditions of a rulebook is what a plain reading of the definition finds, case by case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import EDITORIAL, action, choice, plan_of, rule, rulebook
from conseil import Profile, Rulebook, load_rulebook
from conseil.authoring.cases import Case, CaseResult, load_cases, run_case
from conseil.authoring.coverage import Coverage, Lack, Shown, Subject, Variant, measure, subjects
from conseil.authoring.drafts import TO_NAME, draft_for
from conseil.conditions import (
    ALWAYS,
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    AllOf,
    AnyOf,
    Condition,
    Everything,
    Facts,
    FactValue,
    Not,
    Verdict,
    evaluate,
    leaves,
)
from conseil.inference import compile_rulebook
from conseil.plan import LIVE
from conseil.profile import known_from, progress_of
from golden_files import ROOT
from small_plans import profile_of, small_profiles, small_rulebooks

SHIPPED = load_rulebook()
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

IMPOSSIBLE = {
    ("never_decides", "lien-recherche.secteur"),  # an establishment that answers recommends the action already
    ("not_shown", "partenariat-acteur-ess.soutien"),  # the stage of its condition is one of that scenario only
}
"""What no territory can show of the shipped rules, and why that is meant, or harmless."""


def results_of(book: Rulebook, profiles: Sequence[Profile]) -> list[CaseResult]:
    """Return the results of cases in these situations."""
    found = []
    for place, profile in enumerate(profiles):
        answers = {fact: answer.value for fact, answer in profile.answers.items()}
        raw: dict[str, Any] = {"name": f"Cas {place}", "answers": answers, "progress": profile.progress}
        case = Case.model_validate(raw | {"expect": {"not_lost": [book.actions[0].id]}})
        found.append(run_case(case, book, "reference"))
    return found


# The shipped rulebook


@pytest.fixture(scope="module")
def shipped() -> Coverage:
    cases = load_cases([Path(folder, "tests") for folder in SHIPPED.folders], SHIPPED)
    return measure(SHIPPED, [run_case(case, SHIPPED) for case in cases])


def test_the_cases_of_the_shipped_rules_leave_nothing_unseen(shipped: Coverage) -> None:
    assert [(lack.kind, lack.subject.entry.id, lack.way) for lack in shipped.lacks] == []
    assert {(lack.kind, lack.subject.entry.id) for lack in shipped.impossible} == IMPOSSIBLE


def test_what_is_counted_adds_up(shipped: Coverage) -> None:
    assert len(shipped.subjects) == len(SHIPPED.conditions)
    not_shown = [lack for lack in (*shipped.lacks, *shipped.impossible) if lack.kind == "not_shown"]
    assert shipped.tests == len(shipped.shown) + len(not_shown)
    assert len(shipped.true) == len(shipped.subjects)
    always = sum(subject.condition == ALWAYS for subject in shipped.subjects)
    assert len(shipped.false) == len(shipped.subjects) - always


@pytest.mark.parametrize("file", ["foncier.yaml", "niveaux.yaml"])
def test_drafts_for_the_shipped_rules_show_what_was_missing(file: str, tmp_path: Path) -> None:
    (folder,) = SHIPPED.folders
    results = [run_case(case, SHIPPED) for case in load_cases([Path(folder, "tests", file)], SHIPPED)]
    coverage = measure(SHIPPED, results)
    lacks = [lack for lack in coverage.lacks if lack.nearest is not None]
    assert len(lacks) > 50

    assert still_missing(coverage, lacks[::3], tmp_path) == []


def still_missing(coverage: Coverage, lacks: Sequence[Lack], folder: Path) -> list[tuple[str, str]]:
    """Add the drafts for some lacks to the cases, and return those that they do not mend."""
    path, results = folder / "propose.yaml", [*coverage.results]
    for lack in lacks:
        draft = draft_for(lack, coverage)
        assert draft is not None
        path.write_text(f"cases:\n{draft}", encoding="utf-8")
        (case,) = load_cases([path], coverage.rulebook)
        assert case.name.startswith(TO_NAME)
        results.append(run_case(case, coverage.rulebook))
        assert results[-1].holds, draft
    left = {key(other) for other in measure(coverage.rulebook, results).lacks}
    return [(lack.kind, lack.subject.entry.id) for lack in lacks if key(lack) in left]


def test_all_drafts_can_be_put_in_one_file(tmp_path: Path) -> None:
    book = load_rulebook(ROOT / "tests" / "second_guide" / "rules")
    results = results_of(book, [profile_of({"conduite": "voisins", "moment": "envie"}, {"others": "todo"})])
    coverage = measure(book, results)
    drafts = [draft for lack in coverage.lacks if (draft := draft_for(lack, coverage)) is not None]
    path = tmp_path / "propose.yaml"
    path.write_text("cases:\n" + "\n".join(drafts), encoding="utf-8")

    cases = load_cases([path], book)

    assert len(cases) == len(drafts) > 40
    added = [run_case(case, book) for case in cases]
    assert [result.case.name for result in added if not result.holds] == []
    assert len(measure(book, [*results, *added]).lacks) < 5


def key(lack: Lack) -> tuple[object, ...]:
    return lack.kind, lack.subject, lack.way


# Rulebooks whose conditions have several tests on few facts


TESTED: dict[str, tuple[str, ...]] = {
    "scenario": ("one", "two"),
    "stage": ("first", "second", "other"),
    "maturity": ("young", "old"),
    "staff": ("few", "some", "many"),
    "a": ("yes", "no"),
    "b": ("yes", "no"),
    "d": ("yes", "no"),
    "progress.act": PROGRESS_VALUES,
}


def one_test() -> st.SearchStrategy[object]:
    return st.one_of(
        [
            st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(
                lambda chosen, fact=fact: {fact: chosen}  # type: ignore[misc]
            )
            for fact, values in TESTED.items()
        ]
    )


def several_tests() -> st.SearchStrategy[object]:
    """Draw conditions of some tests, which often rest on one fact, or on facts that rest on another."""
    return st.recursive(
        one_test(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"any": parts}),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"all": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=5,
    )


@st.composite
def tangled_rulebooks(draw: st.DrawFn) -> Rulebook:
    """Draw a rulebook of one action with two rules; a fact is deduced from others, and one asked where another is."""
    more: dict[str, object] = {"impact": draw(st.sampled_from(["+++", "--"]))}
    rules = [
        rule("recommend", draw(several_tests()), points=more),
        rule(draw(st.sampled_from(["recommend", "exclude", "caution"])), draw(several_tests())),
    ]
    deduced = {"value": "old", "when": {"any": [{"a": "yes"}, {"staff": "many"}]}, "because": "Dit."}
    deduction = {"fact": "maturity", "values": [deduced], "otherwise": {"value": "young", "because": "Sinon."}}
    asked = choice("d", "yes", "no", asked_when={"a": "yes"})
    return rulebook(action("act", *rules), questions=[asked], deductions=[deduction | EDITORIAL])


@st.composite
def tangled_profiles(draw: st.DrawFn) -> Profile:
    facts = [fact for fact in TESTED if not fact.startswith(PROGRESS)]
    answers = draw(st.fixed_dictionaries({}, optional={fact: st.sampled_from(TESTED[fact]) for fact in facts}))
    return profile_of(answers, draw(st.fixed_dictionaries({}, optional={"act": st.sampled_from(PROGRESS_VALUES)})))


# The definition, read plainly


class Territory(NamedTuple):
    """What is answered, and the facts that follow."""

    given: dict[str, FactValue]
    facts: Facts


class Plainly:
    """The same questions, asked of every pair of territories, one at a time."""

    def __init__(self, book: Rulebook, results: Sequence[CaseResult]) -> None:
        self.book = book
        self.engine = compile_rulebook(book, "reference")
        self.cases = [self.territory(self.given(result)) for result in results]
        self.pairs = [
            *combinations(self.cases, 2),
            *((case, variant) for case in self.cases for variant in self.variants(case)),
        ]

    @staticmethod
    def given(result: CaseResult) -> dict[str, FactValue]:
        known = result.plan.known
        return {**known.given, **{PROGRESS + name: state for name, state in known.progress.items()}}

    def territory(self, given: dict[str, FactValue]) -> Territory:
        answers = {fact: value for fact, value in given.items() if not fact.startswith(PROGRESS)}
        return Territory(given, self.engine.infer(known_from(answers, progress_of(given), self.book)).facts)

    def variants(self, case: Territory) -> Iterator[Territory]:
        for question in self.book.questions:
            beside = [NOT_APPLICABLE] if question.not_applicable else []
            for value in (*self.book.distinct_answers(question.id), *beside):
                yield self.territory({**case.given, question.id: value})
        for name in self.book.by_id:
            for value in PROGRESS_VALUES:
                yield self.territory({**case.given, PROGRESS + name: value})

    def shows(self, condition: Condition, place: int, *, alone: bool) -> bool:
        """Say whether some pair shows a test to decide."""
        return any(self._shows(condition, place, *pair, alone=alone) for pair in self.pairs)

    @staticmethod
    def _shows(condition: Condition, place: int, one: Territory, other: Territory, *, alone: bool) -> bool:
        before, after = ([evaluate(leaf, at.facts) for _, leaf in leaves(condition)] for at in (one, other))
        if {before[place], after[place]} != {True, False}:
            return False
        if {evaluate(condition, one.facts), evaluate(condition, other.facts)} != {True, False}:
            return False
        if alone:
            return [*before[:place], *before[place + 1 :]] == [*after[:place], *after[place + 1 :]]
        return all(decides(condition, verdicts, place) for verdicts in (before, after))


def decides(condition: Condition, verdicts: Sequence[Verdict], place: int) -> bool:
    """Say whether a condition is true with one verdict of a test, and false with the other."""
    forced = [[*verdicts[:place], verdict, *verdicts[place + 1 :]] for verdict in (True, False)]
    return {by_tests(condition, iter(tests)) for tests in forced} == {True, False}


def by_tests(condition: Condition, verdicts: Iterator[Verdict]) -> Verdict:
    """Judge a condition by the verdicts of its tests."""
    match condition:
        case Not(part):
            verdict = by_tests(part, verdicts)
            return None if verdict is None else not verdict
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            found = [by_tests(part, verdicts) for part in parts]
            settling = isinstance(condition, AnyOf)
            return settling if settling in found else None if None in found else not settling
        case _:
            return next(verdicts)


def decides_in(book: Rulebook, result: CaseResult, rule_id: str) -> bool:
    """Say whether the plan of a case would be another without a rule, by planning without it."""
    name, effect = rule_id.partition(".")[0], book.rules[rule_id].effect
    before = result.plan.item(name)
    if not result.plan.inference.rules[rule_id]:
        return False
    if effect in {"adapt", "caution"}:
        return before.status in LIVE
    never = book.rules[rule_id].model_copy(update={"when": Not(ALWAYS)})
    rules = tuple(never if one.id == rule_id else one for one in book.by_id[name].rules)
    actions = tuple(one.model_copy(update={"rules": rules}) if one.id == name else one for one in book.actions)
    profile = result.plan.profile
    plan = plan_of(
        book.model_copy(update={"actions": actions}),
        {fact: answer.value for fact, answer in profile.answers.items()},
        **dict(profile.progress),
    )
    after = plan.item(name)
    if effect == "reinforce":
        left_out = before.status in {"done", "excluded", "not_retained"}
        return not left_out and before.score.total != after.score.total
    return before.status != after.status


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_what_cases_show_of_plans_is_what_every_pair_shows_one_by_one(data: st.DataObject) -> None:
    book = data.draw(small_rulebooks())
    results = results_of(book, data.draw(st.lists(small_profiles(), min_size=1, max_size=3)))

    assert_as_plainly_read(book, results)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_what_cases_show_of_conditions_is_what_every_pair_shows_one_by_one(data: st.DataObject) -> None:
    book = data.draw(tangled_rulebooks())
    results = results_of(book, data.draw(st.lists(tangled_profiles(), min_size=1, max_size=3)))

    assert_as_plainly_read(book, results)


def assert_as_plainly_read(book: Rulebook, results: Sequence[CaseResult]) -> None:
    coverage, plainly = measure(book, results), Plainly(book, results)
    shown = {(one.subject, one.way): one for one in coverage.shown}
    lacks = {(lack.subject, lack.way): lack for lack in (*coverage.lacks, *coverage.impossible) if lack.test}
    for subject in coverage.subjects:
        ways = [way for way, _ in leaves(subject.condition)]
        for place, way in enumerate(ways):
            if ways.count(way) > 1:
                continue
            by_itself = plainly.shows(subject.condition, place, alone=True)
            found = shown.get((subject, way))
            if found is None:
                assert not by_itself
                assert (subject, way) in lacks
                if lacks[subject, way].possible is False:
                    assert not plainly.shows(subject.condition, place, alone=False)
            else:
                assert found.alone is by_itself
                assert by_itself or plainly.shows(subject.condition, place, alone=False)
    for wanted, met in ((True, coverage.true), (False, coverage.false)):
        assert met == {
            subject
            for subject in subjects(book)
            if any(evaluate(subject.condition, case.facts) is wanted for case in plainly.cases)
        }
    assert coverage.deciding == {name for name in book.rules if any(decides_in(book, one, name) for one in results)}


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_what_is_said_to_be_impossible_is_shown_by_no_other_cases(data: st.DataObject) -> None:
    book = data.draw(tangled_rulebooks())
    impossible = {key(lack) for lack in measure(book, results_of(book, data.draw(some_profiles(1)))).impossible}
    others = measure(book, results_of(book, data.draw(some_profiles(12))))

    assert impossible.isdisjoint(key(lack) for lack in others.lacks)
    assert impossible <= {key(lack) for lack in others.impossible}


def some_profiles(count: int) -> st.SearchStrategy[list[Profile]]:
    return st.lists(tangled_profiles(), min_size=count, max_size=count)


@settings(max_examples=25, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_draft_holds_and_shows_what_was_missing(tmp_path: Path, data: st.DataObject) -> None:
    book = data.draw(tangled_rulebooks())
    coverage = measure(book, results_of(book, data.draw(some_profiles(1))))
    lacks = [lack for lack in coverage.lacks if lack.nearest is not None]

    assert still_missing(coverage, lacks, tmp_path) == []


# What stands out


def lacks_of(book: Rulebook, *answers: dict[str, object]) -> dict[tuple[str, str, str], Lack]:
    coverage = measure(book, results_of(book, [profile_of(given, {}) for given in answers]))
    return {
        (lack.kind, lack.subject.entry.id, ".".join(map(str, lack.way))): lack
        for lack in (*coverage.lacks, *coverage.impossible)
        if lack.subject.entry.kind == "rule"
    }


def test_one_case_and_its_variants_show_both_tests_of_a_conjunction() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes", "b": "yes"})))
    coverage = measure(book, results_of(book, [profile_of({"a": "yes", "b": "yes"}, {})]))

    shown = [one for one in coverage.shown if one.subject.entry.id == "act.0"]
    assert shown == [
        Shown(subject_of(book, "act.0"), ("a",), 0, Variant(0, "a", "no"), alone=True),
        Shown(subject_of(book, "act.0"), ("b",), 0, Variant(0, "b", "no"), alone=True),
    ]


def subject_of(book: Rulebook, name: str) -> Subject:
    return Subject.of_rule(book.rules[name])


def test_a_test_that_another_one_masks_in_every_case_is_missing_and_the_nearest_case_is_named() -> None:
    book = rulebook(action("act", rule("recommend", {"any": [{"a": "yes"}, {"b": "yes"}]})))

    lacks = lacks_of(book, {"a": "yes", "b": "yes"}, {"a": "yes", "b": "yes", "c": "no"})

    assert set(lacks) == {
        ("never_false", "act.0", ""),
        ("not_shown", "act.0", "any.0.a"),
        ("not_shown", "act.0", "any.1.b"),
    }
    assert lacks["not_shown", "act.0", "any.0.a"].nearest is not None
    assert lacks["not_shown", "act.0", "any.0.a"].nearest.answers == {"b": "no"}


def test_two_tests_on_one_fact_are_shown_by_masking_only_where_neither_changes_alone() -> None:
    apart = {"any": [{"staff": "few"}, {"staff": "many"}]}
    together = {"any": [{"a": "yes", "c": "yes"}, {"a": "no", "b": "yes"}]}
    answers = {"staff": "some", "a": "yes", "b": "no", "c": "yes"}
    book = rulebook(action("act", rule("recommend", apart), rule("recommend", together)))

    coverage = measure(book, results_of(book, [profile_of(answers, {})]))

    found = {(one.subject.entry.id, one.way[1:]): one.alone for one in coverage.shown}
    assert found["act.0", (0, "staff")]
    assert found["act.0", (1, "staff")]
    assert found["act.1", (0, "a")] is False


def test_a_test_that_no_territory_can_show_is_told_apart() -> None:
    book = rulebook(action("act", rule("recommend", {"all": [{"a": "yes"}, {"any": [{"a": "yes"}, {"b": "yes"}]}]})))

    lacks = lacks_of(book, {"a": "yes", "b": "no"})

    assert lacks["not_shown", "act.0", "all.1.any.0.a"].possible is False
    assert lacks["not_shown", "act.0", "all.1.any.1.b"].possible is False


def test_a_rule_that_another_one_always_doubles_never_decides() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes", "b": "yes"}), rule("recommend", {"a": "yes"})))

    lacks = lacks_of(book, {"a": "yes", "b": "yes"})

    assert lacks["never_decides", "act.0", ""].possible is False
    assert lacks["never_decides", "act.1", ""].nearest is not None
    assert lacks["never_decides", "act.1", ""].nearest.answers == {"b": "no"}


def test_points_that_do_not_fit_decide_nothing() -> None:
    most = {"impact": "+++", "feasibility": "+++"}
    rules = [rule("recommend", points=most), *(rule("reinforce", {"a": "yes"}, points=most) for _ in range(3))]
    book = rulebook(action("act", *rules, rule("reinforce", points={"feasibility": "+++"})))

    deciding = measure(book, results_of(book, [profile_of({"a": "yes"}, {})])).deciding

    assert deciding == {"act.0"}


def test_a_question_that_only_one_scenario_asks_needs_that_scenario() -> None:
    asked = choice("q", "x", "y", asked_when={"scenario": "one"})
    book = rulebook(action("act", rule("recommend", {"scenario": "one", "q": "x"})), questions=[asked])

    lacks = lacks_of(book, {"scenario": "one", "q": "x"})

    assert {name for name, lack in lacks.items() if lack.possible is False} == {("not_shown", "act.0", "scenario")}


def test_a_rule_without_a_case_has_no_proposal() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes"})))

    (lack, *_) = lacks_of(book).values()

    assert (lack.nearest, lack.possible) == (None, True)
