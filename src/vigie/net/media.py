"""Pictures, sound and film from strangers: what they are is read from their bytes, and a small picture of our own made."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from vigie.errors import SkippableError

MAX_BYTES = 10 * 2**20
"""Bytes of a medium that is kept: encrypted it is 13 MB of one row of the record, which is read and written whole. What is
larger, such as a film, is kept by its address alone, and the page says so."""

MAX_PIXELS = 50_000_000
"""Pixels of a picture that is opened: what a telephone makes; 150 MB once decompressed, and more is a bomb or a map."""

SIDE = 320
"""Longest side of our picture, in pixels: enough to know it again, on a telephone too."""

QUALITY = 75
"""Of WebP: what Pillow takes unless told otherwise."""

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
"""What is opened, with the reader's name; others are kept and not shown."""

_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
)
"""(place, bytes, type): the signatures of the WHATWG MIME Sniffing standard §6 that posts carry; SVG is a script and no medium."""


def sniffed(body: bytes) -> str | None:
    """Return what a medium is by its first bytes; `None` for what is none: a page, a script, a drawing of scripts."""
    return next((name for at, sign, name in _SIGNS if body[at : at + len(sign)] == sign), None)


def thumbnail(body: bytes, media_type: str) -> bytes | None:
    """Return a small WebP picture without any of the data around it (EXIF, position); `None` for what is no picture.

    Raises:
        SkippableError: it can't be read, or would take too much memory.
    """
    if media_type not in PICTURES:
        return None
    try:
        with warnings.catch_warnings():
            # Pillow warns of what our own bound, which is lower, refuses.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=(PICTURES[media_type],)) as picture:
                return _small(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as exc:
        raise SkippableError("The picture can't be read.", code="media.unreadable") from exc


def _small(picture: Image.Image) -> bytes:
    if picture.width * picture.height > MAX_PIXELS:
        raise SkippableError("The picture is too large to be opened.", code="media.pixels")
    picture.draft("RGB", (SIDE, SIDE))
    turned = ImageOps.exif_transpose(picture)
    turned.thumbnail((SIDE, SIDE))
    # Drawn anew, so that nothing but its dots goes along.
    clean = Image.new("RGB", turned.size, "white")
    rgba = turned.convert("RGBA")
    clean.paste(rgba, mask=rgba.getchannel("A"))
    sink = io.BytesIO()
    clean.save(sink, "WEBP", quality=QUALITY)
    return sink.getvalue()
