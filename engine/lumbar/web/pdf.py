"""A page as a PDF that a screen reader can read, where WeasyPrint is installed."""

import logging
from functools import cache

logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it tells of CSS that it does not know


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
    look = CSS(string=style, url_fetcher=inside)
    return bytes(
        HTML(string=page, url_fetcher=inside).write_pdf(
            stylesheets=[look], pdf_variant="pdf/ua-1", pdf_identifier=b"lumbar"
        )
    )
