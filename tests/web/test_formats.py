"""Numbers and dates as a French and an English reader write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from vigie.web import formats

NOW = datetime(2026, 10, 30, 8, 2, tzinfo=UTC)
N = "\u202f"


@pytest.mark.parametrize(
    ("language", "call", "text"),
    [
        ("fr", lambda: formats.number(12480), f"12{N}480"),
        ("en", lambda: formats.number(12480), "12,480"),
        ("fr", lambda: formats.number(-12), "−12"),
        ("fr", lambda: formats.number(None), "–"),
        ("fr", lambda: formats.number(0.644, 2), "0,64"),
        ("fr", lambda: formats.signed(18), "+18"),
        ("fr", lambda: formats.signed(0), "0"),
        ("fr", lambda: formats.signed(-0.5, 1), "−0,5"),
        ("fr", lambda: formats.percent(0.37), f"37{N}%"),
        ("en", lambda: formats.percent(0.37), "37%"),
        ("fr", lambda: formats.percent(0.3712, 1), f"37,1{N}%"),
        ("fr", lambda: formats.percent(None), "–"),
        ("fr", lambda: formats.compact(3_120_000), f"3,1{N}M"),
        ("en", lambda: formats.compact(3_120_000), "3.1M"),
        ("fr", lambda: formats.compact(4_212), f"4{N}212"),
        ("fr", lambda: formats.compact(412_345), f"412{N}k"),
        ("fr", lambda: formats.day(date(2026, 10, 1)), "1ᵉʳ octobre 2026"),
        ("fr", lambda: formats.day(date(2026, 10, 2)), "2 octobre 2026"),
        ("fr", lambda: formats.day(date(2026, 10, 1), "short"), "1ᵉʳ oct."),
        ("fr", lambda: formats.day(date(2026, 10, 11), "short"), "11 oct."),
        ("en", lambda: formats.day(date(2026, 10, 1)), "October 1, 2026"),
        ("fr", lambda: formats.moment(NOW), "30 oct. 2026, 09:02"),
        ("en", lambda: formats.moment(NOW), "Oct 30, 2026, 9:02 AM"),
        ("fr", lambda: formats.window(date(2026, 10, 1), date(2026, 10, 30)), "1ᵉʳ au 30 octobre 2026"),
        ("fr", lambda: formats.window(date(2026, 9, 28), date(2026, 10, 30)), "28 septembre au 30 octobre 2026"),
        ("fr", lambda: formats.window(date(2025, 12, 28), date(2026, 1, 3)), "28 décembre 2025 au 3 janvier 2026"),
        ("en", lambda: formats.window(date(2026, 10, 1), date(2026, 10, 30)), "October 1 – October 30, 2026"),
        ("fr", lambda: formats.ago(NOW - timedelta(seconds=20), NOW), "à l’instant"),
        ("fr", lambda: formats.ago(NOW - timedelta(minutes=24), NOW), "il y a 24 min"),
        ("fr", lambda: formats.ago(NOW - timedelta(hours=2), NOW), "il y a 2 h"),
        ("fr", lambda: formats.ago(NOW - timedelta(hours=25), NOW), "hier"),
        ("fr", lambda: formats.ago(NOW - timedelta(days=3), NOW), "il y a 3 jours"),
        ("fr", lambda: formats.ago(NOW - timedelta(days=29), NOW), "1ᵉʳ oct."),
        ("fr", lambda: formats.ago(NOW - timedelta(days=400), NOW), "25 sept. 2025"),
        ("en", lambda: formats.ago(NOW - timedelta(days=3), NOW), "3 days ago"),
        ("fr", lambda: formats.ago(NOW + timedelta(minutes=12), NOW), "dans 12 min"),
        ("fr", lambda: formats.duration(312), f"5{N}min"),
        ("fr", lambda: formats.duration(0.34), f"0,3{N}s"),
        ("fr", lambda: formats.duration(7500), f"2{N}h 5{N}min"),
        ("fr", lambda: formats.size(1_024_000), f"1,0{N}Mo"),
        ("en", lambda: formats.size(999), f"999{N}B"),
    ],
)  # fmt: skip
def test_format_writes_as_the_language_does(language: str, call: object, text: str) -> None:
    with translation.override(language):
        assert call() == text  # type: ignore[operator]
