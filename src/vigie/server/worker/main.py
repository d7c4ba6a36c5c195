"""The worker process: `python -m vigie.server.worker.main`."""

import logging
import os
import signal
import socket
from types import FrameType

import django

log = logging.getLogger("vigie.worker")

YIELDS = 5
"""How much the worker stands back behind pages when both want a processor (nice(2)): the kernel gives it a third of a page's share,
which is enough that what it holds locked is not held for long. Alone it works as fast as ever."""


def main() -> None:
    """Run the loop until SIGTERM or SIGINT; work under way stops at its next checkpoint and goes back as it stands."""
    os.nice(YIELDS)
    django.setup()
    from vigie.server import clock  # noqa: PLC0415 -- settings load after the set-up
    from vigie.server.worker.handlers import handlers  # noqa: PLC0415 -- models load after the set-up
    from vigie.server.worker.loop import Loop  # noqa: PLC0415 -- models load after the set-up
    from vigie.server.worker.schedule import Schedule  # noqa: PLC0415 -- models load after the set-up

    loop = Loop(handlers(), holder=f"{socket.gethostname()}:{os.getpid()}", tick=Schedule(clock=clock.now).tick)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        loop.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("worker.started", extra={"holder": loop.holder})
    loop.run()
    log.info("worker.stopped", extra={"holder": loop.holder})


if __name__ == "__main__":
    main()
