"""Why an action has its status, why not another one, and what would change it."""

from conseil.explanation.model import Change, Explanation, Proof, ProofKind, Shortfall, Term, explain
from conseil.explanation.search import MOST_CHANGES, ChangeKind, Interval

__all__ = [
    "MOST_CHANGES",
    "Change",
    "ChangeKind",
    "Explanation",
    "Interval",
    "Proof",
    "ProofKind",
    "Shortfall",
    "Term",
    "explain",
]
