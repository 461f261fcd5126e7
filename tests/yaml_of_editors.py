"""YAML as editors read it, by the core schema of YAML 1.2: what JSON Schemas are held against."""

from __future__ import annotations

from typing import Any

import yaml

from conseil.authoring.schemas.values import seen

__all__ = ["read_as_editors_do"]


class _Loader(yaml.SafeLoader):
    """Makes texts, numbers, lists and mappings only."""


def _seen(_loader: _Loader, node: yaml.ScalarNode) -> object:
    if node.style is not None:
        return node.value
    return None if node.value in {"", "~", "null", "Null", "NULL"} else seen(node.value)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}  # keys are texts


_Loader.yaml_implicit_resolvers = {}
_Loader.add_constructor("tag:yaml.org,2002:str", _seen)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_as_editors_do(text: str) -> Any:  # noqa: ANN401 - whatever it holds
    """Return the value of a YAML text.

    >>> read_as_editors_do("{a: 12, b: '12', c: no, d: true, e: }")
    {'a': 12, 'b': '12', 'c': 'no', 'd': True, 'e': None}
    """
    return yaml.load(text, _Loader)  # noqa: S506 - a safe one
