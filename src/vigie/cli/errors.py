"""End a command as scripts expect: one line on standard error, and an exit status that says whose turn it is."""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from vigie.errors import VigieError

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 plus the signal's number (POSIX shells)."""


def guarded(run: Callable[[], Any]) -> int:
    """Run a command and return its exit status: 0 done, 2 bad usage or input, 3 a source failed."""
    try:
        run()
    except VigieError as error:
        sys.stderr.write(f"vigie: {error.sentence} [{error.code}]\n")
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except FileNotFoundError as error:
        sys.stderr.write(f"vigie: there is no file {error.filename} [file.missing]\n")
        return 2
    return 0


def leave(status: int) -> NoReturn:
    """End the process at once, all output written.

    The engines under the archive and the mirror keep threads of their own, which an interpreter that shuts down meets in
    no order: one end in some thirty aborted, its work done and its output written, with a status that told of a failure.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    logging.shutdown()
    os._exit(status)


def status_of(run: Callable[[], Any]) -> int:
    """Run a command that may end by `SystemExit`, and return its exit status."""
    try:
        return guarded(run)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
            return 1
        return end.code or 0
