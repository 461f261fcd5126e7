"""A table of territories gets, row by row, the verdicts and the plans that each territory gets alone."""

from __future__ import annotations

import doctest
import random
import re
import shutil
import subprocess
import sys
import textwrap
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import conseil
from builders import action, rule
from builders import rulebook as book_of
from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    Between,
    Condition,
    FactValue,
    Not,
    OneOf,
    Several,
)
from conseil.errors import InvalidProfile, RulebookTooLarge
from conseil.inference import ReferenceEngine
from conseil.inference.chunk import coded
from conseil.plan import Plan, build_plan
from conseil.plan.table import PlanTable, TableItem
from conseil.profile import Known, Profile, known, known_from
from conseil.rulebook import Rulebook, load_rulebook
from conseil.vocabulary import UNKNOWN, Question
from golden_files import ROOT, check_golden
from small_plans import small_profiles, small_rulebooks
from strategies import knowns, question, rulebook_of, rulebooks

Quantifier = Literal["any", "all", "none"]

random_tables = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


# What is expected: each territory alone


def alone(territory: Known, rulebook: Rulebook) -> Plan:
    """Return the plan of one territory, by the engine that is the specification."""
    nobody = Profile(name="Essai", kind="invented")
    counting = known_from(territory.answers, territory.progress, rulebook)
    return build_plan(rulebook, nobody, counting, ReferenceEngine(rulebook).infer(counting))


def in_words(plan: Plan) -> tuple[TableItem, ...]:
    """Return what a table tells of a plan."""
    return tuple(
        TableItem(
            action=item.id,
            status=item.status,
            possible=item.possible,
            impact=(item.score.impact.value, item.score.impact.low, item.score.impact.high),
            feasibility=(item.score.feasibility.value, item.score.feasibility.low, item.score.feasibility.high),
            total=(item.score.total, item.score.low, item.score.high),
            priority=item.priority,
            certain=item.certain,
            rank=item.rank,
            wave=item.wave,
            now=item.now,
        )
        for item in plan.items
    )


def agree(table: PlanTable, territories: Sequence[Known], rulebook: Rulebook) -> None:
    """Check that every row of a table is the plan of its territory."""
    numbers = {True: 1, False: 0, None: -1}
    assert table.rules is not None
    assert table.criteria is not None
    assert len(table) == len(territories)
    for row, territory in enumerate(territories):
        plan = alone(territory, rulebook)
        assert table.row(row) == in_words(plan)
        decided = [table.actions[place] for place in table.decisions[row] if place >= 0]
        assert decided == [item.id for item in plan.decisions]
        assert table.rules[row].tolist() == [numbers[plan.inference.rules[name]] for name in rulebook.rules]
        assert table.criteria[row].tolist() == [numbers[verdict] for verdict in plan.inference.criteria.values()]
        assert table.deduced.keys() == rulebook.deduction_of.keys()
        for fact, given_choices in table.deduced.items():
            choices = coded(rulebook.vocabulary[fact])
            value = plan.facts[fact] if fact in plan.inference.deduced else None
            assert given_choices[row] == (-1 if value is None else choices.index(str(value)))


# Tables, from territories


def as_written(_asked: Question | None, answers: Sequence[FactValue | None]) -> object:
    """Return a column as a Python list, as a profile writes its answers."""
    return [list(answer) if isinstance(answer, tuple) else answer for answer in answers]


def as_objects(_asked: Question | None, answers: Sequence[FactValue | None]) -> object:
    """Return a column as an array of objects."""
    column = np.empty(len(answers), dtype=object)
    for row, answer in enumerate(answers):
        column[row] = UNKNOWN if answer is None else answer
    return column


def as_texts(asked: Question | None, answers: Sequence[FactValue | None]) -> object:
    """Return a column as an array of texts."""
    if asked is not None and asked.type in {"choices", "integer"}:
        return as_objects(asked, answers)
    return np.array([UNKNOWN if answer is None else str(answer) for answer in answers], dtype=np.str_)


