"""The application, put together. No address holds an answer: a page is found by its number."""

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lumbar.rulebook.catalog import Catalog
from lumbar.web import asking, health, look, planned
from lumbar.web.guard import Guard
from lumbar.web.visit import Site, to


def make_app(
    catalog: Catalog, today: Callable[[], str], *, require_signed: bool = False
) -> FastAPI:
    """Return the application; `today` tells the day, as 2026-11-22, that stands on a plan."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    site = app.state.site = Site(catalog, today, require_signed)
    app.add_middleware(Guard, failed=site.pages.failed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    for theme in (asking, planned, look, health):
        app.include_router(theme.router)
    return app


def _refused(request: Request, error: Exception) -> Response:
    """Lead somewhere else, or say why there is no page; an address that fits none is unknown."""
    site: Site = request.app.state.site
    if not isinstance(error, HTTPException):
        return site.pages.failed(404)
    if error.status_code == 303:
        return to((error.headers or {})["Location"])
    return site.pages.failed(error.status_code)
