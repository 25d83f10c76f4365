"""Numbers for Prometheus: how many requests, how long they took, how often something went wrong.

With several workers each keeps its numbers in a file of a folder that they share, named by
PROMETHEUS_MULTIPROC_DIR, and whichever is asked adds them up.
"""

import logging
import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

KIND = CONTENT_TYPE_LATEST
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_BOUNDS = (0.005, 0.01, 0.015, 0.03, 0.06, 0.1, 0.15, 0.3, 1, 3, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]
_answered = Counter(
    "lumbar_requests", "Requests that were answered.", ["route", "method", "status"]
)
_took = Histogram(
    "lumbar_request_seconds", "From a request to the end of its answer.", ["route"], buckets=_BOUNDS
)
_wrong = Counter("lumbar_errors", "Errors told in the log, by who tells them.", ["by"])


def count(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request; the route is one of ours, never an address."""
    _answered.labels(route, method, str(status)).inc()
    _took.labels(route).observe(seconds)


class Errors(logging.Handler):
    """Counts the errors that are logged: two engines that disagree, and whatever broke."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record."""
        _wrong.labels(record.name).inc()


def text() -> bytes:
    """Return all numbers in the text format of Prometheus."""
    if FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    every = CollectorRegistry()
    MultiProcessCollector(every)  # type: ignore[no-untyped-call]
    return generate_latest(every)
