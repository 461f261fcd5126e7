"""Every engine gives what the reference gives, and the reference has the properties that plans rest on."""

from __future__ import annotations

from itertools import combinations_with_replacement, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conseil.conditions import (
    NOT_APPLICABLE,
    AllOf,
    AnyOf,
    Between,
    Condition,
    FactValue,
    Not,
    OneOf,
    Several,
    cited,
    evaluate,
)
from conseil.inference import ENGINES, ReferenceEngine
from conseil.profile import Known, known
from conseil.rulebook import Deduction, Outcome, Rulebook
from conseil.vocabulary import Question
from strategies import (
    answers_to,
    conditions,
    durable_or_skip,
    knowns,
    profiles,
    question,
    rulebook_of,
    rulebooks,
    short_names,
)

OTHERS = [durable_or_skip, *(name for name in ENGINES if name not in {"reference", "durable"})]
ALL = ["reference", *OTHERS]

random_rulebooks = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.mark.parametrize("name", OTHERS)
@settings(random_rulebooks, max_examples=200)
@given(data=st.data())
def test_gives_what_the_reference_gives(name: str, data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    engine, reference = ENGINES[name](rulebook), ReferenceEngine(rulebook)
    for territory in data.draw(st.lists(knowns(rulebook), min_size=50, max_size=50)):
        expected = reference.infer(territory)
        actual = engine.infer(territory)
        assert actual == expected
        assert list(actual.facts) == list(expected.facts)  # what reads them in their order writes the same bytes


@pytest.mark.parametrize("name", OTHERS)
@settings(random_rulebooks, max_examples=50)
@given(data=st.data())
def test_gives_what_the_reference_gives_on_profiles_as_written(name: str, data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    territory = known(data.draw(profiles(rulebook)), rulebook)
    assert ENGINES[name](rulebook).infer(territory) == ReferenceEngine(rulebook).infer(territory)


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
        unknown = [
            item for item in rulebook.questions if item.id not in inference.facts and item.id not in before.answers
        ]
        if not unknown:
            continue
        asked = data.draw(st.sampled_from(unknown))
        after = Known({**before.answers, asked.id: data.draw(answers_to(asked))}, before.progress)
        later = engine.infer(after)
        for rule, verdict in inference.rules.items():
            assert verdict is None or later.rules[rule] is verdict
        assert inference.facts.items() <= later.facts.items()


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


def up_to_two_deep(tests: tuple[Condition, ...]) -> list[Condition]:
    """Return every condition on these tests that nests at most two of `not`, `all` and `any`, of two parts at most."""
    found = list(tests)
    for _ in range(2):
        pairs = list(combinations_with_replacement(found, 2))
        deeper: list[Condition] = [*map(Not, found), *map(AllOf, pairs), *map(AnyOf, pairs)]
        found = list(dict.fromkeys([*found, *deeper]))
    return found


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("facts", SMALL_FACTS)
def test_every_small_condition_under_every_valuation(name: str, facts: str) -> None:
    questions, tests, values = SMALL_FACTS[facts]
    every = up_to_two_deep(tests)
    assert len(every) > 3_000
    rulebook = rulebook_of(questions, every)
    engine = ENGINES[name](rulebook)
    for valuation in product(*values):
        given_facts = {fact: value for fact, value in zip("pq", valuation, strict=True) if value is not None}
        verdicts = short_names(engine.infer(Known(given_facts, {})).rules)
        expected = {f"r{index}": evaluate(condition, given_facts) for index, condition in enumerate(every)}
        assert {rule: verdicts[rule] for rule in expected} == expected


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