def as_numbers(asked: Question | None, answers: Sequence[FactValue | None]) -> object:
    """Return a column as numbers; as objects where a number could not say it."""
    others: dict[FactValue | None, int] = {None: -1, NOT_APPLICABLE: -2}
    if asked is None:
        return np.array([-1 if answer is None else PROGRESS_VALUES.index(answer) for answer in answers], dtype=np.int8)
    match asked.type:
        case "integer":
            if not all(answer is None or (isinstance(answer, int) and abs(answer) <= 2**53) for answer in answers):
                return as_objects(asked, answers)
            return np.array(answers, dtype=np.float64 if None in answers else np.int64)
        case "choices":
            rows = [
                [others[answer]] * len(asked.values)
                if answer is None or isinstance(answer, str)
                else [int(value in answer) for value in asked.values]
                for answer in answers
                if not isinstance(answer, int)
            ]
            return np.array(rows, dtype=np.int16).reshape(len(answers), len(asked.values))
        case _:
            codes = others | {value: code for code, value in enumerate(coded(asked))}
            return np.array([codes[answer] for answer in answers], dtype=np.int64)


KINDS: tuple[Callable[[Question | None, Sequence[FactValue | None]], object], ...] = (
    as_written,
    as_objects,
    as_texts,
    as_numbers,
)


def columns(territories: Sequence[Known], rulebook: Rulebook, kinds: Iterator[int]) -> dict[str, Any]:
    """Return territories as columns, each of some kind."""
    chunk: dict[str, Any] = {}
    for asked in rulebook.questions:
        answers = [territory.answers.get(asked.id) for territory in territories]
        chunk[asked.id] = KINDS[next(kinds)](asked, answers)
    for name in rulebook.by_id:
        states = [territory.progress.get(name) for territory in territories]
        chunk[PROGRESS + name] = KINDS[next(kinds)](None, states)
    return chunk


def drawn(data: st.DataObject) -> Iterator[int]:
    while True:
        yield data.draw(st.integers(0, len(KINDS) - 1))


def every(kind: int) -> Iterator[int]:
    while True:
        yield kind


@settings(random_tables, max_examples=150)
@given(data=st.data())
def test_gives_the_verdicts_that_the_reference_gives(data: st.DataObject) -> None:
    rulebook = data.draw(rulebooks())
    territories = data.draw(st.lists(knowns(rulebook), min_size=1, max_size=20))
    [table] = conseil.advise_columns([columns(territories, rulebook, drawn(data))], rulebook, verdicts=True)
    agree(table, territories, rulebook)


@settings(random_tables, max_examples=150)
@given(data=st.data())
def test_gives_the_plans_that_each_territory_gets_alone(data: st.DataObject) -> None:
    rulebook = data.draw(small_rulebooks())
    profiles = data.draw(st.lists(small_profiles(), min_size=1, max_size=20))
    territories = [known(profile, rulebook) for profile in profiles]
    [table] = conseil.advise_columns([columns(territories, rulebook, drawn(data))], rulebook, verdicts=True)
    agree(table, territories, rulebook)


def subsets(values: Sequence[str]) -> list[tuple[str, ...]]:
    return [made for size in range(len(values) + 1) for made in combinations(values, size)]


def test_every_test_under_every_answer() -> None:
    asked = [
        question("one", "choice", "x", "y", "z", not_applicable=True),
        question("some", "choices", "x", "y", "z", not_applicable=True),
        question("number", "integer", not_applicable=True),
    ]
    named = subsets("xyz")[1:]
    bounds = [(low, high) for low, high in product([None, 1, 2], [None, 2, 3]) if (low, high) != (None, None)]
    rulebook = rulebook_of(
        asked,
        [
            *(OneOf("one", values) for values in named),
            *(Several("some", quantifier, values) for quantifier in get_args(Quantifier) for values in named),
            *(Between("number", low, high) for low, high in bounds),
        ],
    )
    answers: dict[str, list[FactValue | None]] = {
        "one": ["x", "y", "z"],
        "some": [*subsets("xyz")],
        "number": [0, 1, 2, 3, 4],
    }
    territories = [
        Known({fact: answer} if answer is not None else {}, {})
        for fact, given_answers in answers.items()
        for answer in [*given_answers, NOT_APPLICABLE, None]
    ]
    for kind in range(len(KINDS)):
        [table] = conseil.advise_columns([columns(territories, rulebook, every(kind))], rulebook, verdicts=True)
        agree(table, territories, rulebook)


