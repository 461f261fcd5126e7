"""One entry of a YAML text is changed, and nothing else of it."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conseil import InvalidDocument, shipped_profiles
from conseil.documents import Value, parse
from conseil.rewriting import moved_entry, with_entry, without_entry

LAID_OUT = """\
# Ce fichier est commenté.
name:   "Ici"  # le nom
kind: real

answers:   # vus en mars

    foncier:   # le meilleur
        value: bati   # vu avec le maire
        # la friche, surtout
        note: >-
          une note # qui n’est pas un commentaire
          sur deux lignes
    # les besoins viennent de la réunion
    besoins: [ financement,  # tous
               visibilite ]  # presque tous
    population:   12000

# l’avancement
progress: {others: todo}   # le reste
"""


def test_a_value_is_replaced_where_it_stands() -> None:
    changed = with_entry(LAID_OUT, ("answers", "population"), "13000")

    assert changed == LAID_OUT.replace("12000", "13000")


def test_what_a_block_said_goes_and_its_comments_stay() -> None:
    changed = with_entry(LAID_OUT, ("answers", "foncier"), "aucun")

    assert changed == LAID_OUT.replace(
        """\
    foncier:   # le meilleur
        value: bati   # vu avec le maire
        # la friche, surtout
        note: >-
          une note # qui n’est pas un commentaire
          sur deux lignes
""",
        """\
    foncier: aucun
    # le meilleur
    # vu avec le maire
    # la friche, surtout
""",
    )


def test_a_list_in_brackets_keeps_its_comments() -> None:
    changed = with_entry(LAID_OUT, ("answers", "besoins"), ["foncier"])

    assert "    besoins: [foncier]  # presque tous\n    # tous\n    population:   12000\n" in changed


def test_an_entry_is_added_after_the_last_one() -> None:
    assert with_entry(LAID_OUT, ("answers", "scic"), "aucune") == LAID_OUT.replace(
        "    population:   12000\n", "    population:   12000\n    scic: aucune\n"
    )
    assert with_entry(LAID_OUT, ("progress", "marque"), "done") == LAID_OUT.replace("todo}", "todo, marque: done}")
    assert with_entry(LAID_OUT, ("skipped",), ["scic"]) == LAID_OUT + "skipped: [scic]\n"
    assert with_entry("name: Ici", ("answers", "a"), "b") == "name: Ici\nanswers:\n  a: b\n"


def test_a_block_that_holds_nothing_but_comments_is_begun() -> None:
    text = "answers:  # ici\n\n  # Où ?\n  #a: unknown\nprogress:\n  #b: unknown"
    assert with_entry(text, ("answers", "a"), "b") == text.replace("# ici\n", "# ici\n  a: b\n")
    assert with_entry(text, ("progress", "b"), "done") == text.replace("progress:\n", "progress:\n  b: done\n")
    with pytest.raises(InvalidDocument):
        with_entry("answers: ''\n", ("answers", "a"), "b")


def test_an_entry_goes_with_its_line() -> None:
    assert without_entry(LAID_OUT, ("answers", "population")) == LAID_OUT.replace("    population:   12000\n", "")
    assert "    # vu avec le maire\n    # la friche, surtout\n    # les besoins" in without_entry(
        LAID_OUT, ("answers", "foncier")
    )
    assert without_entry(LAID_OUT, ("progress", "others")) == LAID_OUT.replace("{others: todo}", "{}")
    assert without_entry(LAID_OUT, ("kind",)) == LAID_OUT.replace("kind: real\n", "")


def test_a_block_that_was_emptied_is_filled_again() -> None:
    text = "answers:  # ici\n  a: b  # sûr\nname: Ici\n"

    emptied = without_entry(text, ("answers", "a"))

    assert emptied == "answers: {}  # sûr\n# ici\nname: Ici\n"
    assert with_entry(emptied, ("answers", "c"), "d") == "answers:  # sûr\n  c: d\n# ici\nname: Ici\n"


def test_an_entry_moves_with_the_comments_beside_and_inside_it() -> None:
    assert moved_entry(LAID_OUT, ("answers", "foncier"), ("answers", "terrain")) == LAID_OUT.replace(
        "    foncier:   #", "    terrain:   #"
    )
    moved = moved_entry(LAID_OUT, ("answers", "foncier"), ("set_aside", "foncier.2"))
    assert (
        moved
        == """\
