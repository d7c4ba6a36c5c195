"""Work that waits for a host's turn: held under our lease, in no runner."""

import threading
from collections import deque

from vigie.server.services.work import Claimed

MOST = 2_000
"""Pieces of work held at once; at 50 feeds a second, each waiting a second once, fifty would do."""

MOST_OF_A_HOST = 100
"""Pieces held of one host, which is asked once a second; the others go back, so that a host of many spaces fills no more
than a twentieth of the room."""


class Parked:
    """What waits, in the order of each host: one piece a look, for one request is what a host's turn allows."""

    def __init__(self) -> None:
        self._hosts: dict[str, deque[Claimed]] = {}
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._hosts.values()))

    def ids(self) -> list[int]:
        """Return the rows that are held."""
        with self._lock:
            return [one.id for queue in self._hosts.values() for one in queue]

    def put(self, claimed: Claimed, host: str, *, until: float) -> bool:
        """Hold a piece of work until an instant; say no when too much of its host is held."""
        with self._lock:
            queue = self._hosts.setdefault(host, deque())
            if len(queue) >= MOST_OF_A_HOST:
                return False
            queue.append(claimed)
            self._due[host] = max(until, self._due.get(host, until))
            return True

    def due(self, now: float, limit: int) -> list[Claimed]:
        """Take out at most one piece of every host whose turn has come."""
        with self._lock:
            ready = [host for host, at in self._due.items() if at <= now][:limit]
            return [self._taken(host) for host in ready]

    def _taken(self, host: str) -> Claimed:
        queue = self._hosts[host]
        one = queue.popleft()
        if not queue:
            del self._hosts[host], self._due[host]
        return one

    def empty(self) -> list[Claimed]:
        """Take everything out."""
        with self._lock:
            held = [one for queue in self._hosts.values() for one in queue]
            self._hosts, self._due = {}, {}
            return held
