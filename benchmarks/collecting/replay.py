"""`replay.py FRAMES RATE N`: serve frames as a relay does, each with the time it is due at and a key of its own."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from websockets.sync.server import ServerConnection, serve

BATCH_S = 0.01
"""Seconds between two batches."""

LETTERS = b"234567abcdefghijklmnopqrstuvwxyz"


def key(n: int) -> bytes:
    """Return a key of 13 letters."""
    found = bytearray(13)
    for place in range(12, -1, -1):
        n, digit = divmod(n, 32)
        found[place] = LETTERS[digit]
    return bytes(found)


def main(path: str, rate: int, most: int) -> None:
    """Serve one listener."""
    from vigie.platforms.bluesky.frames import split

    frames = [bytearray(frame) for frame in split(Path(path).read_bytes()) if frame]
    times = [frame.index(b"dtimex\x18") + 7 for frame in frames]
    keys = [frame.index(b"app.bsky.feed.post/") + 19 for frame in frames]

    def handler(connection: ServerConnection) -> None:
        begun, sent, start = time.monotonic(), 0, datetime.now(UTC)
        at_once = max(int(rate * BATCH_S), 1)
        while sent < most:
            due = min(int((time.monotonic() - begun) * rate), most)
            # A listener that is behind makes us send late: the time said is that at which a post was due.
            for n in range(sent, due):
                if n % at_once == 0 or n == sent:
                    at = start + timedelta(seconds=n / rate)
                    now = at.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
                frame, place = frames[n % len(frames)], n % len(frames)
                frame[times[place] : times[place] + 24] = now
                frame[keys[place] : keys[place] + 13] = key(n)
                connection.send(bytes(frame))
            sent = max(due, sent)
            time.sleep(BATCH_S)
        connection.recv()

    server = serve(handler, "127.0.0.1", 0, compression=None)
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
