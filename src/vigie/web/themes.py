"""Light, dark, or as the system says."""

from django.http import HttpRequest

THEME_COOKIE = "vigie_theme"
"""Cookie that holds `light` or `dark`; absent follows the system."""

THEMES = ("auto", "light", "dark")
"""What the reader may choose."""


def theme(request: HttpRequest) -> str:
    """Return what the reader chose."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"
