"""The style sheet, the icon and the one script, which a browser may keep for a day."""

from fastapi import APIRouter, Response

from lumbar.web.visit import Visiting

_DAY = 86_400  # seconds

router = APIRouter()


@router.get("/style.css")
def _style(visit: Visiting) -> Response:
    return _kept(visit.site.pages.style, "text/css")


@router.get("/icon.svg")
def _icon(visit: Visiting) -> Response:
    return _kept(visit.site.pages.icon, "image/svg+xml")


@router.get("/timer.js")
def _timer(visit: Visiting) -> Response:
    return _kept(visit.site.pages.timer, "text/javascript")


def _kept(text: str, kind: str) -> Response:
    return Response(text, media_type=kind, headers={"Cache-Control": f"max-age={_DAY}"})
