"""A page as a PDF that a screen reader can read, where WeasyPrint is installed."""

import logging
from functools import cache
from threading import Lock

_one_by_one = Lock()  # what draws the text shares its fonts, and a PDF takes half a second
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it may quote the page


@cache
def available() -> bool:
    """Return whether PDFs can be written here: WeasyPrint, and the libraries that it draws with."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


def written(page: str, style: str) -> bytes:
    """Return a page of HTML as a tagged PDF; nothing is fetched for it."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    inside = URLFetcher(allowed_protocols=("data",))
    with _one_by_one:
        look = CSS(string=style, url_fetcher=inside)
        document = HTML(string=page, url_fetcher=inside)
        return bytes(document.write_pdf(stylesheets=[look], pdf_variant="pdf/ua-1"))
