"""YAML text to values with their place: what was written is what is read, and nothing can blow up."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from conseil import documents
from conseil.documents import Document, Value, parse, read
from conseil.errors import Fault, InvalidDocument, Location, Problem
from conseil.shipped import profiles_folder, rules_folder

LOADERS = [loader for loader in (getattr(yaml, "CSafeLoader", None), yaml.SafeLoader) if loader is not None]

OURS = [path for folder in (rules_folder(), profiles_folder()) for path in sorted(folder.rglob("*.yaml"))]

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"), max_size=8
).filter(lambda text: not any("\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069" for letter in text))
KEYS = TEXTS.filter(str.strip)
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(KEYS, parts, max_size=4),
    max_leaves=12,
)


def normal(value: Any) -> Any:  # noqa: ANN401 - a value of a document
    """Return a value with its accents composed, as every file is read."""
    return json.loads(unicodedata.normalize("NFC", json.dumps(value, ensure_ascii=False)))


def walk(value: Value, way: Location = ()) -> list[tuple[Location, Value]]:
    inner: list[list[tuple[Location, Value]]] = []
    if isinstance(value, dict):
        inner = [walk(part, (*way, key)) for key, part in value.items()]
    if isinstance(value, list):
        inner = [walk(part, (*way, index)) for index, part in enumerate(value)]
    return [(way, value), *chain.from_iterable(inner)]


def read_or_refused(reading: Callable[[], Document]) -> tuple[Document | None, tuple[Problem, ...]]:
    """Return the document, or the problems for which it was refused; there is always one of them."""
    try:
        return reading(), ()
    except InvalidDocument as error:
        refused = error.problems
    assert refused
    return None, refused


def messages(text: str) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        parse(text, "x.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "word",
    ["no", "Yes", "off", "01001", "12:30", "1e5", "0x10", "1_000", ".nan", "2026-01-31", "3.10", "=", "null1", "+"],
)
def test_a_scalar_is_the_text_of_its_author(word: str) -> None:
    """What YAML 1.1 takes for something else stays the text that was written."""
    assert {"clé": word, "liste": [word]} == parse(f"clé: {word}\nliste:\n  - {word}\n", "x.yaml").value


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_nothing_unless_it_is_quoted(word: str) -> None:
    """An empty place is empty; between quotes it is a text."""
    assert parse(f"clé: {word}\n", "x.yaml").value == {"clé": None}
    assert {"clé": word} == parse(f"clé: '{word}'\n", "x.yaml").value


def test_accents_are_composed() -> None:
    """The same word is the same, whichever system typed it; keys are too."""
    assert parse("e\u0301: e\u0301\n", "x.yaml").value == {"é": "é"}
    assert messages("é: 1\ne\u0301: 2\n") == [
        "x.yaml:2:1: clé `é` écrite deux fois\n  aide : la première est ligne 1 ; gardez-en une"
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_do_not_matter(mark: str, ending: str, tmp_path: Path) -> None:
    """Files of any system are read alike, and places are counted alike."""
    path = tmp_path / "x.yaml"
    path.write_bytes((mark + "a: 1\nbé:\n  - 2\n  - trois\n").replace("\n", ending).encode())
    document = read(path)
    assert document.value == {"a": "1", "bé": ["2", "trois"]}
    assert document.positions["bé", 1] == (4, 5)


@pytest.mark.parametrize("loader", LOADERS)
@given(value=VALUES.filter(lambda value: value is not None))
def test_what_is_written_is_read(loader: Any, value: Value) -> None:  # noqa: ANN401 - PyYAML is untyped
    """Any value, written as YAML with every text quoted, is read back; so with libyaml as without."""
    text = yaml.dump(value, default_style='"', allow_unicode=True, width=10**6).replace('!!null "null"', "~")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "_Loader", loader)
        assert normal(value) == parse(text, "x.yaml").value


@given(value=st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_places_are_right(value: Value) -> None:
    """At the place of each text stands that text, and at the place of each key that key."""
    text = json.dumps(normal(value), ensure_ascii=False, indent=2)
    document = parse(text, "x.yaml")
    lines = text.split("\n")
    for way, found in walk(document.value):
        line, column = document.positions[way]
        here = lines[line - 1][column - 1 :]
        assert here.startswith("null" if found is None else json.dumps(found, ensure_ascii=False)[0])
        if isinstance(found, str):
            assert here.startswith(json.dumps(found, ensure_ascii=False))
        if way and isinstance(way[-1], str):
            line, column = document.key_positions[way]
            assert lines[line - 1][column - 1 :].startswith(json.dumps(way[-1], ensure_ascii=False))


@pytest.mark.parametrize("loader", LOADERS)
@given(
    text=st.text(st.sampled_from(list("ab:-?,[]{}#&*!|>'\"%@` \n\t\r\\x0é\0\u2028")), max_size=40)
    | st.text(max_size=40)
)
@example("? ? : [{a: *b, &c !d 'e\n")
@example('a: "\\U00110000"')
@example('a: "\\ud800"')
@example("%YAML 9.9\n---\n")
@example("!")
def test_any_text_is_read_or_refused(loader: Any, text: str) -> None:  # noqa: ANN401 - PyYAML is untyped
    """Whatever the text, it is a document or a refusal that points into it, and never another error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "_Loader", loader)
        document, problems = read_or_refused(lambda: parse(text, "x.yaml"))
    if document is not None:
        assert {way for way, _ in walk(document.value)} <= set(document.positions)
        assert all(isinstance(part, str | list | dict | None) for _, part in walk(document.value))
    for problem in problems:
        assert problem.hint
        assert "\n" not in problem.message
        assert 0 < (problem.line or 1) <= len(text.splitlines()) + 2


