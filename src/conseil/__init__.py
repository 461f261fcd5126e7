"""conseil: a prioritised, justified action plan for a territory, from a guide written as rules.

>>> import conseil
>>> plan = conseil.advise(conseil.load_profile("profiles/creuse-grand-sud.yaml"))
>>> plan.profile.name
'Communauté de communes Creuse Grand Sud'
"""

from conseil.advice import advise
from conseil.comparison import Comparison, compare, what_if
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
from conseil.export import ExportedPlan, export
from conseil.plan import Item, Plan
from conseil.profile import Answer, Profile, load_profile, shipped_profiles
from conseil.robustness import Robustness, what_holds
from conseil.rulebook import Rulebook, load_rulebook

__all__ = [
    "Answer",
    "Change",
    "Comparison",
    "ConseilError",
    "EngineError",
    "EngineUnavailable",
    "Evolution",
    "Explanation",
    "ExportedPlan",
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
    "compare",
    "explain",
    "export",
    "load_plan",
    "load_profile",
    "load_rulebook",
    "shipped_profiles",
    "what_holds",
    "what_if",
    "what_moved",
]