def test_a_stage_counts_where_its_scenario_has_it() -> None:
    """As in `profile.known_from`, in every case, those included in which a role may not apply."""
    asked = [
        question("scenario", "choice", "a", "b", "c", not_applicable=True),
        question("stage", "choice", "s1", "s2", "s3", not_applicable=True),
    ]
    tests = [OneOf("stage", (stage,)) for stage in ("s1", "s2", "s3")]
    rulebook = rulebook_of(asked, [*tests, *map(Not, tests)])
    pairs = product(["a", "b", "c", NOT_APPLICABLE, None], ["s1", "s2", "s3", NOT_APPLICABLE, None])
    territories = [
        Known({fact: answer for fact, answer in (("scenario", scenario), ("stage", stage)) if answer}, {})
        for scenario, stage in pairs
    ]
    [table] = conseil.advise_columns([columns(territories, rulebook, every(3))], rulebook, verdicts=True)
    agree(table, territories, rulebook)


def shipped_territories(number: int, answered: float) -> list[Known]:
    """Return territories of the shipped rulebook, answered to this share, at random but always the same."""
    chance = random.Random(f"{number} {answered}")  # noqa: S311 - nothing secret
    rulebook = load_rulebook()

    def answer(asked: Question) -> FactValue:
        allowed: list[FactValue] = [NOT_APPLICABLE] if asked.not_applicable else []
        match asked.type:
            case "integer":
                return chance.choice([*allowed, *rulebook.distinct_answers(asked.id), chance.randint(1, 500_000)])
            case "choices":
                return chance.choice([*allowed, tuple(value for value in asked.values if chance.random() < 1 / 3)])
            case _:
                return chance.choice([*allowed, *asked.values])

    return [
        Known(
            {asked.id: answer(asked) for asked in rulebook.questions if asked.ask and chance.random() < answered},
            {name: chance.choice(PROGRESS_VALUES) for name in rulebook.by_id if chance.random() < answered},
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize("answered", [0.0, 0.5, 0.9, 1.0])
def test_gives_the_plans_of_the_shipped_rulebook(answered: float) -> None:
    rulebook = load_rulebook()
    territories = shipped_territories(60, answered)
    [table] = conseil.advise_columns([columns(territories, rulebook, every(3))], verdicts=True)
    agree(table, territories, rulebook)


def test_gives_the_plans_of_the_territories_that_conseil_carries() -> None:
    rulebook = load_rulebook()
    profiles = [conseil.load_profile(path) for path in conseil.shipped_profiles().values()]
    territories = [known(profile, rulebook) for profile in profiles]
    # set aside by `known`, and read again by the table
    given_answers = [Known(territory.given, territory.progress) for territory in territories]
    for kind in range(len(KINDS)):
        [table] = conseil.advise_columns([columns(given_answers, rulebook, every(kind))], verdicts=True)
        agree(table, territories, rulebook)


def arrays(table: PlanTable) -> list[np.ndarray[Any, Any]]:
    """Return every array of a table."""
    assert table.rules is not None
    assert table.criteria is not None
    plain = [table.status, table.possible, table.priority, table.certain, table.wave, table.rank, table.now]
    scores = [*table.impact, *table.feasibility, *table.total]
    return [*plain, *scores, table.decisions, table.rules, table.criteria, *table.deduced.values()]


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """Return 200 territories in one chunk."""
    return columns(shipped_territories(200, 0.7), load_rulebook(), every(3))


@pytest.mark.parametrize("cuts", [(), (1,), (199,), (100,), (7, 8, 9, 16, 17), tuple(range(10, 200, 10))])
def test_the_size_of_chunks_changes_nothing(whole: Mapping[str, Any], cuts: tuple[int, ...]) -> None:
    chunks = [{name: column[start:end] for name, column in whole.items()} for start, end in pairwise((0, *cuts, 200))]
    [together] = conseil.advise_columns([whole], verdicts=True)
    parts = zip(*map(arrays, conseil.advise_columns(chunks, verdicts=True)), strict=True)
    for expected, found in zip(arrays(together), parts, strict=True):
        assert np.array_equal(expected, np.concatenate(found))
        assert {part.dtype for part in found} == {expected.dtype}


# How a column answers


def plain_book() -> Rulebook:
    """Return a rulebook with a question of every kind; the last two always apply."""
    asked = [
        question("foncier", "choice", "aucun", "bati", not_applicable=True),
        question("besoins", "choices", "locaux", "argent", not_applicable=True),
        question("recherche", "boolean", not_applicable=True),
        question("population", "integer", not_applicable=True, min=0, max=90_000_000),
        question("surface", "integer"),
        question("aides", "choices", "etat", "region"),
    ]
    tests: dict[str, Condition] = {
        "foncier": OneOf("foncier", ("bati",)),
        "besoins": Several("besoins", "any", ("argent",)),
        "recherche": OneOf("recherche", ("oui",)),
        "population": Between("population", 20_000, None),
        "surface": Between("surface", -5, None),
        "act-1": OneOf("progress.act-1", ("done",)),
        "act-2": OneOf("progress.act-2", ("done",)),
    }
    return rulebook_of(asked, tests)


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("foncier", np.array([0, 1, -1, -2]), [0, 1, -1, 0]),
        ("foncier", np.array([0, 1, -1, -2], dtype=np.int8), [0, 1, -1, 0]),
        ("foncier", np.array([0, 1], dtype=np.uint64), [0, 1]),
        ("foncier", np.array([0.0, 1.0, np.nan, -2.0]), [0, 1, -1, 0]),
        ("foncier", np.array(["aucun", "bati", "unknown", "not_applicable"]), [0, 1, -1, 0]),
        ("foncier", ["aucun", "bati", None, "unknown", "not_applicable"], [0, 1, -1, -1, 0]),
        ("foncier", np.array(["bati", None, float("nan")], dtype=object), [1, -1, -1]),
        ("recherche", np.array([False, True]), [0, 1]),
        ("recherche", np.array([0, 1, -1, -2]), [0, 1, -1, 0]),
        ("recherche", ["non", "oui", True, False, "unknown", None], [0, 1, 1, 0, -1, -1]),
        ("population", np.array([19_999, 20_000]), [0, 1]),
        ("population", np.array([0, 255], dtype=np.uint8), [0, 0]),
        ("population", np.array([19_999.0, 20_000.0, np.nan]), [0, 1, -1]),
        ("population", [19_999, "20000", None, "unknown", "not_applicable"], [0, 1, -1, -1, 0]),
        ("surface", np.array([-6.0, -5.0, np.nan]), [0, 1, -1]),
        ("besoins", np.array([[True, False], [False, True]]), [0, 1]),
        ("besoins", np.array([[1, 0], [1, 1], [0, 0], [-1, -1], [-2, -2]]), [0, 1, 0, -1, 0]),
        ("besoins", [["argent"], (), "unknown", None, "not_applicable"], [1, 0, -1, -1, 0]),
        ("progress.act-1", np.array([0, 1, 2, -1]), [0, 0, 1, -1]),
        ("progress.act-1", ["todo", "doing", "done", "unknown", None], [0, 0, 1, -1, -1]),
    ],
)
def test_a_column_answers_as_its_kind_says(name: str, column: npt.ArrayLike, expected: list[int]) -> None:
    rulebook = plain_book()
    [table] = conseil.advise_columns([{name: column}], rulebook, verdicts=True)
    assert table.rules is not None
    assert table.rules[:, place_of(name, rulebook)].tolist() == expected