@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the bytes, the file is a document or a refusal."""
    path = tmp_path_factory.getbasetemp() / "any-bytes.yaml"
    path.write_bytes(data)
    read_or_refused(lambda: read(path))


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_a_bomb_is_refused_at_once(loader: Any, opening: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    """A hundred thousand nested lists cost what forty do."""
    monkeypatch.setattr(documents, "_Loader", loader)
    assert any("imbriqués trop profondément" in message for message in messages(opening * 100_000))


def test_forty_levels_are_read() -> None:
    """The depth that is allowed is read."""
    assert parse("[" * 40 + "]" * 40, "x.yaml").value == json.loads("[" * 40 + "]" * 40)


def test_the_faults_of_one_pass_come_together() -> None:
    """A refused alias does not hide the key written twice, nor the syntax error behind both."""
    assert messages("a: &a 1\nb: *a\na: 2\nc: @\n") == [
        "x.yaml:1:4: ancre `&a` refusée\n  aide : écrivez la valeur sans ancre ni alias",
        "x.yaml:2:4: alias `*a` refusé\n  aide : recopiez la valeur à cet endroit",
        "x.yaml:3:1: clé `a` écrite deux fois\n  aide : la première est ligne 1 ; gardez-en une",
        "x.yaml:4:4: un texte ne peut pas commencer par ce caractère\n  aide : mettez le texte entre guillemets",
    ]


def test_a_fault_without_a_place_of_its_own_stands_where_its_parent_does() -> None:
    """What is missing has no line: the problem shows the block in which it is missed."""
    document = parse("a:\n  - {b: 1}\n", "x.yaml")
    assert (
        document.problem(Fault(("a", 0, "c"), "!")).line,
        document.problem(Fault(("a", 0, "c"), "!")).column,
    ) == (2, 5)
    assert (document.problem(Fault(("z",), "!")).line, document.problem(Fault(("z",), "!")).column) == (1, 1)
    assert document.problem(Fault(("a", 0, "b"), "!", on_key=True)).column == 6
    assert document.problem(Fault(("a", 0, "b"), "!")).column == 9


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_our_files_are_read_alike_with_and_without_libyaml(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML and libyaml do not take quite the same texts; what conseil carries, both take for the same."""
    monkeypatch.setattr(documents, "_Loader", yaml.SafeLoader)
    slow = read(path)
    monkeypatch.undo()
    assert (slow.value, slow.positions) == (read(path).value, read(path).positions)
