"""A seeded, invented company and what is said of it, with the truth of every post. Pure: tables, no record, no clock."""

from vigie.demo.cast import company
from vigie.demo.corpus import DAYS, POSTS, SEED, batches, truth
from vigie.demo.news import NEWS_SPACE, feed
from vigie.demo.presence import ACCOUNTS, NAMES, counts
from vigie.demo.records import (
    Batch,
    Company,
    DemoAccount,
    DemoBrand,
    DemoCategory,
    DemoCount,
    DemoDimension,
    DemoName,
    DemoSpace,
    DemoUser,
    DemoWatch,
    Truth,
)

__all__ = [
    "ACCOUNTS",
    "DAYS",
    "NAMES",
    "NEWS_SPACE",
    "POSTS",
    "SEED",
    "Batch",
    "Company",
    "DemoAccount",
    "DemoBrand",
    "DemoCategory",
    "DemoCount",
    "DemoDimension",
    "DemoName",
    "DemoSpace",
    "DemoUser",
    "DemoWatch",
    "Truth",
    "batches",
    "company",
    "counts",
    "feed",
    "truth",
]
