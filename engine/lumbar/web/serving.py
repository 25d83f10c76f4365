"""Serving the pages for as long as the process lives, by one process or several."""

import gc
import logging
import os
import signal
import sys
from datetime import date
from logging.config import dictConfig
from tempfile import TemporaryDirectory

import uvicorn
from fastapi import FastAPI

from lumbar.engines.loading import load
from lumbar.web import keeping, logs, metrics, settings
from lumbar.web.app import make_app

_log = logging.getLogger("uvicorn.error")  # where it tells of its start


def run() -> int:
    """Serve until stopped; return the exit code, 0 where it was asked to stop.

    Raises BadSettingsError where the settings are not fit for it.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # to be stopped is no fault
    given = settings.read()
    settings.refuse_unfit(given, load(given.dir).operator)
    _outlive_readers()  # or its workers would be left to themselves once nobody reads its log
    dictConfig(logs.config(given.for_the_public))
    store = keeping.opened(given)
    store.purge()
    _log.info("what people save is kept, sealed, in %s", keeping.place(store))
    store.engine.dispose()
    if given.workers == 1:
        return _serve(given)
    with TemporaryDirectory(prefix="lumbar-metrics-") as folder:
        os.environ[metrics.FOLDER] = folder
        return _serve(given)


def _serve(given: settings.Settings) -> int:
    try:
        uvicorn.run(
            f"{__name__}:app",
            factory=True,
            host=given.host,
            port=given.port,
            workers=given.workers,
            log_config=logs.config(given.for_the_public),
            access_log=False,
            server_header=False,
            forwarded_allow_ips=given.proxies,
            timeout_graceful_shutdown=given.stop_seconds,
            timeout_worker_healthcheck=30,  # a worker that starts on a busy machine is not dead
        )
    except SystemExit as stopped:  # it could not begin, and has said why
        return 1 if stopped.code else 0
    return 0


def app() -> FastAPI:
    """Return the application by the settings of the environment, for the process that serves it."""
    gc.enable()  # a command is over before its garbage matters; this one is not
    _outlive_readers()
    given = settings.read()
    catalog = load(given.dir)
    return make_app(catalog, keeping.opened(given), lambda: date.today().isoformat(), given)


def _outlive_readers() -> None:
    """Go on for all others where a reader goes away."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
