"""A plan in the forms in which people read it."""

from conseil.rendering.markdown import render_markdown
from conseil.rendering.outline import Outline, outline
from conseil.rendering.text import render_text

__all__ = ["Outline", "outline", "render_markdown", "render_text"]
