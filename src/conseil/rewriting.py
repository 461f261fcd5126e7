r"""Change an entry of a YAML text, and nothing else of it: people have commented it, and laid it out as they like.

A text is not read and written again, which would lose comments and lay the whole out anew: the few characters of the
entry are replaced where they stand. A comment inside what goes stays, on a line of its own below. What comes out is
read again, and refused unless it says what was meant.

>>> text = "answers:\n  foncier: unknown   # vu avec le maire\n"
>>> print(with_entry(text, ("answers", "foncier"), "bati"), end="")
answers:
  foncier: bati   # vu avec le maire
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from conseil.documents import Value, parse
from conseil.errors import InvalidDocument, Problem

__all__ = ["Way", "begun", "moved_entry", "with_entry", "without_entry"]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Way = tuple[str, ...]
"""The way to an entry: a key of the whole, or a key inside a block of the whole."""

_WIDEST = 100
"""The columns of a line in braces, beyond which a new entry goes on the next."""


def with_entry(text: str, way: Way, value: Value) -> str:
    r"""Return the text with a value in the entry of that way, which is added, after the others, where there is none.

    Raises:
        InvalidDocument: the text is not plain YAML, or is written in a manner that cannot be completed.

    >>> with_entry("name: Ici\n", ("progress", "marque"), "done")
    'name: Ici\nprogress:\n  marque: done\n'
    """
    expected = _parsed(text)
    _inner(expected, way)[way[-1]] = value
    whole = _Mapping.of(text)
    if len(way) == 1:
        return _checked(_put(text, whole, way[0], value), expected)
    block = whole.entries.get(way[0])
    if block is None:
        return _checked(_put(text, whole, way[0], {way[1]: value}), expected)
    if _holds_nothing(block.value) and not whole.in_braces:  # in a block: what comes into it begins one
        return _checked(_put(text, whole, way[0], {way[1]: value}), expected)
    inner = _Mapping.within(text, block.value)
    return _checked(_put(text, inner, way[1], value), expected)


def without_entry(text: str, way: Way) -> str:
    r"""Return the text without the entry of that way; its comments stay.

    Raises:
        InvalidDocument: the text is not plain YAML, or is written in a manner that cannot be changed.

    >>> without_entry("answers:\n  a: b  # sûr\n  c: d\n", ("answers", "a"))
    'answers:\n  # sûr\n  c: d\n'
    """
    expected = _parsed(text)
    del _inner(expected, way)[way[-1]]
    whole = _Mapping.of(text)
    block = whole if len(way) == 1 else _Mapping.within(text, whole.entries[way[0]].value)
    if len(way) > 1 and (len(block.entries) == 1 or block.in_braces):
        # a block that holds nothing would say nothing, and braces are written again
        kept = [entry for name, entry in block.entries.items() if name != way[-1]]
        written = ", ".join(text[entry.start : entry.end] for entry in kept)
        return _checked(_replaced(text, whole, way[0], f"{{{written}}}"), expected)
    entry = block.entries[way[-1]]
    start, end = _line_start(text, entry.start), _line_end(text, entry.end)
    comments = [*_comments(text, entry.start, entry.value), *_comments(text[entry.end : end], 0, None)]
    kept_lines = "".join(f"{text[start : entry.start]}{comment}{_newline(text)}" for comment in comments)
    return _checked(text[:start] + kept_lines + text[_next_line(text, end) :], expected)


def moved_entry(text: str, way: Way, to: Way) -> str:
    r"""Return the text with an entry under another name, or in another block, with the comments beside and inside it.

    Where one of the blocks is in braces, what was on lines of their own stays where it was.

    Raises:
        InvalidDocument: the text is not plain YAML, or is written in a manner that cannot be changed.

    >>> moved_entry("answers:\n  a: b  # sûr\n  c: d\n", ("answers", "a"), ("answers", "e"))
    'answers:\n  e: b  # sûr\n  c: d\n'
    >>> moved_entry("answers:\n  a: b  # sûr\n  c: d\n", ("answers", "a"), ("set_aside", "a"))
    'answers:\n  c: d\nset_aside:\n  a: b  # sûr\n'
    """
    expected = _parsed(text)
    value = _inner(expected, way).pop(way[-1])
    _inner(expected, to)[to[-1]] = value
    block = _Mapping.within(text, _Mapping.of(text).entries[way[0]].value)
    entry = block.entries[way[-1]]
    if way[0] == to[0]:
        name = _in_json(to[-1]) if block.like_json else _in_line(to[-1])
        return _checked(text[: entry.start] + name + text[_key_end(text, entry) :], expected)
    plain = with_entry(without_entry(text, way), to, value)
    if block.in_braces:
        return plain
    # the entry as it was laid out, comments included, takes the place of the same one on a line
    end, indent = _line_end(text, entry.end), len(_indent_of(text, entry.start))
    laid_out = _in_line(to[-1]) + text[_key_end(text, entry) : end]
    bare = f"{text[: entry.start]}{_in_line(way[-1])}: {_in_line(value)}{text[end:]}"
    moved = with_entry(without_entry(bare, way), to, value)
    target = _Mapping.within(moved, _Mapping.of(moved).entries[to[0]].value)
    if target.in_braces:
        return plain
    there = target.entries[to[-1]]
    start = len(_indent_of(moved, there.start))
    first, *lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", laid_out)
    below = "".join(_reindented(line, indent, start) for line in lines)
    try:
        return _checked(moved[: there.start] + first + below + moved[there.end :], expected)
    except InvalidDocument:  # a text whose indent says something
        return plain


def _key_end(text: str, entry: _Entry) -> int:
    """Return the place after the key of an entry, in whatever manner it is written."""
    return len(text[: entry.colon].rstrip())


def _reindented(line: str, before: int, after: int) -> str:
    """Move a line as its entry moves."""
    bare = line.lstrip(" ")
    return " " * max(0, len(line) - len(bare) - before + after) + bare if bare.strip() else line


def begun(entries: Mapping[str, Value]) -> str:
    r"""Return a new text with these entries, a line each.

    >>> begun({"name": "Ici : là", "kind": "real"})
    'name: "Ici : là"\nkind: real\n'
    """
    return "".join(f"{_in_line(key)}: {_in_line(value)}\n" for key, value in entries.items())


class _Entry(NamedTuple):
    """An entry of a mapping, from the first character of its key to the last of its value."""

    start: int
    colon: int
    value: yaml.Node
    end: int


class _Mapping(NamedTuple):
    """A mapping, and where its entries stand."""

    in_braces: bool
    like_json: bool
    start: int
    entries: dict[str, _Entry]

    @staticmethod
    def of(text: str) -> _Mapping:
        return _Mapping.within(text, yaml.compose(text, Loader=_Loader))

    @staticmethod
    def within(text: str, node: Any) -> _Mapping:  # noqa: ANN401 - PyYAML's nodes are untyped
        if not isinstance(node, yaml.MappingNode):
            raise _refusal()
        entries = {}
        for key, value in node.value:
            colon = text.find(":", key.end_mark.index)
            if colon < 0:  # a key alone, in braces
                raise _refusal()
            name = unicodedata.normalize("NFC", key.value)
            entries[name] = _Entry(key.start_mark.index, colon, value, max(_end(text, value), colon + 1))
        like_json = bool(node.flow_style) and any(key.style == '"' for key, _ in node.value)
        return _Mapping(bool(node.flow_style), like_json, node.start_mark.index, entries)


def _parsed(text: str) -> Value:
    return parse(text, "").value


def _inner(raw: Value, way: Way) -> dict[str, Value]:
    """Return the mapping in which an entry is to be changed."""
    inner = raw
    if len(way) > 1 and isinstance(raw, dict):
        inner = raw[way[0]] = {} if raw.get(way[0]) is None else raw[way[0]]
    if not isinstance(inner, dict):
        raise _refusal()
    return inner


def _checked(text: str, expected: Value) -> str:
    try:
        read = _parsed(text)
    except InvalidDocument as error:
        raise _refusal() from error
    if read != expected:
        raise _refusal()
    return text


def _refusal() -> InvalidDocument:
    hint = "écrivez chaque réponse sur sa ligne, en retrait : `question: réponse`"
    return InvalidDocument([Problem("", None, None, "ce fichier ne peut pas être complété sans être abîmé", hint)])


def _put(text: str, mapping: _Mapping, key: str, value: Value) -> str:
    if key in mapping.entries:
        entry = mapping.entries[key]
        if isinstance(value, dict) and value and not mapping.in_braces and _holds_nothing(entry.value):
            return _opened(text, entry, value)
        written = _in_json(value) if mapping.like_json else _in_line(value)
        return _replaced(text, mapping, key, written)
    if mapping.in_braces:
        return _added_in_braces(text, mapping, key, value)
    return _added_below(text, mapping, key, value)


def _replaced(text: str, mapping: _Mapping, key: str, written: str) -> str:
    """Put another value in an entry, on one line; comments inside the old one go below."""
    entry = mapping.entries[key]
    start, node = entry.value.start_mark.index, entry.value
    beside = start > entry.colon + 1 and "\n" not in text[entry.colon : start] and "\r" not in text[entry.colon : start]
    in_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    if in_block or not beside:  # it began below its key, or there was none
        start, written = entry.colon + 1, f" {written}"
    comments = _comments(text, entry.colon + 1, node)
    next_line = _newline(text) + _indent_of(text, entry.start)
    below = "".join(next_line + comment for comment in comments)
    if mapping.in_braces and comments:  # another text may go on after the end of the line
        return text[:start] + written + below + next_line + text[entry.end :]
    line_end = _line_end(text, entry.end)
    return text[:start] + written + text[entry.end : line_end] + below + text[line_end:]


def _opened(text: str, entry: _Entry, value: dict[str, Value]) -> str:
    """Begin a block of lines in an entry whose value was `{}`, or nothing at all."""
    line_end, start = _line_end(text, entry.end), f"{_newline(text)}{_indent_of(text, entry.start)}  "
    inside = [*_comments(text, entry.colon + 1, entry.value)]
    inside += [f"{_in_line(name)}: {_in_line(inner)}" for name, inner in value.items()]
    lines = "".join(start + line for line in inside)
    return text[: entry.colon + 1] + text[entry.end : line_end] + lines + text[line_end:]


def _holds_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode | yaml.ScalarNode) and not node.value


def _added_below(text: str, mapping: _Mapping, key: str, value: Value) -> str:
    """Add an entry after the last one of a block."""
    newline = _newline(text)
    last = max(mapping.entries.values(), key=lambda entry: entry.end)
    indent = _indent_of(text, min(entry.start for entry in mapping.entries.values()))
    if isinstance(value, dict) and value:
        inner = (f"{indent}  {_in_line(name)}: {_in_line(given)}" for name, given in value.items())
        lines = newline.join([f"{indent}{_in_line(key)}:", *inner])
    else:
        lines = f"{indent}{_in_line(key)}: {_in_line(value)}"
    end = _line_end(text, last.end)
    below = _next_line(text, end)
    if below == end:  # the file does not end its last line
        return text + newline + lines + newline
    return text[:below] + lines + newline + text[below:]


def _added_in_braces(text: str, mapping: _Mapping, key: str, value: Value) -> str:
    """Add an entry after the last one in braces."""
    write = _in_json if mapping.like_json else _in_line
    written = f"{write(key)}: {write(value)}"
    if not mapping.entries:
        return text[: mapping.start + 1] + written + text[mapping.start + 1 :]
    end = max(entry.end for entry in mapping.entries.values())
    column = min(entry.start for entry in mapping.entries.values()) - _line_start(text, mapping.start)
    wide = end - _line_start(text, end) + len(written) > _WIDEST
    between = f",{_newline(text)}{' ' * column}" if wide else ", "
    return text[:end] + between + written + text[end:]


def _end(text: str, node: Any) -> int:  # noqa: ANN401 - PyYAML's nodes are untyped
    """Return the place after the last character of a value; a block ends before the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end = int(node.end_mark.index)
    written_below = isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}
    return len(text[:end].rstrip()) if written_below else end


