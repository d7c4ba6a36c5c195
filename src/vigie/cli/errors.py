"""End a command as scripts expect: one line on standard error, and an exit status that says whose turn it is."""

import os
import sys
from collections.abc import Callable
from typing import Any

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
