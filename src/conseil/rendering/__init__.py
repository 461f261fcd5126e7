"""A plan in the forms in which people read it."""

from typing import TYPE_CHECKING

from conseil.on_demand import imported_on_demand
from conseil.rendering.outline import Outline, outline  # not on demand: the module has the name of the function

if TYPE_CHECKING:
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
    from conseil.rendering.interview_json import (
        ExportedInterview,
        InterviewRequest,
        export_interview,
        interview_from,
    )
    from conseil.rendering.markdown import render_markdown
    from conseil.rendering.pictured import comparison_picture, robustness_picture
    from conseil.rendering.text import render_text
else:
    __getattr__ = imported_on_demand(
        __name__,
        {
            "conseil.rendering.compared": ["comparison_outline", "evolution_outline", "robustness_outline"],
            "conseil.rendering.compared_json": [
                "ExportedComparison",
                "ExportedEvolution",
                "ExportedRobustness",
                "export_comparison",
                "export_evolution",
                "export_robustness",
            ],
            "conseil.rendering.explained": ["explanation_outline"],
            "conseil.rendering.explained_json": ["ExportedExplanation", "export_explanation"],
            "conseil.rendering.interview_json": [
                "ExportedInterview",
                "InterviewRequest",
                "export_interview",
                "interview_from",
            ],
            "conseil.rendering.markdown": ["render_markdown"],
            "conseil.rendering.pictured": ["comparison_picture", "robustness_picture"],
            "conseil.rendering.text": ["render_text"],
        },
    )

__all__ = [
    "ExportedComparison",
    "ExportedEvolution",
    "ExportedExplanation",
    "ExportedInterview",
    "ExportedRobustness",
    "InterviewRequest",
    "Outline",
    "comparison_outline",
    "comparison_picture",
    "evolution_outline",
    "explanation_outline",
    "export_comparison",
    "export_evolution",
    "export_explanation",
    "export_interview",
    "export_robustness",
    "interview_from",
    "outline",
    "render_markdown",
    "render_text",
    "robustness_outline",
    "robustness_picture",
]