def place_of(name: str, rulebook: Rulebook) -> int:
    """Return the place of the rule that is named after what it tests."""
    return [rule.partition(".")[2] for rule in rulebook.rules].index(name.removeprefix(PROGRESS))


def test_the_progress_of_others_answers_for_actions_without_a_column() -> None:
    rulebook = plain_book()
    chunk = {"progress.others": np.array([2, 0, -1]), "progress.act-2": np.array([-1, 2, 2])}
    [table] = conseil.advise_columns([chunk], rulebook, verdicts=True)
    assert table.rules is not None
    assert table.rules[:, place_of("progress.act-1", rulebook)].tolist() == [1, 0, -1]
    assert table.rules[:, place_of("progress.act-2", rulebook)].tolist() == [-1, 1, 1]


def test_what_has_no_column_is_unknown() -> None:
    rulebook = load_rulebook()
    [table] = conseil.advise_columns([{"scenario": np.array([0, 1])}], verdicts=True)
    scenarios = rulebook.vocabulary["scenario"].values
    agree(table, [Known({"scenario": scenario}, {}) for scenario in scenarios], rulebook)


def test_a_table_without_rows_has_plans_without_rows() -> None:
    [table] = conseil.advise_columns([{"scenario": np.array([], dtype=np.int8)}], verdicts=True)
    assert len(table) == 0
    assert {array.shape[0] for array in arrays(table)} == {0}


