"""What the current request or piece of work is called, for logs and audit."""

from contextvars import ContextVar

REFERENCE: ContextVar[str] = ContextVar("vigie_reference", default="")
"""Id of the request (`r-…`) or piece of work (`w-…`) under way; empty outside both."""

REFERENCE_HEADER = "Vigie-Reference"
"""Header of every answer of ours with the reference of its request; `vigie doctor` knows Vigie by it."""
