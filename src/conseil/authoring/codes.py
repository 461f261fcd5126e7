"""The code of every finding: what kind it is, as authors write it in `accepted.yaml`.

They stand here together, so that what authors accept can be read without loading what looks for it. Each is documented
in `docs/checks.md`, or in `docs/verify.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CODES", "LINT", "PROOFS", "STALE"]

LINT = (
    "idle-question",
    "long-sentence",
    "no-obstacle",
    "no-recommendation",
    "no-unlock",
    "repeated-because",
    "thin-rationale",
    "typography",
    "unread-choice",
)
"""What `lint` looks for."""

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

CODES = (*LINT, *PROOFS)
"""All that can be found of a rulebook, and accepted."""

STALE = "stale-acceptance"
"""What is accepted and no longer found: reported too, and not to be accepted."""