def test_verdicts_are_given_when_asked_for() -> None:
    [table] = conseil.advise_columns([{"scenario": np.array([0])}])
    assert table.rules is None
    assert table.criteria is None


# Numbers that do not fit in a byte


def test_more_actions_and_waves_than_a_byte_counts() -> None:
    names = [f"act-{place:03}" for place in range(150)]
    actions = [
        action(name, rule("recommend", {"a": "yes"} if place % 2 else "always"), requires=names[place - 1 : place])
        for place, name in enumerate(names)
    ]
    rulebook = book_of(*actions)
    territories = [Known({"a": value}, {}) for value in ("yes", "no")] + [Known({}, {"act-100": "doing"})]
    [table] = conseil.advise_columns([columns(territories, rulebook, every(3))], rulebook, verdicts=True)
    agree(table, territories, rulebook)
    assert int(table.wave.max()) == int(table.rank.max()) == 150


def test_more_choices_than_a_byte_counts() -> None:
    choices = [f"c{place}" for place in range(300)]
    rulebook = rulebook_of([question("q", "choice", *choices)], {"q": OneOf("q", ("c44", "c299"))})
    territories = [Known({"q": choice}, {}) for choice in choices]
    [table] = conseil.advise_columns([columns(territories, rulebook, every(3))], rulebook, verdicts=True)
    agree(table, territories, rulebook)


def with_points(*points: int) -> Rulebook:
    """Return a rulebook of one action with three rules, where +, ++ and +++ are worth these points."""
    up = {"impact": "+++", "feasibility": "+++"}
    down = {"impact": "---", "feasibility": "--"}
    plain = book_of(
        action(
            "act",
            rule("recommend", points=up),
            rule("reinforce", {"a": "yes"}, points=down),
            rule("reinforce", {"b": "yes"}, points=up),
        )
    )
    score = plain.guide.score.model_copy(update={"points": points})
    return plain.model_copy(update={"guide": plain.guide.model_copy(update={"score": score})})


@pytest.mark.parametrize(
    "points", [(1, 3, 7), (5, 10, 20), (100, 200, 300), (10_000, 20_000, 30_000), (1, 10**17, 10**18)]
)
def test_points_of_any_size_are_counted_and_clipped(points: tuple[int, int, int]) -> None:
    rulebook = with_points(*points)
    values = ("yes", "no", None)
    answers = [{"a": a, "b": b} for a, b in product(values, values)]
    territories = [Known({fact: value for fact, value in given_.items() if value}, {}) for given_ in answers]
    [table] = conseil.advise_columns([columns(territories, rulebook, every(3))], rulebook, verdicts=True)
    agree(table, territories, rulebook)


def test_the_highest_total_stays_in_its_wave_and_in_its_list() -> None:
    """Numbers by which rows are sorted touch there: the best of a wave, and the last of the one before."""
    best = [rule("reinforce", points={"impact": "+++", "feasibility": "+++"}) for _ in range(3)]
    worst = [rule("reinforce", points={"impact": "---", "feasibility": "---"}) for _ in range(3)]
    rulebook = book_of(
        action("first", rule("recommend"), *worst),
        action("next", rule("recommend"), *best, requires=["first"]),
        action("perhaps", rule("recommend", {"a": "yes"}), *best),
        action("hardly", rule("recommend", {"a": "yes"}), *worst),
        action("never", rule("recommend", {"b": "yes"}), *best),
    )
    territory = Known({"b": "no", "staff": "many"}, {})
    [table] = conseil.advise_columns([columns([territory], rulebook, every(3))], rulebook, verdicts=True)
    agree(table, [territory], rulebook)
    assert sorted(table.total.value[0].tolist()) == [0, 0, 100, 100, 100]
    assert [(item.wave, item.rank, item.now) for item in table.row(0)] == [
        (1, 1, True),
        (2, 2, False),
        (None, 1, False),
        (None, 2, False),
        (None, None, False),
    ]


