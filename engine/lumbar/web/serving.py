"""Serving the pages for as long as the process lives."""

import gc
import logging
import signal
from contextlib import suppress
from datetime import date

import uvicorn

from lumbar.engines.loading import load
from lumbar.web import keeping, settings
from lumbar.web.app import make_app

_log = logging.getLogger("uvicorn.error")  # where it tells of its start


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
    store = keeping.opened(given)
    store.purge()
    _log.info("what people save is kept, sealed, in %s", keeping.place(store))
    app = make_app(catalog, store, _today, require_signed=given.require_signed)
    config = uvicorn.Config(
        app, host=given.host, port=given.port, access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        server.run()
    return 0 if server.started else 1


def _today() -> str:
    return date.today().isoformat()
