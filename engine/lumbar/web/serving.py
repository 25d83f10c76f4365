"""Serving the pages for as long as the process lives."""

import gc
import signal
from contextlib import suppress
from datetime import date

import uvicorn

from lumbar.engines.loading import load
from lumbar.web import settings
from lumbar.web.app import make_app


def run() -> int:
    """Serve until stopped; return the exit code, 0 where it was asked to stop.

    Raises BadSettingsError where the settings are not fit for it. No request is logged: not even
    which page somebody read is anybody's business.
    """
    gc.enable()  # a command is over before its garbage matters; this one is not
    if hasattr(signal, "SIGPIPE"):  # a reader who goes away must not end it for all others
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    given = settings.read()
    catalog = load(given.dir)
    settings.refuse_unfit(given, catalog.operator)
    app = make_app(catalog, lambda: date.today().isoformat(), require_signed=given.require_signed)
    config = uvicorn.Config(
        app, host=given.host, port=given.port, access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        server.run()
    return 0 if server.started else 1
