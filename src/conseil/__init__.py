"""conseil: a prioritised, justified action plan for a territory, from a guide written as rules.

>>> import conseil
>>> plan = conseil.advise(conseil.load_profile("profiles/creuse-grand-sud.yaml"))
>>> plan.profile.name
'Communauté de communes Creuse Grand Sud'
"""

from conseil.advice import advise
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
from conseil.explanation import Change, Explanation, explain
from conseil.export import ExportedPlan, export
from conseil.plan import Item, Plan
from conseil.profile import Answer, Profile, load_profile, shipped_profiles
from conseil.rulebook import Rulebook, load_rulebook

__all__ = [
    "Answer",
    "Change",
    "ConseilError",
    "EngineError",
    "EngineUnavailable",
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
    "Rulebook",
    "RulebookTooLarge",
    "UnknownAction",
    "advise",
    "explain",
    "export",
    "load_profile",
    "load_rulebook",
    "shipped_profiles",
]
