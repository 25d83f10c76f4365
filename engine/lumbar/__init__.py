"""Lumbar: a self-care recommender for low back pain, decided by rules that a clinician can read."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lumbar.decision.decide import Decision, decide
    from lumbar.engines.loading import load
    from lumbar.plan.composing import make_plan
    from lumbar.plan.document import Plan
    from lumbar.reading.problems import BadAnswersError, BadCatalogError, Problem
    from lumbar.rulebook.catalog import Catalog

__version__ = "0.1.0"

__all__ = [
    "BadAnswersError",
    "BadCatalogError",
    "Catalog",
    "Decision",
    "Plan",
    "Problem",
    "decide",
    "load",
    "make_plan",
]

_WHERE = {
    "BadAnswersError": "reading.problems",
    "BadCatalogError": "reading.problems",
    "Catalog": "rulebook.catalog",
    "Decision": "decision.decide",
    "Plan": "plan.document",
    "Problem": "reading.problems",
    "decide": "decision.decide",
    "load": "engines.loading",
    "make_plan": "plan.composing",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `lumbar --version` needs none of them."""
    if name not in _WHERE:
        raise AttributeError(f"module 'lumbar' has no attribute '{name}'")
    return getattr(import_module(f"lumbar.{_WHERE[name]}"), name)
