"""Tables and columns of pandas and Arrow are chunks too, and what they say is missing is unknown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import conseil
from golden_files import ROOT, check_golden
from test_columns import place_of, plain_book, problem_of


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("foncier", pd.array([1, None, 0], dtype="Int64"), [1, -1, 0]),
        ("foncier", pd.array(["bati", None], dtype="string"), [1, -1]),
        ("foncier", pd.Categorical(["aucun", "bati", None]), [0, 1, -1]),
        ("foncier", pa.array(["bati", None]), [1, -1]),
        ("foncier", pa.array(["bati", None, "aucun"]).dictionary_encode(), [1, -1, 0]),
        ("foncier", pa.chunked_array([[1, 0], [-1]]), [1, 0, -1]),
        ("recherche", pd.array([True, None, False], dtype="boolean"), [1, -1, 0]),
        ("recherche", [True, pd.NA], [1, -1]),
        ("recherche", pa.array([True, None, False]), [1, -1, 0]),
        ("population", pd.array([20_000, None], dtype="Int64"), [1, -1]),
        ("population", pa.array([20_000, None]), [1, -1]),
        ("besoins", pa.array([["argent"], [], None, ["locaux"]]), [1, 0, -1, 0]),
    ],
)
def test_what_is_missing_in_pandas_and_arrow_is_unknown(name: str, column: Any, expected: list[int]) -> None:  # noqa: ANN401 - of other libraries
    rulebook = plain_book()
    [table] = conseil.advise_columns([{name: column}], rulebook, verdicts=True)
    assert table.rules is not None
    assert table.rules[:, place_of(name, rulebook)].tolist() == expected


COLUMNS: dict[str, Any] = {
    "foncier": ["aucun", None, "bati"],
    "recherche": [True, False, None],
    "population": [5, 20_000, None],
    "progress.others": ["todo", "done", None],
}


@pytest.mark.parametrize(
    "chunk",
    [pa.table(COLUMNS), pa.RecordBatch.from_pydict(COLUMNS), pd.DataFrame(COLUMNS)],
    ids=lambda chunk: type(chunk).__name__,
)
def test_a_table_of_arrow_or_pandas_is_a_chunk(chunk: Any) -> None:  # noqa: ANN401 - of other libraries
    [by_columns] = conseil.advise_columns([COLUMNS], plain_book(), verdicts=True)
    [by_table] = conseil.advise_columns([chunk], plain_book(), verdicts=True)
    assert [by_table.row(index) for index in range(3)] == [by_columns.row(index) for index in range(3)]
    np.testing.assert_array_equal(by_table.rules, by_columns.rules)


def test_a_table_of_arrow_is_read_batch_by_batch() -> None:
    table = pa.table(COLUMNS)
    sizes = [len(found) for found in conseil.advise_columns(table.to_batches(max_chunksize=2), plain_book())]
    assert sizes == [2, 1]


WRONG: dict[str, Any] = {
    "dates of pandas": {"population": pd.Series(pd.to_datetime(["2026-11-23"]))},
    "whole numbers of pandas, to a yes/no question": {"recherche": pd.array([0, None, 3], dtype="Int64")},
    "nullable booleans, to a question with choices": {"foncier": pd.array([None, True], dtype="boolean")},
    "categories that are no choices": {"foncier": pd.Categorical(["aucun", None, "batis"])},
    "amounts of Arrow": {"population": pa.array([None, Decimal("12.5")])},
    "lists of numbers": {"besoins": pa.array([["argent"], None]), "aides": pa.array([None, [1, 2]])},
    "structures": {"foncier": pa.array([None, {"a": 1}])},
    "cells that hold a column": {"foncier": [None, pd.Series([1, 2])]},
    "nothing but missing values, and a column that is too short": {
        "foncier": pa.nulls(2),
        "recherche": pd.array([None], dtype="boolean"),
    },
    "two columns of one name": pa.table([[1], [0]], names=["foncier", "foncier"]),
}


@pytest.mark.golden
def test_a_wrong_column_is_named_with_its_row_and_value() -> None:
    lines = [f"== {what}\n{problem_of(chunk)}\n" for what, chunk in WRONG.items()]
    check_golden(ROOT / "tests" / "bad_input" / "tables.txt", "\n".join(lines))
