"""What is written of a running server: lines of JSON that hold no answer, no code and no name.

A line has the fields that are named here and no others. Of an error it tells the kind and the
place, never the message: that may hold what a person sent.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lumbar.web.metrics import Errors

REQUESTS = "lumbar.web.requests"

request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonLines(logging.Formatter):
    """Makes a line of JSON of a record; more fields are in its `facts`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "by": record.name,
            "said": record.getMessage(),
        }
        if request := request_id.get():
            line["request"] = request
        if record.exc_info and record.exc_info[1]:
            line["error"] = kind_and_place(record.exc_info[1])
        return json.dumps(line | getattr(record, "facts", {}))


def config(for_the_public: bool) -> dict[str, Any]:
    """Return how to log: JSON lines and each request for the public; at home what goes wrong."""
    plain = {"format": "%(levelname)s: %(message)s"}
    level = "INFO" if for_the_public else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": JsonLines} if for_the_public else plain},
        "handlers": {
            "out": {"class": "logging.StreamHandler", "formatter": "lines"},
            "count": {"()": Errors, "level": "ERROR"},
        },
        "root": {"handlers": ["out", "count"], "level": "WARNING"},
        "loggers": {
            "lumbar": {"level": level},
            "uvicorn": {"level": "INFO"},
            "uvicorn.access": {"level": "CRITICAL", "propagate": False},  # it tells addresses
        },
    }


def kind_and_place(error: BaseException) -> str:
    """Return the kind of an error, and the file and line that it came from."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    file = Path(trace.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} in {file}:{trace.tb_lineno}"
