"""Packed answers: opened a piece at a time, however much some bytes grow to, and never twice."""

import gzip
import random
import zlib

import pytest
import requests

from connectors.unpacking import unpacked
from tests.connectors.loopback import Loopback, Reply

_TEXT = random.Random(7).randbytes(300_000) + b"tea " * 100_000


def _raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def read(body: bytes, coding: str) -> list[bytes]:
    with (
        Loopback(lambda request: Reply(200, body, {"Content-Encoding": coding})) as server,
        requests.get(server.url, stream=True, timeout=10) as response,
    ):
        return list(unpacked(response))


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(_TEXT)),
        ("X-GZIP", gzip.compress(_TEXT[:100]) + gzip.compress(_TEXT[100:])),
        ("gzip", gzip.compress(_TEXT) + b"\0" * 20),
        ("deflate", zlib.compress(_TEXT)),
        ("deflate", _raw(_TEXT)),
        ("identity", _TEXT),
    ],
)
def test_what_was_packed_comes_out(coding: str, packed: bytes) -> None:
    assert b"".join(read(packed, coding)) == _TEXT


def test_some_bytes_that_grow_do_so_a_piece_at_a_time() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    with (
        Loopback(lambda request: Reply(200, bomb, {"Content-Encoding": "gzip"})) as server,
        requests.get(server.url, stream=True, timeout=10) as response,
    ):
        pieces = unpacked(response)
        assert [len(next(pieces)) for _ in range(100)] == [64 * 1024] * 100


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(_TEXT)[:-20]),
        ("gzip", b"this is no gzip"),
        ("gzip, gzip", gzip.compress(gzip.compress(_TEXT))),
        ("br", b"..."),
        ("deflate", b"\xff" * 50),
    ],
)
def test_what_is_damaged_or_packed_otherwise(coding: str, packed: bytes) -> None:
    with pytest.raises(requests.exceptions.ContentDecodingError):
        read(packed, coding)


def test_an_empty_answer() -> None:
    assert read(b"", "gzip") == []
