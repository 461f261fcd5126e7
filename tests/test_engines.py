"""Every engine gives what the reference gives, and the reference has the properties that plans rest on."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations_with_replacement, permutations, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    AllOf,
    AnyOf,
    Between,
    Condition,
    FactValue,
    Not,
    OneOf,
    Several,
    Verdict,
    cited,
    evaluate,
)
from conseil.inference import ENGINES, ReferenceEngine
from conseil.plan import build_plan
from conseil.plan.table import PlanTableBuilder
from conseil.profile import Known, Profile, known, known_from, progress_of
from conseil.rulebook import Deduction, Outcome, Rulebook
from conseil.vocabulary import Question
from plans_as_data import chunk_of, data_of_plan, data_of_row
from strategies import (
    answers_to,
    conditions,
    durable_or_skip,
    durable_runs,
    knowns,
    profiles,
    question,
    rulebook_of,
    rulebooks,
    short_names,
)

OTHERS = [durable_or_skip, *(name for name in ENGINES if name not in {"reference", "durable"})]
ALL = ["reference", *OTHERS]
AND_COLUMNS = [*OTHERS, "columns"]
NOBODY = Profile(name="Essai", kind="invented")
RUNNING = [name for name in ENGINES if name != "reference" and (name != "durable" or durable_runs())]
"""The engines to compare here; where durable-rules does not import, the tests of `OTHERS` are skipped and say so."""


def judged(engine: str, rulebook: Rulebook, territories: Sequence[Known]) -> list[Mapping[str, Verdict]]:
    """Return the verdicts of all rules on some territories, by an engine or by `columns`."""
    if engine != "columns":
        infer = ENGINES[engine](rulebook).infer
        return [infer(territory).rules for territory in territories]
    table = PlanTableBuilder(rulebook).build(chunk_of(territories, rulebook), verdicts=True)
    return [data_of_row(table, row, rulebook)["rules"] for row in range(len(territories))]


random_rulebooks = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@settings(random_rulebooks, max_examples=200)
@given(data=st.data())
def test_all_give_what_the_reference_gives(data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    reference, engines = ReferenceEngine(rulebook), [ENGINES[name](rulebook) for name in RUNNING]
    territories = data.draw(st.lists(knowns(rulebook), min_size=50, max_size=50))
    for territory in territories:
        expected = reference.infer(territory)
        for engine in engines:
            actual = engine.infer(territory)
            assert actual == expected, engine.name
            assert list(actual.facts) == list(expected.facts)  # what reads them in their order writes the same bytes
    counting = [known_from(territory.answers, territory.progress, rulebook) for territory in territories]
    table = PlanTableBuilder(rulebook).build(chunk_of(counting, rulebook), verdicts=True)
    for row, territory in enumerate(counting):
        plan = build_plan(rulebook, NOBODY, territory, reference.infer(territory))
        assert data_of_row(table, row, rulebook) == data_of_plan(plan)


@settings(random_rulebooks, max_examples=50)
@given(data=st.data())
def test_all_give_what_the_reference_gives_on_profiles_as_written(data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    territory = known(data.draw(profiles(rulebook)), rulebook)
    for name in RUNNING:
        assert ENGINES[name](rulebook).infer(territory) == ReferenceEngine(rulebook).infer(territory), name


@settings(random_rulebooks, max_examples=100)
@given(data=st.data())
def test_strategies_draw_valid_rulebooks(data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    written = [rule.when for rule in rulebook.rules.values()]
    written += [item.asked_when for item in rulebook.questions if item.asked_when is not None]
    written += [outcome.when for deduced in rulebook.deductions for outcome in deduced.values if outcome.when]
    assert [fault for condition in written for fault in rulebook.vocabulary.faults(condition)] == []
    for answers in data.draw(st.lists(knowns(rulebook), min_size=3, max_size=3)):
        assert answers.answers.keys() <= set(rulebook.vocabulary)


@pytest.mark.parametrize("name", ALL)
@settings(random_rulebooks, max_examples=60)
@given(data=st.data())
def test_answering_an_unknown_question_never_flips_a_verdict(name: str, data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    engine = ENGINES[name](rulebook)
    for before in data.draw(st.lists(knowns(rulebook), min_size=5, max_size=5)):
        inference = engine.infer(before)
        after = data.draw(answered(before, rulebook, inference.facts.keys()))
        later = engine.infer(after)
        for verdicts, later_ones in ((inference.rules, later.rules), (inference.criteria, later.criteria)):
            assert all(verdict is None or later_ones[place] is verdict for place, verdict in verdicts.items())  # type: ignore[index]
        assert inference.facts.items() <= later.facts.items()


@settings(random_rulebooks, max_examples=60)
@given(data=st.data())
def test_answering_an_unknown_question_never_flips_a_verdict_in_columns(data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    befores = [
        known_from(drawn.answers, drawn.progress, rulebook)
        for drawn in data.draw(st.lists(knowns(rulebook), min_size=5, max_size=5))
    ]
    settled = [{*before.given, *ReferenceEngine(rulebook).infer(before).facts} for before in befores]
    afters = [data.draw(answered(before, rulebook, facts)) for before, facts in zip(befores, settled, strict=True)]
    verdicts = judged("columns", rulebook, [*befores, *afters])
    for before, after in zip(verdicts[:5], verdicts[5:], strict=True):
        assert all(verdict is None or after[rule] is verdict for rule, verdict in before.items())


@st.composite
def answered(draw: st.DrawFn, before: Known, rulebook: Rulebook, settled: Collection[str]) -> Known:
    """Draw what is known once some facts that are open have an answer."""
    questions = [item for item in rulebook.questions if item.id not in {*settled, *before.given}]
    actions = sorted(rulebook.by_id.keys() - before.progress.keys())
    asked = draw(st.lists(st.sampled_from(questions), unique=True, max_size=2)) if questions else []
    begun = draw(st.lists(st.sampled_from(actions), unique=True, max_size=1)) if actions else []
    answers = {item.id: draw(answers_to(item)) for item in asked}
    progress = {action: draw(st.sampled_from(PROGRESS_VALUES)) for action in begun}
    return Known({**before.answers, **answers}, {**before.progress, **progress}, set_aside=before.set_aside)


@settings(random_rulebooks, max_examples=150)
@given(data=st.data())
def test_the_facts_cited_for_a_verdict_give_it_by_themselves(data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    facts = ReferenceEngine(rulebook).infer(data.draw(knowns(rulebook))).facts
    for condition in data.draw(st.lists(conditions(rulebook.questions), min_size=10, max_size=10)):
        verdict = evaluate(condition, facts)
        makers = cited(condition, facts)
        if verdict is None:
            assert makers
            assert not facts.keys() & set(makers)
        else:
            assert evaluate(condition, {fact: facts[fact] for fact in makers}) is verdict


@pytest.mark.parametrize("name", ["reference", *AND_COLUMNS])
@settings(random_rulebooks, max_examples=40)
@given(data=st.data())
def test_the_facts_that_a_plan_cites_give_the_verdict_by_themselves(name: str, data: st.DataObject) -> None:
    """A fact that was deduced, or does not apply, is cited as any other: here each may be said, and none is deduced."""
    rulebook = data.draw(rulebooks())
    territory = data.draw(knowns(rulebook))
    plan = build_plan(rulebook, NOBODY, territory, ReferenceEngine(rulebook).infer(territory))
    reasons = [reason for item in plan.items for reason in item.reasons if reason.verdict is not None]
    cited_alone = [known_of({fact: plan.facts[fact] for fact in plan.cites(reason)}) for reason in reasons]
    for reason, verdicts in zip(reasons, judged(name, bare(rulebook), cited_alone), strict=True):
        assert verdicts[reason.rule.id] is reason.verdict


def bare(rulebook: Rulebook) -> Rulebook:
    """Return a rulebook whose facts are all given: nothing deduced, nothing that may not apply, stages for all."""
    free = {"asked_when": None, "not_applicable": True}
    questions = tuple(asked.model_copy(update=free) for asked in rulebook.questions)
    stances = rulebook.guide.stances
    most = max((stance.stages for stance in stances), key=len)
    guide = rulebook.guide.model_copy(
        update={"stances": tuple(stance.model_copy(update={"stages": most}) for stance in stances)}
    )
    return rulebook.model_copy(update={"questions": questions, "deductions": (), "guide": guide})


def known_of(facts: Mapping[str, FactValue]) -> Known:
    answers = {fact: value for fact, value in facts.items() if not fact.startswith(PROGRESS)}
    return Known(answers, progress_of(facts))


SMALL_FACTS: dict[str, tuple[tuple[Question, ...], tuple[Condition, ...], tuple[tuple[FactValue | None, ...], ...]]] = {
    "choice and boolean": (
        (question("p", "choice", "x", "y", not_applicable=True), question("q", "boolean", not_applicable=True)),
        (
            OneOf("p", ("x",)),
            OneOf("p", ("y",)),
            OneOf("p", ("x", "y")),
            OneOf("q", ("oui",)),
            OneOf("q", ("non",)),
            OneOf("q", ("oui", "non")),
        ),
        (("x", "y", NOT_APPLICABLE, None), ("oui", "non", NOT_APPLICABLE, None)),
    ),
    "integer and choices": (
        (question("p", "integer", not_applicable=True), question("q", "choices", "x", "y", not_applicable=True)),
        (
            Between("p", 1, None),
            Between("p", None, 2),
            Between("p", 1, 2),
            Several("q", "any", ("x", "y")),
            Several("q", "all", ("x", "y")),
            Several("q", "none", ("x",)),
        ),
        ((0, 1, 2, 3, NOT_APPLICABLE, None), ((), ("x",), ("y",), ("x", "y"), NOT_APPLICABLE, None)),
    ),
}


def deeper(found: Sequence[Condition]) -> list[Condition]:
    """Return conditions, and what `not`, `all` and `any` of two make of them; the order of parts does not count."""
    pairs = list(combinations_with_replacement(found, 2))
    return list(dict.fromkeys([*found, *map(Not, found), *map(AllOf, pairs), *map(AnyOf, pairs)]))


@pytest.mark.parametrize("name", AND_COLUMNS)
@pytest.mark.parametrize("facts", SMALL_FACTS)
def test_every_small_condition_under_every_valuation(name: str, facts: str) -> None:
    """Two facts, six tests on them that differ in kind, and every way to nest at most two `not`, `all` and `any`."""
    questions, tests, values = SMALL_FACTS[facts]
    every = deeper(deeper(tests))
    assert len(every) > 3_000
    valuations = [
        {fact: value for fact, value in zip("pq", valuation, strict=True) if value is not None}
        for valuation in product(*values)
    ]
    check_every(name, questions, every, [(valuation, verdicts_of(every, valuation)) for valuation in valuations])


Valuation = dict[str, FactValue]


def verdicts_of(every: Sequence[Condition], valuation: Valuation) -> list[Verdict]:
    return [evaluate(condition, valuation) for condition in every]


def check_every(
    name: str,
    questions: Sequence[Question],
    every: Sequence[Condition],
    expected: Sequence[tuple[Valuation, list[Verdict]]],
) -> None:
    """Compare the verdicts that an engine gives conditions with those that are expected."""
    rulebook = rulebook_of(questions, every)
    found = judged(name, rulebook, [Known(valuation, {}) for valuation, _ in expected])
    for verdicts, (valuation, right) in zip(found, expected, strict=True):
        named = short_names(verdicts)
        assert [named[f"r{index}"] for index in range(len(every))] == right, valuation


THREE_FACTS = tuple(question(fact, "boolean") for fact in "pqr")


@pytest.fixture(scope="module")
def three_deep() -> tuple[list[Condition], list[tuple[Valuation, list[Verdict]]]]:
    """Return every condition to depth 3 over 3 facts (see the test), and its verdict under every valuation."""
    facts = [asked.id for asked in THREE_FACTS]
    two = deeper(deeper([OneOf(fact, ("oui",)) for fact in facts]))
    place = {normal(condition): index for index, condition in enumerate(two)}
    assert len(place) == len(two) == 363
    renamings = [
        [place[normal(condition, dict(zip(facts, names, strict=True)))] for condition in two]
        for names in permutations(facts)
    ]

    def comes_first(*places: int) -> bool:
        """Say whether no renaming of the facts gives parts that come earlier: one of them all is enough."""
        return all(sorted(renaming[index] for index in places) >= list(places) for renaming in renamings)

    single = [index for index in range(len(two)) if comes_first(index)]
    pairs = [pair for pair in combinations_with_replacement(range(len(two)), 2) if comes_first(*pair)]
    parts = [(two[first], two[second]) for first, second in pairs]
    alone = [two[index] for index in single]
    every = list(dict.fromkeys([*alone, *map(Not, alone), *map(AllOf, parts), *map(AnyOf, parts)]))
    assert len(every) > 24_000
    answers: list[tuple[FactValue | None, ...]] = [("oui", "non", None)] * 3
    valuations = [
        {fact: value for fact, value in zip(facts, values, strict=True) if value is not None}
        for values in product(*answers)
    ]
    return every, [(valuation, verdicts_of(every, valuation)) for valuation in valuations]


def normal(condition: Condition, names: Mapping[str, str] | None = None) -> Condition:
    """Return a condition whose facts have other names, and whose parts stand in one order."""
    match condition:
        case OneOf(fact, values):
            return OneOf(names[fact] if names else fact, values)
        case Not(part):
            return Not(normal(part, names))
        case AllOf(parts) | AnyOf(parts):
            return type(condition)(tuple(sorted((normal(part, names) for part in parts), key=repr)))
    raise AssertionError(condition)


@pytest.mark.parametrize("name", AND_COLUMNS)
def test_every_condition_three_deep_over_three_facts_under_every_valuation(
    name: str, three_deep: tuple[list[Condition], list[tuple[Valuation, list[Verdict]]]]
) -> None:
    """Each of three yes/no facts has one test (it is yes), and is yes, no or unknown: 27 valuations.

    A condition of depth 0 is a test; one of depth n + 1 is `not` of one of depth n, or `all` or `any` of two of at most
    that depth, which may be the same. All to depth 3 are tried, but for the order of parts and the names of the facts:
    of those that are alike but for these, one is.
    What tests and values of other kinds do is tried two deep, above.
    """
    every, expected = three_deep
    check_every(name, THREE_FACTS, every, expected)


def staircase() -> Rulebook:
    """Return a rulebook in which each fact is deduced from the one before, and asked on a condition."""
    questions = [question("f0", "choice", "x", "y", "z")]
    deductions = []
    for index in range(1, 40):
        before = f"f{index - 1}"
        asked_when = Not(OneOf(before, ("z",))) if index % 5 == 0 else None
        questions.append(question(f"f{index}", "choice", "x", "y", "z", asked_when=asked_when))
        deductions.append(
            Deduction(
                fact=f"f{index}",
                values=(
                    Outcome(value="y", when=OneOf(before, ("x",)), because="Essai."),
                    Outcome(value="x", when=OneOf(before, ("y",)), because="Essai."),
                ),
                otherwise=Outcome(value="z", because="Essai."),
                basis="editorial",
                rationale="Essai.",
            )
        )
    return rulebook_of(questions, {f"is-{value}": OneOf("f39", (value,)) for value in "xyz"}, deductions)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"f0": "x"}, {"is-x": False, "is-y": True, "is-z": False}),
        ({"f0": "z"}, {"is-x": False, "is-y": False, "is-z": True}),
        ({"f21": "y"}, {"is-x": False, "is-y": True, "is-z": False}),
        ({"f20": "y"}, {"is-x": None, "is-y": None, "is-z": None}),
        ({"f0": "z", "f5": "x"}, {"is-x": False, "is-y": False, "is-z": True}),
        ({"f3": "y", "f39": "z"}, {"is-x": False, "is-y": False, "is-z": True}),
        ({}, {"is-x": None, "is-y": None, "is-z": None}),
    ],
)
def test_deductions_chain(name: str, answers: dict[str, FactValue], expected: dict[str, bool | None]) -> None:
    rulebook = staircase()
    inference = ENGINES[name](rulebook).infer(Known(answers, {}))
    assert inference == ReferenceEngine(rulebook).infer(Known(answers, {}))
    verdicts = short_names(inference.rules)
    assert {rule: verdicts[rule] for rule in expected} == expected


MANY_WAYS = """
    import sys
    if sys.platform == "linux":  # to try them all takes more memory than there is: let it fail before
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    from test_engines import AllOf, AnyOf, Known, Not, OneOf, judged, question, rulebook_of, short_names
    names = [f"{letter}{pair}" for pair in range(60) for letter in "pq"]
    crossed = AllOf(tuple(AnyOf((OneOf(f"p{n}", ("oui",)), OneOf(f"q{n}", ("oui",)))) for n in range(60)))
    asked = [*(question(name, "boolean") for name in names), question("asked", "boolean", asked_when=crossed)]
    rulebook = rulebook_of(asked, [crossed, Not(crossed), OneOf("asked", ("oui",))])
    yes = Known(dict.fromkeys([*names, "asked"], "oui"), {})
    [verdicts] = judged(sys.argv[1], rulebook, [yes])
    assert [short_names(verdicts)[f"r{place}"] for place in range(3)] == [True, False, True]
"""


@pytest.mark.parametrize("name", ["reference", *AND_COLUMNS])
def test_no_engine_tries_all_ways_in_which_a_condition_can_be_true(name: str) -> None:
    """There are 2^60; what one does with a few thousand stands in `conformance/many-ways-to-be-true.yaml`."""
    paths = os.pathsep.join([*sys.path, str(Path(__file__).parent)])
    command = [sys.executable, "-c", textwrap.dedent(MANY_WAYS), name]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=True, timeout=120)
