"""A seeded, invented company and what is said of it, with the truth of every post. Pure: tables, no record, no clock."""

from vigie.demo.cast import company
from vigie.demo.corpus import DAYS, POSTS, SEED, batches, truth
from vigie.demo.records import Batch, Company, DemoBrand, DemoSpace, DemoUser, DemoWatch, Truth

__all__ = [
    "DAYS",
    "POSTS",
    "SEED",
    "Batch",
    "Company",
    "DemoBrand",
    "DemoSpace",
    "DemoUser",
    "DemoWatch",
    "Truth",
    "batches",
    "company",
    "truth",
]
