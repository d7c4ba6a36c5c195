"""Media from strangers: what they are, and what is made of them."""

import io
import zlib

import pytest
from PIL import Image

from vigie.errors import SkippableError
from vigie.net import media
from vigie.net.media import sniffed, thumbnail


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF89a", "image/gif"),
        (b"RIFF0000WEBPVP8 ", "image/webp"), (b"RIFF0000WAVEfmt ", "audio/wav"), (b"\0\0\0 ftypavif", "image/avif"),
        (b"\0\0\0 ftypisom", "video/mp4"), (b"\x1a\x45\xdf\xa3", "video/webm"), (b"ID3\x04", "audio/mpeg"),
        (b"OggS", "audio/ogg"), (b"%PDF-1.7", "application/pdf"), (b"<svg xmlns=", None), (b"<!doctype html>", None),
        (b"", None), (b"MZ\x90", None),
    ],
)  # fmt: skip
def test_type_is_read_from_the_first_bytes(body: bytes, name: str | None) -> None:
    assert sniffed(body) == name


def png(width: int, height: int) -> bytes:
    """Return a picture of any size that is a few bytes long."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 20_000), (10_000, 6_000), (2**31 - 1, 1)])
def test_bomb_is_refused_before_it_is_opened(size: tuple[int, int]) -> None:
    with pytest.raises(SkippableError) as told:
        thumbnail(png(*size), "image/png")
    assert told.value.code in {"media.pixels", "media.unreadable"}


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n", png(10, 10)[:40], b"\x89PNG\r\n\x1a\n" + b"x" * 500])
def test_broken_picture_is_told_not_raised(body: bytes) -> None:
    with pytest.raises(SkippableError):
        thumbnail(body, "image/png")


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("GIF", "P"), ("WEBP", "RGBA"), ("JPEG", "CMYK"), ("JPEG", "L")],
)
def test_picture_becomes_a_small_one_of_our_own(form: str, mode: str) -> None:
    sink = io.BytesIO()
    Image.new(mode, (1000, 500)).save(sink, form)
    made = Image.open(io.BytesIO(thumbnail(sink.getvalue(), sniffed(sink.getvalue()) or "") or b""))
    assert (made.format, max(made.size)) == ("WEBP", media.SIDE) and set(made.info) <= {
        "loop",
        "background",
        "timestamp",
        "duration",
    }


def test_film_has_no_picture() -> None:
    assert thumbnail(b"\0\0\0 ftypisom", "video/mp4") is None
