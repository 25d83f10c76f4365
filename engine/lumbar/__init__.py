"""Lumbar: a self-care recommender for low back pain, decided by rules that a clinician can read."""

from lumbar.catalog import Catalog, load
from lumbar.decide import Decision, decide
from lumbar.document import Plan
from lumbar.plan import make_plan
from lumbar.problems import BadAnswersError, BadCatalogError, Problem

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
