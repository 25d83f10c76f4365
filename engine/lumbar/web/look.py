"""The style sheet, the icon and the two scripts, which a browser may keep for a day.

They are nobody's visit: what may be kept on the way must never carry anybody's cookie.
"""

from fastapi import APIRouter, Response

from lumbar.web.visit import AtSite

_DAY = 86_400  # seconds

router = APIRouter()


@router.get("/style.css")
def _style(site: AtSite) -> Response:
    return _kept(site.pages.style, "text/css")


@router.get("/icon.svg")
def _icon(site: AtSite) -> Response:
    return _kept(site.pages.icon, "image/svg+xml")


@router.get("/timer.js")
def _timer(site: AtSite) -> Response:
    return _kept(site.pages.scripts["timer"], "text/javascript")


@router.get("/code.js")
def _code(site: AtSite) -> Response:
    return _kept(site.pages.scripts["code"], "text/javascript")


def _kept(text: str, kind: str) -> Response:
    return Response(text, media_type=kind, headers={"Cache-Control": f"max-age={_DAY}"})
