"""The short names under which authors are shown."""

import base64


def pseudonym(author_key: bytes) -> str:
    """Return the short name of an author: five letters and digits of the keyed hash.

    Forty bits fold into eight characters; five of them (25 bits) tell apart the authors of a page, not of the world.
    """
    return base64.b32encode(author_key[:5]).decode()[:5]
