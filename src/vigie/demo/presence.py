"""What the invented company and its competitors count of their accounts, and what bears their names. None of it exists."""

import random
from datetime import date, timedelta

from vigie.demo import pace
from vigie.demo.cast import AERIVANE_BRAND, KALMEDIS, ORSENNE, VAUBRUN
from vigie.demo.corpus import SEED
from vigie.demo.records import DemoAccount, DemoCount, DemoName
from vigie.schema.vocab import NameDecision, NameKind, Network

ACCOUNTS = (
    DemoAccount("Laboratoire Vaubrun", "https://piaf-sante.example/@vaubrun", Network.MASTODON.value, VAUBRUN, 4_120, 6.0, 3.2),
    DemoAccount("Kalmédis", "https://piaf-sante.example/@kalmedis", Network.MASTODON.value, KALMEDIS, 5_380, 9.0, 1.0),
    DemoAccount("Orsenne Pharma", "https://ciel-sante.example/orsenne-pharma", Network.BLUESKY.value, ORSENNE, 2_240, 3.0, 1.0),
)  # fmt: skip
"""Three accounts: ours, which people come to during the bad buzz, and two competitors'."""

NAMES = (
    DemoName("Sérélium avis", NameKind.DOMAIN.value, "serelium-avis.example", VAUBRUN, "somebody sells tablets there", is_ours=False,
             decision=NameDecision.REPORT.value, owner="communaute@vaubrun.test", due_in=-3, note="Signalé à l’hébergeur ; relancer."),
    DemoName("serelium_officiel", NameKind.ACCOUNT.value, "piaf-sante.example serelium_officiel", VAUBRUN, "somebody passes for us"),
    DemoName("Sérélium, les victimes", NameKind.PAGE.value, "https://forum.thyroide-entraide.example/groupes/serelium-victimes", VAUBRUN,
             "patients who meet", is_ours=False, decision=NameDecision.TOLERATE.value, note="Groupe de patients : on lit, on ne ferme pas."),
    DemoName("vaubrun.example", NameKind.DOMAIN.value, "vaubrun.example", VAUBRUN, "ours", is_ours=True, holder="Direction de la communication"),
    DemoName("Aérivane mode d’emploi", NameKind.PAGE.value, "https://videos.example/aerivane-mode-d-emploi", AERIVANE_BRAND, "a pharmacist explains"),
)  # fmt: skip
"""Five entries of the register: overdue, to decide, tolerated, ours, and one of the other brand; each with what is true of it."""

MISSED_EVERY = 23
"""Days between two on which nothing was counted: readings fail now and then, and a missing day is no zero."""


def counts(account: DemoAccount, *, until: date, days: int, seed: int = SEED) -> list[DemoCount]:
    """Return the invented counts of an account by day, the last one on `until`; the same at every run."""
    dice = random.Random(f"{seed} {account.address}")  # noqa: S311 -- a story, no secret
    followers, posts, found = float(account.followers), account.followers // 3, []
    for back in range(days - 1, -1, -1):
        loud = account.loud if back < pace.BUZZ_STARTS else 1.0
        followers += account.daily * loud * dice.uniform(-0.4, 2.4)
        posts += dice.randint(0, 3)
        if back % MISSED_EVERY != MISSED_EVERY - 1:
            found.append(DemoCount(until - timedelta(days=back), round(followers), account.followers // 12, posts))
    return found
