"""conseil: a prioritised, justified action plan for a territory, from a guide written as rules.

>>> import conseil
>>> plan = conseil.advise(conseil.load_profile("profiles/creuse-grand-sud.yaml"))
>>> plan.profile.name
'Communauté de communes Creuse Grand Sud'
"""

from typing import TYPE_CHECKING

from conseil.on_demand import imported_on_demand

if TYPE_CHECKING:
    from conseil.advice import advise, advise_columns
    from conseil.comparison import Comparison, compare, scenario_variants, what_if
    from conseil.errors import (
        ConseilError,
        EngineError,
        EngineUnavailable,
        InvalidDocument,
        InvalidInput,
        InvalidProfile,
        InvalidRulebook,
        Problem,
        RulebookTooLarge,
        UnknownAction,
    )
    from conseil.evolution import Evolution, load_plan, what_moved
    from conseil.explanation import Change, Explanation, explain
    from conseil.exported import ExportedPlan, export
    from conseil.interview import Interview
    from conseil.plan import Item, Plan
    from conseil.profile import Answer, Profile, load_profile, shipped_profiles
    from conseil.rendering import (
        ExportedComparison,
        ExportedEvolution,
        ExportedExplanation,
        ExportedInterview,
        ExportedRobustness,
        InterviewRequest,
        export_comparison,
        export_evolution,
        export_explanation,
        export_interview,
        export_robustness,
        interview_from,
    )
    from conseil.robustness import Robustness, reweighted, weighed, what_holds
    from conseil.rulebook import Rulebook, load_rulebook
else:
    __getattr__ = imported_on_demand(
        __name__,
        {
            "conseil.advice": ["advise", "advise_columns"],
            "conseil.comparison": ["Comparison", "compare", "scenario_variants", "what_if"],
            "conseil.errors": [
                "ConseilError",
                "EngineError",
                "EngineUnavailable",
                "InvalidDocument",
                "InvalidInput",
                "InvalidProfile",
                "InvalidRulebook",
                "Problem",
                "RulebookTooLarge",
                "UnknownAction",
            ],
            "conseil.evolution": ["Evolution", "load_plan", "what_moved"],
            "conseil.explanation": ["Change", "Explanation", "explain"],
            "conseil.exported": ["ExportedPlan", "export"],
            "conseil.interview": ["Interview"],
            "conseil.plan": ["Item", "Plan"],
            "conseil.profile": ["Answer", "Profile", "load_profile", "shipped_profiles"],
            "conseil.rendering": [
                "ExportedComparison",
                "ExportedEvolution",
                "ExportedExplanation",
                "ExportedInterview",
                "ExportedRobustness",
                "InterviewRequest",
                "export_comparison",
                "export_evolution",
                "export_explanation",
                "export_interview",
                "export_robustness",
                "interview_from",
            ],
            "conseil.robustness": ["Robustness", "reweighted", "weighed", "what_holds"],
            "conseil.rulebook": ["Rulebook", "load_rulebook"],
        },
    )

__all__ = [
    "Answer",
    "Change",
    "Comparison",
    "ConseilError",
    "EngineError",
    "EngineUnavailable",
    "Evolution",
    "Explanation",
    "ExportedComparison",
    "ExportedEvolution",
    "ExportedExplanation",
    "ExportedInterview",
    "ExportedPlan",
    "ExportedRobustness",
    "Interview",
    "InterviewRequest",
    "InvalidDocument",
    "InvalidInput",
    "InvalidProfile",
    "InvalidRulebook",
    "Item",
    "Plan",
    "Problem",
    "Profile",
    "Robustness",
    "Rulebook",
    "RulebookTooLarge",
    "UnknownAction",
    "advise",
    "advise_columns",
    "compare",
    "explain",
    "export",
    "export_comparison",
    "export_evolution",
    "export_explanation",
    "export_interview",
    "export_robustness",
    "interview_from",
    "load_plan",
    "load_profile",
    "load_rulebook",
    "reweighted",
    "scenario_variants",
    "shipped_profiles",
    "weighed",
    "what_holds",
    "what_if",
    "what_moved",
]