def test_points_beyond_64_bits_are_refused_before_any_chunk_is_read(tmp_path: Path) -> None:
    with pytest.raises(RulebookTooLarge, match=r"^small: règle `act.0` : avec elle, l’action a plus de points que 64"):
        conseil.advise_columns([], with_points(1, 2, 10**19))
    folder = Path(shutil.copytree(ROOT / "tests" / "second_guide" / "rules", tmp_path / "rules"))
    loaded = load_rulebook(folder)
    points = loaded.guide.score.model_copy(
        update={"points": (1, 2 * 10**19, 3 * 10**19)}
    )  # a file says 18 digits at most
    huge = loaded.model_copy(update={"guide": loaded.guide.model_copy(update={"score": points})})
    vars(huge)["folders"] = loaded.folders
    with pytest.raises(RulebookTooLarge) as refused:
        conseil.advise_columns([], huge)
    place, message = str(refused.value).split(": ", 1)
    path, line, _column = place.rsplit(":", 2)
    found = re.match(r"règle `(.+)` : ", message)
    assert found
    assert f"id: {found[1]}" in Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_numbers_of_any_size_are_compared() -> None:
    rulebook = rulebook_of([question("n", "integer")], {"n": Between("n", 2**63, 2**70), "m": Between("n", -5, 10**17)})
    numbers = [0, -(2**63), 2**63 - 1, 2**63, 2**70, 2**70 + 1, 10**30, -(10**30), -5, -6, 10**17, 10**17 + 1]
    [each] = conseil.advise_columns([{"n": numbers}], rulebook, verdicts=True)
    agree(each, [Known({"n": number}, {}) for number in numbers], rulebook)
    fitting = [number for number in numbers if abs(number) < 2**63]
    [array] = conseil.advise_columns([{"n": np.array(fitting)}], rulebook, verdicts=True)
    agree(array, [Known({"n": number}, {}) for number in fitting], rulebook)


# Chunks


def test_a_chunk_is_read_when_its_plans_are_asked_for() -> None:
    read: list[int] = []

    def chunks() -> Iterator[dict[str, Any]]:
        for place in range(3):
            read.append(place)
            yield {"scenario": np.array([place - 1])}

    tables = conseil.advise_columns(chunks())
    assert read == []
    next(tables)
    assert read == [0]
    assert len(list(tables)) == 2


def test_memory_is_bounded_by_the_chunk() -> None:
    """300 MB is what a million territories may take; numpy tells `tracemalloc` what it takes."""
    rulebook = load_rulebook()
    chunk = columns(shipped_territories(64, 0.7), rulebook, every(3))
    chunk = {name: np.concatenate([column] * 256) for name, column in chunk.items()}
    assert len(chunk["scenario"]) == 16_384

    def peak(chunks: int) -> int:
        tracemalloc.start()
        try:
            for _ in conseil.advise_columns((chunk for _ in range(chunks)), rulebook):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    once = peak(2)
    assert peak(6) < once * 1.1
    assert once < 150 * 2**20


# Bad input


def problem_of(chunk: Any) -> str:  # noqa: ANN401 - a mapping, or a table of another library
    """Return what is said of a chunk that cannot be read."""
    with pytest.raises(InvalidProfile) as caught:
        next(conseil.advise_columns([chunk], plain_book()))
    return str(caught.value)


