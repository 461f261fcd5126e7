"""Every kind of finding that authors can accept, in one place: any command can check `accepted.yaml`."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CODES", "PROOFS"]

PROOFS: Mapping[str, str] = {
    "never-true": "Règles jamais vraies",
    "always-true": "Règles toujours vraies",
    "shadowed-recommend": "Recommandations toujours masquées",
    "never-recommended": "Actions jamais recommandées",
    "never-high": "Actions jamais prioritaires",
    "always-recommended": "Actions recommandées à tous",
    "same-meaning": "Règles qui disent la même chose",
    "question-without-effect": "Questions sans effet",
    "unreachable-value": "Valeurs déduites hors d’atteinte",
    "unreachable-step": "Étapes du guide hors d’atteinte d’un scénario",
    "unreachable-stage": "Étapes de posture dont on ne sort pas",
    "empty-plan": "Plans vides",
    "empty-first-wave": "Plans sans rien à lancer maintenant",
    "no-decision": "Plans sans décision",
}
"""What `conseil verify` looks for, by code, each with its title."""

CODES: Mapping[str, str] = {**PROOFS}
"""All of them."""