# Ce fichier est commenté.
name:   "Ici"  # le nom
kind: real

answers:   # vus en mars

    # les besoins viennent de la réunion
    besoins: [ financement,  # tous
               visibilite ]  # presque tous
    population:   12000

# l’avancement
progress: {others: todo}   # le reste
set_aside:
  foncier.2:   # le meilleur
      value: bati   # vu avec le maire
      # la friche, surtout
      note: >-
        une note # qui n’est pas un commentaire
        sur deux lignes
"""
    )
    assert "\n  besoins: [ financement,  # tous\n             visibilite ]  # presque tous\n" in moved_entry(
        moved, ("answers", "besoins"), ("set_aside", "besoins")
    )


def test_an_entry_goes_into_braces_and_out_of_them() -> None:
    text = "answers:\n  a: b  # sûr\n  c: d\nset_aside: {e: f}\n"
    assert moved_entry(text, ("answers", "a"), ("set_aside", "a")) == (
        "answers:\n  # sûr\n  c: d\nset_aside: {e: f, a: b}\n"
    )
    text = "answers: {a: b, c: d}  # sûrs\n"
    assert moved_entry(text, ("answers", "a"), ("answers", "e")) == "answers: {e: b, c: d}  # sûrs\n"
    assert moved_entry(text, ("answers", "a"), ("set_aside", "a")) == "answers: {c: d}  # sûrs\nset_aside:\n  a: b\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_did(newline: str) -> None:
    text = LAID_OUT.replace("\n", newline)

    changed = without_entry(
        with_entry(with_entry(text, ("answers", "x"), "y"), ("answers", "foncier"), "z"), ("answers", "x")
    )

    assert re.findall(r"\r\n|\r|\n", changed) == [newline] * changed.count(newline)
    assert changed.replace(newline, "\n") == with_entry(LAID_OUT, ("answers", "foncier"), "z")


def test_json_stays_json() -> None:
    text = '{"name": "Ici", "answers": {"a": "b"}, "progress": {"x": "done"}}'

    changed = with_entry(with_entry(text, ("answers", "c"), ["d"]), ("answers", "a"), "é")

    assert changed == '{"name": "Ici", "answers": {"a": "é", "c": ["d"]}, "progress": {"x": "done"}}'


def test_a_long_line_in_braces_goes_on_below() -> None:
    text = "answers: {}\nprogress: {first: done}\n"
    for number in range(40):
        text = with_entry(text, ("progress", f"action-{number}"), "done")

    assert max(map(len, text.splitlines())) < 120
    assert parse(text, "").value == {
        "answers": {},
        "progress": {"first": "done"} | {f"action-{number}": "done" for number in range(40)},
    }


@pytest.mark.parametrize("text", ["{a}\n", "{a, b: c}\n", "? a\n", "{a, b: {c: d}}\n"])
def test_what_cannot_be_changed_where_it_stands_is_refused(text: str) -> None:
    """Rather than write what was not meant."""
    with pytest.raises(InvalidDocument, match="ne peut pas être complété sans être abîmé"):
        with_entry(text, ("a",), "b")


@pytest.mark.parametrize("text", ["- a\n", "a: [", "answers: [x]\n", "answers: oui\n"])
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(InvalidDocument):
        with_entry(text, ("answers", "a"), "b")


# Whatever is written, and however it is laid out

words = st.sampled_from(
    ["a", "b2", "oui", "non", "12 000", "l’été : fini", "#1", "- x", "{", "é\"'", " x", "null", "~"]
)
values: st.SearchStrategy[Value] = st.recursive(
    words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=5
)
keys = st.sampled_from(["a", "b", "c", "clé d", "e: f"])
blocks = st.dictionaries(keys, values, max_size=4)
documents = st.fixed_dictionaries({"name": words, "answers": blocks}, optional={"progress": blocks, "z": values})


@st.composite
def texts(draw: st.DrawFn) -> tuple[Value, str, list[str]]:
    """Draw what a document says, a text that says so, and the comments in it."""
    raw = draw(documents)
    text = yaml.safe_dump(
        raw,
        default_flow_style=draw(st.sampled_from([None, False, False, True])),
        indent=draw(st.sampled_from([2, 4])),
        width=draw(st.sampled_from([20, 1000])),
        allow_unicode=True,
        sort_keys=False,
        default_style=draw(st.sampled_from([None, None, '"', "'", "|"])),
    )
    comments: list[str] = []
    lines = []
    for line in text.splitlines():
        lines.append(line)
        if draw(st.booleans()):
            comments.append(f"# c{len(comments)}!")
            commented = f"{line}  {comments[-1]}"
            candidate = "\n".join([*lines[:-1], commented, *text.splitlines()[len(lines) :]])
            try:
                kept = parse(candidate, "").value == raw
            except InvalidDocument:
                kept = False
            if kept:
                lines[-1] = commented
            else:
                comments.pop()
    whole = "\n".join(lines) + "\n" * draw(st.integers(0, 2))
    return parse(text, "").value, whole, comments


@settings(max_examples=200, deadline=None)
@given(texts(), st.sampled_from(["answers", "progress"]), keys | st.just("nouveau"), values)
def test_one_entry_changes_and_comments_stay(
    drawn: tuple[dict[str, dict[str, Value]], str, list[str]], block: str, key: str, value: Value
) -> None:
    raw, text, comments = drawn
    if parse(text, "").value != raw:
        return  # a comment became a part of a text

    changed = with_entry(text, (block, key), value)

    assert parse(changed, "").value == raw | {block: raw.get(block, {}) | {key: value}}
    assert [comment for comment in comments if comment not in changed] == []
    assert parse(without_entry(changed, (block, key)), "").value == raw | {
        block: {name: inner for name, inner in raw.get(block, {}).items() if name != key}
    }
    assert [comment for comment in comments if comment not in without_entry(changed, (block, key))] == []


@settings(max_examples=200, deadline=None)
@given(texts(), st.data())
def test_an_entry_moves_and_comments_stay(
    drawn: tuple[dict[str, dict[str, Value]], str, list[str]], data: st.DataObject
) -> None:
    raw, text, comments = drawn
    if parse(text, "").value != raw or not raw["answers"]:
        return
    key = data.draw(st.sampled_from(sorted(raw["answers"])))
    to = data.draw(st.sampled_from([("answers", "nouveau"), ("set_aside", "nouveau"), ("progress", "nouveau")]))

    moved = moved_entry(text, ("answers", key), to)

    expected = deepcopy(raw)
    value = expected["answers"].pop(key)
    expected.setdefault(to[0], {})[to[1]] = value
    assert parse(moved, "").value == expected
    assert [comment for comment in comments if comment not in moved] == []


@pytest.mark.parametrize("path", shipped_profiles().values(), ids=shipped_profiles())
def test_nothing_but_the_entry_moves_in_shipped_profiles(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    changed = with_entry(text, ("answers", "une-autre"), ["a", "b"])

    assert [line for line in changed.splitlines() if line not in text.splitlines()] == ["  une-autre: [a, b]"]
    assert without_entry(changed, ("answers", "une-autre")) == text
    assert with_entry(text, ("name",), "Ailleurs : ici").count('name: "Ailleurs : ici"\n') == 1