def _leaves(text: str, node: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401 - PyYAML's nodes are untyped
    if isinstance(node, yaml.ScalarNode):
        start, end = int(node.start_mark.index), _end(text, node)
        if node.style in {"|", ">"}:  # a comment may stand beside the sign, above the text
            start = min(_line_end(text, start), end)
        yield start, end
        return
    for part in node.value:
        for inner in part if isinstance(part, tuple) else (part,):
            yield from _leaves(text, inner)


def _comments(text: str, start: int, node: Any) -> list[str]:  # noqa: ANN401 - PyYAML's nodes are untyped
    """Return the comments from a place to the end of a value, or of the text: between its scalars, never in them."""
    spans = [] if node is None else [*_leaves(text, node)]
    last = len(text) if node is None else _end(text, node)
    starts = [start, *(end for _, end in spans)]
    ends = [*(begin for begin, _ in spans), last]
    gaps = (text[begin:end] for begin, end in zip(starts, ends, strict=True))
    return [found.rstrip() for gap in gaps for found in re.findall(r"#[^\r\n]*", gap)]


def _line_start(text: str, place: int) -> int:
    return max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1


def _line_end(text: str, place: int) -> int:
    found = re.compile(r"[\r\n]").search(text, place)
    return found.start() if found else len(text)


def _next_line(text: str, line_end: int) -> int:
    found = re.compile(r"\r\n|\r|\n").match(text, line_end)
    return found.end() if found else line_end


def _indent_of(text: str, place: int) -> str:
    """Return the spaces that bring a line below under this place."""
    return " " * (place - _line_start(text, place))


def _newline(text: str) -> str:
    found = re.search(r"\r\n|\r|\n", text)
    return found[0] if found else "\n"


def _in_json(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _in_line(value: Value) -> str:
    """Write a value on one line, with quotation marks only where they are needed."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_in_line(key)}: {_in_line(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_in_line, value)) + "]"
        case None:
            return "null"
    if re.fullmatch(r"\d+\.\d*", value):  # a version: others would read a number
        return _in_json(value)
    plain = f"[{value}, {value}]"
    try:
        kept = _parsed(plain) == [value, value] and _parsed(f"{value}: {value}") == {value: value}
    except InvalidDocument:
        kept = False
    return value if kept else _in_json(value)
