"""The condition language: its syntax, and strong Kleene logic."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conseil.conditions import (
    ALWAYS,
    NOT_APPLICABLE,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    Facts,
    FactValue,
    Leaf,
    Not,
    OneOf,
    Several,
    Verdict,
    cited,
    evaluate,
    integer,
    leaves,
    parse,
    to_data,
)
from conseil.errors import Faults
from strategies import answers_to, conditions, question

QUESTIONS = [
    question("un", "choice", "x", "y", "z", not_applicable=True),
    question("vrai", "boolean"),
    question("nombre", "integer"),
    question("liste", "choices", "x", "y", "z"),
]
CONDITIONS = conditions(QUESTIONS)
FACTS = st.fixed_dictionaries({}, optional={asked.id: answers_to(asked) for asked in QUESTIONS})

WORDS = st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True)
BOUNDS = st.tuples(st.integers(-9, 9), st.integers(-9, 9)).map(sorted)
TESTS = st.one_of(
    st.sampled_from(["x", "y"]),
    WORDS,
    BOUNDS.map(lambda ends: {"min": str(ends[0]), "max": str(ends[1])}),
    st.integers().filter(lambda bound: abs(bound) < 10**18).map(lambda bound: {"min": str(bound)}),
    st.dictionaries(st.sampled_from(["any", "all", "none"]), WORDS, min_size=1),
)
WRITTEN = st.recursive(
    st.dictionaries(st.sampled_from(["a", "b", "progress.c"]), TESTS, min_size=1, max_size=2),
    lambda part: st.fixed_dictionaries(
        {},
        optional={
            "not": part,
            "any": st.lists(part, min_size=1, max_size=2),
            "all": st.lists(part, min_size=1, max_size=2),
        },
    ).filter(bool),
    max_leaves=6,
)
"""Conditions as somebody writes them."""

VERDICTS: tuple[Verdict, ...] = (False, None, True)


def completions(facts: Facts) -> list[dict[str, FactValue]]:
    """Return every way in which the small unknown facts could turn out."""
    found = [dict(facts)]
    for asked in QUESTIONS[:2]:
        if asked.id not in facts:
            found = [known | {asked.id: value} for known in found for value in asked.values]
    return found


@given(raw=WRITTEN)
def test_a_condition_is_written_back_as_it_was_read(raw: dict[str, Any]) -> None:
    """Reading, writing and reading again gives the same condition, and the same text from then on."""
    condition = parse(raw)
    assert condition == parse(to_data(condition))
    assert to_data(condition) == to_data(parse(to_data(condition)))


@given(condition=CONDITIONS, facts=FACTS)
def test_a_condition_made_in_python_is_written_with_its_meaning(condition: Condition, facts: Facts) -> None:
    """Also where a mapping cannot say it: two tests of one fact, two `any`, two `not`."""
    assert evaluate(parse(to_data(condition)), facts) == evaluate(condition, facts)


def test_conditions_that_differ_are_written_otherwise() -> None:
    """Rulebooks are told apart by what is written of them."""
    x, y = OneOf("un", ("x",)), OneOf("un", ("y",))
    assert to_data(Everything((x, y))) == {"all": [{"un": "x"}, {"un": "y"}]}
    assert to_data(Everything((Not(x), Not(y)))) == {"all": [{"not": {"un": "x"}}, {"not": {"un": "y"}}]}
    assert to_data(Everything((AnyOf((x,)), ALWAYS, AnyOf((y,))))) == {
        "all": [{"any": [{"un": "x"}]}, {"any": [{"un": "y"}]}]
    }
    assert to_data(Everything((x, x))) == {"un": "x"}


@given(raw=WRITTEN)
def test_the_order_of_keys_does_not_matter(raw: dict[str, Any]) -> None:
    """A mapping is its entries, in whatever order they were typed."""
    assert parse(raw) == parse(dict(reversed(raw.items())))


def test_always_is_written_in_one_way() -> None:
    """`always` is a condition that holds, and is written back as such; nothing else means it."""
    assert parse("always") == ALWAYS
    assert to_data(ALWAYS) == "always"
    assert evaluate(ALWAYS, {}) is True
    others: list[object] = [{}, None, [], "toujours", {"not": {}}, {"any": []}, {"all": [{}]}, {"not": "always"}]
    for raw in others:
        with pytest.raises(Faults):
            parse(raw)


def test_all_faults_are_found_together() -> None:
    """One reading reports every fault, each with its place."""
    with pytest.raises(Faults) as caught:
        parse({"any": [{"a": []}, {}], "b": {"min": "x", "maxi": "3"}, "min": "2", "not": "always"})
    expected = [("any", 0, "a"), ("any", 1), ("b", "maxi"), ("b", "min"), ("min",), ("not",)]
    assert expected == sorted((fault.location for fault in caught.value.faults), key=str)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0), ("-7", -7), ("007", 7), (12, 12), ("9" * 18, 10**18 - 1),
        (f"-{'9' * 18}", -(10**18) + 1), ("9" * 19, None), (f"-{'9' * 19}", None),
        ("1e5", None), ("1_000", None), ("12 000", None), ("0x10", None), ("1.0", None), ("", None),
        ("-", None), ("--1", None), ("+1", None), (".inf", None), ("१२", None), ("²", None), (True, None), (None, None),
        (1.0, None), (["1"], None),
    ],
)  # fmt: skip
def test_an_integer_is_written_in_digits(written: object, number: int | None) -> None:
    """Digits and a sign, and nothing that another reader could take for another number."""
    assert number == integer(written)


@pytest.mark.parametrize(
    ("leaf", "value", "verdict"),
    [
        (OneOf("f", ("a", "b")), "a", True),
        (OneOf("f", ("a", "b")), "c", False),
        (Between("f", 2, 4), 2, True),
        (Between("f", 2, 4), 4, True),
        (Between("f", 2, 4), 5, False),
        (Between("f", None, 4), -9, True),
        (Between("f", 2, None), 1, False),
        (Several("f", "any", ("a", "b")), ("b", "c"), True),
        (Several("f", "any", ("a", "b")), (), False),
        (Several("f", "all", ("a", "b")), ("a", "b", "c"), True),
        (Several("f", "all", ("a", "b")), ("a",), False),
        (Several("f", "none", ("a", "b")), ("c",), True),
        (Several("f", "none", ("a", "b")), (), True),
        (Several("f", "none", ("a", "b")), ("b",), False),
    ],
)
def test_what_a_test_says(leaf: Leaf, value: FactValue, verdict: Verdict) -> None:
    """Bounds are inclusive; no choice made is a known answer; an unknown fact leaves the test unknown."""
    assert verdict is evaluate(leaf, {"f": value})
    assert evaluate(leaf, {}) is None


@pytest.mark.parametrize("leaf", [OneOf("f", ("a",)), Between("f", None, 9), Several("f", "any", ("a",))])
def test_what_does_not_apply_passes_no_positive_test(leaf: Leaf) -> None:
    """That a question does not apply is known: positive tests fail, and `not` holds."""
    assert evaluate(leaf, {"f": NOT_APPLICABLE}) is False
    assert evaluate(Not(leaf), {"f": NOT_APPLICABLE}) is True


def test_none_holds_of_what_does_not_apply() -> None:
    """No choice was made where there was none to make."""
    assert evaluate(Several("f", "none", ("a",)), {"f": NOT_APPLICABLE}) is True


@pytest.mark.parametrize("left", VERDICTS)
@pytest.mark.parametrize("right", VERDICTS)
def test_the_tables_of_kleene(left: Verdict, right: Verdict) -> None:
    """And is the lowest, or the highest, where unknown stands between false and true."""
    rank = {False: 0, None: 1, True: 2}
    facts = {name: "x" if verdict else "y" for name, verdict in (("l", left), ("r", right)) if verdict is not None}
    parts = (OneOf("l", ("x",)), OneOf("r", ("x",)))
    lowest, highest = sorted((left, right), key=rank.__getitem__)
    assert evaluate(AllOf(parts), facts) is lowest
    assert evaluate(Everything(parts), facts) is lowest
    assert evaluate(AnyOf(parts), facts) is highest


@given(part=CONDITIONS, other=CONDITIONS, facts=FACTS)
def test_the_laws_of_kleene(part: Condition, other: Condition, facts: Facts) -> None:
    """Double negation and De Morgan hold, and the order of parts does not matter."""
    assert evaluate(part, facts) is evaluate(Not(Not(part)), facts)
    assert evaluate(Not(AllOf((part, other))), facts) is evaluate(AnyOf((Not(part), Not(other))), facts)
    assert evaluate(Not(AnyOf((part, other))), facts) is evaluate(AllOf((Not(part), Not(other))), facts)
    assert evaluate(AnyOf((part, other)), facts) is evaluate(AnyOf((other, part)), facts)
    assert evaluate(AllOf((part, part)), facts) is evaluate(part, facts)


@given(condition=CONDITIONS, facts=FACTS)
def test_an_answer_never_takes_a_verdict_back(condition: Condition, facts: Facts) -> None:
    """What is true or false with some facts unknown is so however they turn out."""
    verdict = evaluate(condition, facts)
    if verdict is not None:
        assert all(evaluate(condition, known) is verdict for known in completions(facts))


@given(condition=CONDITIONS, facts=FACTS)
def test_what_is_cited_makes_the_verdict(condition: Condition, facts: Facts) -> None:
    """The facts cited give the verdict by themselves; those cited for an unknown one are unknown."""
    names, verdict = cited(condition, facts), evaluate(condition, facts)
    assert set(names) <= {leaf.fact for _, leaf in leaves(condition)}
    assert len(names) == len(set(names))
    if verdict is None:
        assert names
        assert not set(names) & set(facts)
    else:
        assert verdict is evaluate(condition, {name: facts[name] for name in names})


@pytest.mark.parametrize(
    ("raw", "facts", "names"),
    [
        ({"a": "x", "b": "x"}, {"a": "x", "b": "x"}, ("a", "b")),
        ({"a": "x", "b": "x"}, {"a": "y", "b": "y"}, ("a",)),
        ({"a": "x", "b": "x"}, {"b": "y"}, ("b",)),
        ({"a": "x", "b": "x", "c": "x"}, {"c": "x"}, ("a", "b")),
        ({"any": [{"a": "x"}, {"b": "x"}, {"c": "x"}]}, {"a": "y", "b": "x", "c": "x"}, ("b",)),
        ({"any": [{"a": "x"}, {"b": "x"}]}, {"a": "y", "b": "y"}, ("a", "b")),
        ({"any": [{"a": "x"}, {"b": "x"}, {"c": "x"}]}, {"b": "y"}, ("a", "c")),
        ({"not": {"a": "x", "b": "x"}}, {"a": "y", "b": "y"}, ("a",)),
        ({"a": "x", "any": [{"a": "x"}]}, {"a": "x"}, ("a",)),
    ],
)
def test_which_facts_are_cited(raw: object, facts: Facts, names: tuple[str, ...]) -> None:
    """The first that is enough by itself, or all of those that it takes; each once."""
    assert cited(parse(raw), facts) == names
