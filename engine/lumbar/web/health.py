"""What tells whoever runs this that it does: alive, ready to be asked, and in numbers."""

import hmac
import json

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.responses import PlainTextResponse

from lumbar.decision.decide import decide, engines
from lumbar.rulebook.catalog import Catalog
from lumbar.web import metrics
from lumbar.web.store.database import answers
from lumbar.web.visit import AtSite

router = APIRouter()


@router.get("/healthz")
def _healthz() -> Response:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def _readyz(site: AtSite) -> Response:
    found = {
        "rules": bool(site.catalog.rules),
        "engines": _agree(site.catalog),
        "database": answers(site.store.engine),
    }
    status = 200 if all(found.values()) else 503
    return Response(json.dumps(found), status, media_type="application/json")


def _agree(catalog: Catalog) -> bool:
    """Return whether every engine runs, and all decide the same for the example person."""
    decision = decide(catalog, catalog.questionnaire.example())
    return not decision.failure and len(decision.engines) == len(engines())


@router.get("/metrics")
def _metrics(request: Request, site: AtSite) -> Response:
    """Give the numbers to who has the token; with none set, at home only."""
    token = site.given.metrics_token
    if token:
        wanted = f"Bearer {token.get_secret_value()}".encode()
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted):
            return PlainTextResponse("", 401, {"WWW-Authenticate": "Bearer"})
    elif site.given.for_the_public:
        raise HTTPException(404)
    return Response(metrics.text(), media_type=metrics.KIND)
