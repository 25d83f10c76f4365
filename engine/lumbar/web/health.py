"""What tells whoever runs this that it does."""

from fastapi import APIRouter, Response
from starlette.responses import PlainTextResponse

router = APIRouter()


@router.get("/healthz")
def _healthz() -> Response:
    return PlainTextResponse("ok\n")
