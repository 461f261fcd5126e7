"""What the guide says, and what it does not: the sources of authority, never mixed.

Everything in a rulebook either carries the guide's own words with their place, or says that it is editorial and why.
An overlay may quote documents of its own, which it names: its words are never the guide's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from conseil.errors import Fault
from conseil.fields import Text, field
from conseil.records import Record

__all__ = ["Authority", "Basis", "Source"]

Basis = Literal["guide", "overlay", "editorial"]
"""Where a statement comes from."""


class Source(Record):
    """The guide's own words: the quotation verbatim, misprints included, under the heading of its slide.

    Where `document` names another one, they are that document's: an overlay quotes it.

    >>> Source(section="LA COMMUNICATION", quote="Définir un plan de communication").quote
    'Définir un plan de communication'
    """

    section: Text = field(description="le titre de la page du guide où se trouve la citation")
    quote: Text = field(description="les mots du guide, tels quels, fautes comprises")
    document: Text | None = field(
        default=None, description="dans une adaptation : le document cité, qui n’est pas le guide"
    )

    @property
    def basis(self) -> Basis:
        """`guide`, or `overlay` where the words are those of another document."""
        return "overlay" if self.document else "guide"


class Authority(Record):
    """Something that says on whose authority it stands: exactly one of `source`, and `basis` with `rationale`."""

    source: Source | None = field(
        default=None, description="la citation du guide qui le dit ; sinon, `basis: editorial`"
    )
    basis: Literal["editorial"] | None = field(
        default=None, description="`editorial` : le guide ne le dit pas, c’est notre choix, et `rationale` dit pourquoi"
    )
    rationale: Text | None = field(default=None, description="une phrase : pourquoi nous le pensons")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super()._faults(raw)
        quoted, editorial = raw.get("source") is not None, raw.get("basis") is not None
        if not quoted and not editorial:
            hint = "citez le guide (`source: {section, quote}`) ou écrivez `basis: editorial` et `rationale`"
            yield Fault((), "ni `source` ni `basis` : on ne sait pas qui parle", hint)
        if quoted and (editorial or raw.get("rationale") is not None):
            key = "basis" if editorial else "rationale"
            message = f"`source` et `{key}` à la fois : c’est le guide qui parle, ou bien nous"
            yield Fault((key,), message, "gardez l’un des deux", on_key=True)
        if editorial and not quoted and raw.get("rationale") is None and raw["basis"] != "guide":
            yield Fault((), "clé `rationale` manquante", "dites en une phrase pourquoi nous le pensons")

    @property
    def authority(self) -> Basis:
        """`guide` where the guide is quoted, `overlay` where another document is, else `editorial`."""
        return self.source.basis if self.source is not None else "editorial"
