"""A plan in the forms in which people read it."""

from conseil.rendering.compared import comparison_outline, evolution_outline, robustness_outline
from conseil.rendering.compared_json import (
    ExportedComparison,
    ExportedEvolution,
    ExportedRobustness,
    export_comparison,
    export_evolution,
    export_robustness,
)
from conseil.rendering.explained import explanation_outline
from conseil.rendering.explained_json import ExportedExplanation, export_explanation
from conseil.rendering.markdown import render_markdown
from conseil.rendering.outline import Outline, outline
from conseil.rendering.text import render_text

__all__ = [
    "ExportedComparison",
    "ExportedEvolution",
    "ExportedExplanation",
    "ExportedRobustness",
    "Outline",
    "comparison_outline",
    "evolution_outline",
    "explanation_outline",
    "export_comparison",
    "export_evolution",
    "export_explanation",
    "export_robustness",
    "outline",
    "render_markdown",
    "render_text",
    "robustness_outline",
]
