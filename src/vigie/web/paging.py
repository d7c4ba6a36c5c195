"""Addresses of pages by key."""

from django.http import HttpRequest


def key(request: HttpRequest, name: str = "after") -> int | None:
    """Return the key after which the page goes on, as the address says; none on the first page."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else None  # noqa: PLR2004 -- of 64 bits


def links(request: HttpRequest, more_after: int | None, name: str = "after") -> dict[str, str]:
    """Return the addresses `next` and `first`, with all else that the address asks; empty where there is none."""
    return {
        "next": _address(request, name, more_after) if more_after is not None else "",
        "first": _address(request, name, None) if name in request.GET else "",
    }


def _address(request: HttpRequest, name: str, value: int | None) -> str:
    asked = request.GET.copy()
    asked.pop(name, None)
    if value is not None:
        asked[name] = str(value)
    query = asked.urlencode()
    return f"{request.path}?{query}" if query else request.path
