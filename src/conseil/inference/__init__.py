"""The verdict of every rule on a profile, by engines that share one meaning."""

from conseil.inference.model import Engine, Inference
from conseil.inference.reference import ReferenceEngine

__all__ = ["Engine", "Inference", "ReferenceEngine"]


def compile_rulebook(rulebook, name=None):  # placeholder until selection.py stands
    return ReferenceEngine(rulebook)
