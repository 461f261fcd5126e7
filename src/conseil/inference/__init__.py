"""The verdict of every rule on a profile, by engines that share one meaning."""

from conseil.inference.compiled import CompiledEngine
from conseil.inference.durable import DurableEngine
from conseil.inference.model import Engine, Inference, Verdicts
from conseil.inference.reference import ReferenceEngine
from conseil.inference.selection import ENGINES, EngineStatus, compile_rulebook, engine_status

__all__ = [
    "ENGINES",
    "CompiledEngine",
    "DurableEngine",
    "Engine",
    "EngineStatus",
    "Inference",
    "ReferenceEngine",
    "Verdicts",
    "compile_rulebook",
    "engine_status",
]