WRONG: dict[str, Any] = {
    "places that no choice has": {"foncier": np.array([0, 1, 9, -3])},
    "not applicable, to a question that always applies": {"scenario": np.array([0, -2, -2, -2])},
    "a half": {"foncier": np.array([0.0, np.nan, 0.5])},
    "true and false, to a question with choices": {"foncier": np.array([True, False])},
    "a text that is no choice": {"foncier": np.array(["aucun", "batis", "batis"])},
    "dates": {"foncier": np.array(["2026-11-23"], dtype="datetime64[D]")},
    "bytes": {"foncier": np.array([b"bati"])},
    "no dimension": {"foncier": np.array(0)},
    "two, to a yes/no question": {"recherche": np.array([1, 2])},
    "one, where a profile says yes or true": {"recherche": [True, 1]},
    "a masked array": {"recherche": np.ma.masked_equal([1, 0], 0)},
    "numbers out of bounds": {"population": np.array([5, -1, 90_000_001])},
    "infinity": {"population": np.array([5.0, np.inf])},
    "a float that may be another number, rounded": {"surface": np.array([2.0**53, 2.0**54])},
    "a number with a space": {"population": [5, "12 000"]},
    "two dimensions, of something else than 0 and 1": {"besoins": np.array([[0, 1], [2, 0], [-1, 0], [1, 1]])},
    "not applicable, among several choices of a question that always applies": {"aides": np.array([[0, 1], [-2, -2]])},
    "a column too many": {"besoins": np.array([[0, 1, 0]])},
    "one dimension, to a question with several choices": {"besoins": np.array([0, 1])},
    "one choice without its list": {"besoins": ["unknown", "argent"]},
    "a progress that does not exist": {"progress.act-1": ["done", "fini", {}]},
    "a number that is no progress": {"progress.others": np.array([3])},
    "names": {"fonciers": np.array([0]), "act-1": np.array([0]), "progress.act-9": np.array([0])},
    "lengths, and a value": {
        "scenario": np.array([0, 1]),
        "foncier": np.array([0]),
        "population": np.array([5, -1, -1]),
    },
    "no column": {},
}


@pytest.mark.golden
def test_a_wrong_column_is_named_with_its_row_and_value() -> None:
    lines = [f"== {what}\n{problem_of(chunk)}\n" for what, chunk in WRONG.items()]
    check_golden(ROOT / "tests" / "bad_input" / "columns.txt", "\n".join(lines))


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        ([[1, 2]], "bloc d’indice 0: un bloc de colonnes est un dictionnaire ou une table, et non list"),
        ({3: [1]}, "bloc d’indice 0, colonne `3`: question `3` inconnue"),
    ],
)
def test_what_is_no_chunk_is_refused(chunk: Any, expected: str) -> None:  # noqa: ANN401 - it has a wrong type
    with pytest.raises(InvalidProfile) as caught:
        list(conseil.advise_columns([chunk]))
    assert str(caught.value.problems[0]).startswith(expected)


def test_chunks_before_the_wrong_one_are_given() -> None:
    chunks = [{"scenario": np.array([0])}, {"scenario": np.array([0, 7])}]
    tables = conseil.advise_columns(chunks)
    assert len(next(tables)) == 1
    with pytest.raises(InvalidProfile, match="bloc d’indice 1, colonne `scenario`, ligne d’indice 1: `7`"):
        next(tables)


# Without numpy


def run(code: str) -> str:
    """Run code in another Python, and return what it prints."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_conseil_does_without_numpy_until_columns_are_asked_for() -> None:
    printed = run("""
        import sys
        import conseil
        import conseil.cli
        plan = conseil.advise(conseil.load_profile(conseil.shipped_profiles()["creuse-grand-sud"]), engine="reference")
        conseil.export(plan)
        conseil.advise_columns
        print("numpy" in sys.modules)
    """)
    assert printed == "False"


def test_where_numpy_is_missing_it_is_said_at_once() -> None:
    printed = run("""
        import sys
        sys.modules["numpy"] = None
        import conseil
        try:
            conseil.advise_columns([])
        except conseil.EngineUnavailable as error:
            print(error)
    """)
    message = "les tableaux de territoires demandent numpy, qui n’est pas installé"
    assert printed == f"{message}\n  aide : installez `conseil[columns]`"


def test_the_documentation_says_what_happens() -> None:
    failures, tried = doctest.testfile(str(ROOT / "docs" / "columns.md"), module_relative=False)
    assert tried > 5
    assert failures == 0
