"""French typography: the spaces that a line never breaks at, put in when a plan is shown.

Quotations of the guide stay as they are: they never pass through here.
"""

from __future__ import annotations

import re

__all__ = ["typographic"]

_NARROW = "\N{NARROW NO-BREAK SPACE}"
_WIDE = "\N{NO-BREAK SPACE}"


def typographic(text: str) -> str:
    """Put unbreakable spaces where French wants them; a text that has them stays as it is.

    >>> typographic("Pourquoi ? « Ici » : 12 000 habitants ; voilà !").replace(_NARROW, "~").replace(_WIDE, "_")
    'Pourquoi~? «_Ici_»_: 12~000 habitants~; voilà~!'
    >>> typographic(typographic("« Ici »")) == typographic("« Ici »")
    True
    """
    text = re.sub(r" ([;!?])", _NARROW + r"\1", text)
    text = re.sub(f"«[ {_WIDE}]?", "«" + _WIDE, text)
    text = re.sub(f"[ {_WIDE}]?»", _WIDE + "»", text)
    text = re.sub(r" (:)", _WIDE + r"\1", text)
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", _NARROW, text)
    return re.sub(r" ([%€])", _NARROW + r"\1", text)
