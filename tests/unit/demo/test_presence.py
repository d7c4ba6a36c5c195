"""Accounts and names of the story: invented, the same at every run, each name with what is true of it."""

from datetime import date, timedelta

import pytest

from vigie import demo
from vigie.collect.names import normal
from vigie.schema.vocab import NameDecision, NameKind

UNTIL = date(2026, 10, 30)


@pytest.mark.parametrize("account", demo.ACCOUNTS, ids=lambda a: a.name)
def test_counts_are_the_same_at_every_run_and_shift_with_the_end(account: demo.DemoAccount) -> None:
    counts = demo.counts(account, until=UNTIL, days=90)
    assert counts == demo.counts(account, until=UNTIL, days=90)
    later = demo.counts(account, until=UNTIL + timedelta(days=5), days=90)
    assert [c.followers for c in later] == [c.followers for c in counts]
    assert counts[-1].day == UNTIL and counts[0].day == UNTIL - timedelta(days=89)
    assert len(counts) == 87, "three days in ninety are missed, and are no zero"


def test_our_account_is_followed_more_while_the_bad_buzz_lasts() -> None:
    followers = [c.followers for c in demo.counts(demo.ACCOUNTS[0], until=UNTIL, days=90)]
    assert followers[-1] - followers[-10] > 1.5 * (followers[-20] - followers[-29])


def test_names_are_invented_whole_and_of_every_sort() -> None:
    users = {user.email for user in demo.company().users}
    assert {name.is_ours for name in demo.NAMES} == {True, False, None}
    for name in demo.NAMES:
        assert ".example" in name.address and name.truth
        assert normal(NameKind(name.kind), name.address) == name.address
        assert name.decision in {"", *NameDecision} and name.owner in {"", *users}
        assert (name.is_ours is False) == bool(name.decision) and (name.is_ours is True) == bool(name.holder)
