"""The measure of interviews: its territories, the order of publicodes, and the best order on a tiny guide."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks import interview as measured

import conseil
from builders import action, choice, rule, rulebook
from conseil.profile import Profile

BOOK = conseil.load_rulebook()


def missing(book: conseil.Rulebook, open_: list[str], **answers: str) -> dict[str, int]:
    return measured.Publicodes(book, answers, open_).missing


def test_publicodes_counts_what_is_missing_with_its_weight() -> None:
    """One where a fact is read, added up within a condition, and one more for the condition."""
    both = {"all": [{"a": "yes"}, {"any": [{"a": "no"}, {"b": "yes"}]}]}
    book = rulebook(action("act-1", rule("recommend", both)), action("act-2", rule("recommend", {"b": "yes"})))
    assert missing(book, ["a", "b"]) == {"a": 2 + 1, "b": (1 + 1) + (1 + 1)}
    assert measured.Publicodes(book, {}, ["a", "b"]).sorted == ["b", "a"]


def test_publicodes_misses_nothing_in_what_is_settled_or_behind_what_fails() -> None:
    behind = rule("reinforce", {"c": "yes"}, points={"impact": "+"})
    book = rulebook(action("only", rule("recommend", {"any": [{"a": "yes"}, {"b": "yes"}]}), behind))
    assert missing(book, ["b", "c"], a="yes") == {"c": 2}
    assert missing(book, ["c"], a="no", b="no") == {}


def test_publicodes_misses_what_a_default_and_an_applicability_wait_for() -> None:
    deduction = {
        "fact": "maturity",
        "values": [{"value": "old", "when": {"a": "yes"}, "because": "Dit."}],
        "otherwise": {"value": "young", "because": "Sinon."},
        "basis": "editorial",
        "rationale": "Parce que.",
    }
    book = rulebook(
        action("act-1", rule("recommend", {"maturity": "old"})),
        action("act-2", rule("recommend", {"d": "yes"})),
        questions=[choice("d", "yes", "no", asked_when={"c": "yes"})],
        deductions=[deduction],
    )
    assert missing(book, ["maturity", "a", "c", "d"]) == {"maturity": 2, "a": 3, "c": 3, "d": 2}


def test_territories_answer_all_that_applies() -> None:
    for territory in measured.territories(5):
        asked = {one.id: one for one in BOOK.questions if one.ask}
        facts = conseil.advise(
            Profile.model_validate(
                {
                    "name": "Ici",
                    "kind": "invented",
                    "answers": {name: _written(value) for name, value in territory.items()},
                }
            )
        ).facts
        assert not [name for name in asked if name not in territory and facts.get(name) != "not_applicable"]


def _written(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def test_every_order_asks_what_can_change_something_once() -> None:
    orders = measured.Orders(BOOK)
    [territory] = measured.territories(1)
    judge = measured.Best(BOOK).judge
    found = {
        name: getattr(orders, name)(territory)
        for name in ("ours", "ours_freely", "publicodes", "publicodes_pages", "rulebook", "random")
    }
    for order in found.values():
        assert len(order) == len(set(order))
        told = {name: territory[name] for name in order}
        assert not judge.open(told, judge.judge(told))
        course = measured.course(territory, order, judge)
        assert course.there[15] <= 1
        assert measured.fewest(territory, judge) <= course.settled
    assert found["rulebook"] == sorted(found["rulebook"], key=list(BOOK.vocabulary).index)
    themes = [BOOK.themes[name] for name in found["publicodes_pages"]]
    assert len(dict.fromkeys(themes)) == 1 + sum(one != other for one, other in pairwise(themes))


def test_what_must_be_asked_is_a_bound_that_can_be_met() -> None:
    """`a` alone changes what is recommended, and so do `b` and `c` together: one of these two must be asked."""
    needs = {"all": [{"a": "yes"}, {"any": [{"b": "yes"}, {"c": "yes"}]}]}
    book = rulebook(action("only", rule("recommend", needs)))
    judge = measured.Best(book).judge
    assert measured.fewest({"a": "yes", "b": "yes", "c": "yes"}, judge) == 2
    assert measured.fewest({"a": "no", "b": "yes", "c": "yes"}, judge) == 1
    assert measured.fewest({"a": "yes", "b": "no", "c": "no"}, judge) == 2


def test_who_is_unsure_is_told_before_the_end_that_enough_was_asked() -> None:
    [territory] = measured.territories(1)
    enough, asked = measured.unsure(territory, BOOK, random.Random(1))  # noqa: S311 - the same each time
    assert 0 < enough < asked


def test_no_order_is_better_than_the_best() -> None:
    book = rulebook(
        action("act-1", rule("recommend", {"all": [{"a": "yes"}, {"b": "yes"}]})),
        action("act-2", rule("recommend", {"all": [{"a": "yes"}, {"c": "yes"}]})),
    )
    found = measured.best_orders(book)
    assert found["best"] == found["ours"] == 1 + 0.5 * 2  # a first; only where it holds, b and c
    assert found["best"] < min(found["rulebook"] + 1, found["random"])
    assert all(found["best"] <= needed for needed in found.values())


def test_differences_are_paired() -> None:
    at, low, high = measured.Paired(4).difference([1, 2, 3, 4], [2, 3, 4, 5])
    assert (at, low, high) == (-1, -1, -1)
    share, low, high = measured.Paired(4).fewer([1, 2, 3, 4], [2, 4, 6, 8])
    assert (share, low, high) == pytest.approx((0.5, 0.5, 0.5))
    at, low, high = measured.Paired(4).difference([1, 0, 1, 0], [0, 0, 0, 0])
    assert low < at < high


def test_a_page_keeps_all_but_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Avant.\n<!-- measured: `make interview` -->\nold\n<!-- end of what is measured -->\nAprès.\n", "utf-8"
    )
    monkeypatch.setattr(measured, "report", lambda count: f"{count} territories")
    measured.main(["--territories", "3", "-o", str(page)])
    assert page.read_text("utf-8") == (
        "Avant.\n<!-- measured: `make interview` -->\n3 territories\n<!-- end of what is measured -->\nAprès.\n"
    )
