"""Months of days, as the mirror's files are named: YYYY-MM."""

from datetime import date

import pyarrow as pa


def months_of(table: pa.Table) -> set[str]:
    days = table["day"].unique().to_pylist()
    return {day.isoformat()[:7] for day in days}


def month_of(day: date | None, otherwise: str) -> str:
    return day.isoformat()[:7] if day else otherwise


def next_month(month: str) -> str:
    if month == "9999-99":
        return month
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)
