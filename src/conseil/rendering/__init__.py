"""A plan in the forms in which people read it."""

from conseil.rendering.explained import explanation_outline
from conseil.rendering.explained_json import ExportedExplanation, export_explanation
from conseil.rendering.markdown import render_markdown
from conseil.rendering.outline import Outline, outline
from conseil.rendering.text import render_text

__all__ = [
    "ExportedExplanation",
    "Outline",
    "explanation_outline",
    "export_explanation",
    "outline",
    "render_markdown",
    "render_text",
]
