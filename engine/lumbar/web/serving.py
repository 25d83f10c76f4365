"""Serving the pages for as long as the process lives."""

import gc
import signal
from contextlib import suppress
from datetime import date

import uvicorn

from lumbar.rulebook.catalog import Catalog
from lumbar.web.app import make_app


def run(catalog: Catalog, host: str, port: int, *, require_signed: bool) -> int:
    """Serve until stopped; return the exit code, 0 where it was asked to stop.

    No request is logged: not even which page somebody read is anybody's business.
    """
    gc.enable()  # a command is over before its garbage matters; this one is not
    if hasattr(signal, "SIGPIPE"):  # a reader who goes away must not end it for all others
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    app = make_app(catalog, lambda: date.today().isoformat(), require_signed=require_signed)
    config = uvicorn.Config(app, host=host, port=port, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        server.run()
    return 0 if server.started else 1
