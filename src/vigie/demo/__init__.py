"""A seeded, invented company and what is said of it, with the truth of every post. Pure: tables, no record, no clock."""

from vigie.demo.company import Company, DemoBrand, DemoSpace, DemoUser, DemoWatch, company
from vigie.demo.corpus import SEED, Batch, Truth, batches, truths

__all__ = ["SEED", "Batch", "Company", "DemoBrand", "DemoSpace", "DemoUser", "DemoWatch", "Truth", "batches", "company", "truths"]
