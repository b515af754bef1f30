"""The body of an answer in small pieces, unpacked here: how much some bytes may grow to at once, and how often they are
unpacked, does not hang on the version of a library."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import requests

_CHUNK = 64 * 1024
# The window that zlib is to expect: 32 above its own finds out whether it is gzip or deflate.
_EITHER = 32 + zlib.MAX_WBITS
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_PLAIN = frozenset({"", "identity"})


def unpacked(response: requests.Response) -> Iterator[bytes]:
    """Pieces of at most 64 KiB. Raises requests' exceptions: `ContentDecodingError` for what is packed twice, in a way
    that was not asked for, or is damaged or cut off."""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in _PLAIN:
        yield from response.iter_content(_CHUNK)
    elif coding in _PACKED:
        # Without it the library hands out what came as it is.
        response.raw.headers.pop("Content-Encoding", None)
        yield from _opened(response.iter_content(_CHUNK))
    else:
        raise requests.exceptions.ContentDecodingError


def _opened(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = None
    for piece in pieces:
        rest = piece
        while rest:
            unpacker = unpacker or zlib.decompressobj(_window(rest))
            try:
                yield from _emptied(unpacker, rest)
            except zlib.error as error:
                raise requests.exceptions.ContentDecodingError from error
            rest = b""
            if unpacker.eof:
                # Packed parts may follow one another; blanks behind the last are none of it.
                rest, unpacker = unpacker.unused_data.lstrip(b"\0"), None
    if unpacker:
        raise requests.exceptions.ContentDecodingError


def _emptied(unpacker: zlib._Decompress, rest: bytes) -> Iterator[bytes]:
    opened = unpacker.decompress(rest, _CHUNK)
    # Nothing left to read may still mean something left to write.
    while opened:
        yield opened
        opened = unpacker.decompress(unpacker.unconsumed_tail, _CHUNK) if not unpacker.eof else b""


def _window(piece: bytes) -> int:
    """Some servers call deflate what has no header of zlib's."""
    return _EITHER if piece[0] == 0x1F or piece[0] & 0x0F == 8 else -zlib.MAX_WBITS
