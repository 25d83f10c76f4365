"""Lumbar: a self-care recommender for low back pain, decided by rules that a clinician can read."""

from lumbar.decision.decide import Decision, decide
from lumbar.engines.limits import load
from lumbar.plan.composing import make_plan
from lumbar.plan.document import Plan
from lumbar.reading.problems import BadAnswersError, BadCatalogError, Problem
from lumbar.rulebook.catalog import Catalog

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
