"""The application, put together. No address holds an answer: a page is found by its number."""

import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from lumbar.rulebook.catalog import Catalog
from lumbar.web import api, asking, checking_in, health, look, planned, saving
from lumbar.web.guard import FOR_THE_PUBLIC, HEADERS, AtHome, Guard
from lumbar.web.published import Published
from lumbar.web.rates import Limit, Rates
from lumbar.web.settings import Settings
from lumbar.web.store.store import Store
from lumbar.web.visit import Remembering, Site, to
from lumbar.web.watching import Watch

_log = logging.getLogger(__name__)


def make_app(
    catalog: Catalog, store: Store, today: Callable[[], str], given: Settings | None = None
) -> FastAPI:
    """Return the application; `today` tells the day, as 2026-11-22, that stands on a plan."""
    given = given or Settings()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.site = Site(catalog, store, today, given)
    app.state.published = Published(catalog)
    # what is added last is asked first
    app.add_middleware(Remembering)
    app.add_middleware(Limit, rates=Rates(given.requests_a_minute), failed=_failed)
    if not given.for_the_public:
        app.add_middleware(AtHome, failed=_failed)
    headers = FOR_THE_PUBLIC if given.for_the_public else HEADERS
    app.add_middleware(Guard, failed=_failed, headers=headers)
    app.add_middleware(Watch)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(SQLAlchemyError, _not_kept)
    for theme in (asking, planned, checking_in, saving, look, api, health):
        app.include_router(theme.router)
    return app


def _not_kept(request: Request, error: Exception) -> Response:
    """Say to try again where the database does not answer; what went wrong is told by its kind."""
    _log.error("the database does not answer: %s", type(error).__name__)
    return _failed(request, 503)


def _refused(request: Request, error: Exception) -> Response:
    """Lead somewhere else, or say why there is no page; an address that fits none is unknown."""
    if not isinstance(error, HTTPException):
        return _failed(request, 404)
    if error.status_code == 303:
        return to((error.headers or {})["Location"])
    answer = _failed(request, error.status_code, error)
    answer.headers.update(error.headers or {})
    return answer


def _failed(request: Request, status: int, error: HTTPException | None = None) -> Response:
    """Return what says why there is nothing: a page to a person, a document to a program."""
    site: Site = request.app.state.site
    if not request.scope["path"].startswith(api.PREFIX):
        return site.pages.failed(status)
    detail: Any = error.detail if error else ()
    return api.problem(status, detail if isinstance(detail, tuple) else ())
