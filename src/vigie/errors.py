"""The exceptions, grouped by what to do next.

VigieError
├── ConfigError      the operator must change a setting
├── SchemaError      the input is not what it should be: the sender must mend it
├── DecisionError    a refused move: the user is told why and may choose another
├── RetryableError   the other side is away: the same call later may do, after `retry_after` seconds
├── SkippableError   this one item can't be read; go on with the next, and count it
└── FatalError       nothing more can be done with this source until somebody acts

A class says what to do; the `code` of an instance (stable, dotted, such as `feed.too_large`) says what happened,
and `facts` hold the numbers and names of its sentence. The shells turn codes into sentences in the reader's language.
"""

from collections.abc import Mapping

Facts = Mapping[str, str | int | float]


class VigieError(Exception):
    """Say what happened, where, and what to do about it."""

    exit_status = 2
    """Exit status of a command that ends with this error (0 done, 2 bad usage or input, 3 a source failed)."""

    def __init__(self, sentence: str, *, code: str, facts: Facts | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.facts = dict(facts or {})


class ConfigError(VigieError):
    """A setting is missing, unknown or contradicts another."""


class SchemaError(VigieError):
    """The input lacks a column, or holds what its column can't."""


class DecisionError(VigieError):
    """The move is refused; the sentence is shown to the user."""


class RetryableError(VigieError):
    """The other side did not answer as it should; try the same again later."""

    exit_status = 3

    def __init__(
        self, sentence: str, *, code: str, retry_after: float | None = None, facts: Facts | None = None
    ) -> None:
        super().__init__(sentence, code=code, facts=facts)
        self.retry_after = retry_after


class SkippableError(VigieError):
    """One item can't be read; the others can."""

    exit_status = 3


class FatalError(VigieError):
    """The source can't be read until somebody acts (gone, refused, not what it was said to be)."""

    exit_status = 3
