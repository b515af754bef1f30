"""Pictures of products: from where they are fetched, and what is taken for one.

Whoever may edit a product at the system chooses the address that this server asks. So only https and the connection's
own origin are asked, no address of a private network is, and only what decodes as a picture is kept.
"""

from __future__ import annotations

import io
import ipaddress
import warnings
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from .door import shorten
from .errors import Failure, NeedsFixing

MOST_BYTES = 10 * 1024 * 1024
# Of one page: what its pictures may take together, in bytes and seconds.
MOST_BYTES_A_PAGE, MOST_SECONDS_A_PAGE = 50 * 1024 * 1024, 30.0
_KINDS = ("PNG", "JPEG", "GIF", "WEBP")
_NAT64, _GLOBAL = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2000::/3")
_MOST_REDIRECTS = 3
_MOST_PIXELS = 50_000_000


class Forbidden(Exception):
    """An address that no picture is fetched from."""


def left_out(url: str, why: str) -> NeedsFixing:
    """The failure of a picture, which costs nothing but the picture."""
    try:
        host = urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        host = url
    where = f" at {shorten(host, 60)}" if host else ""
    return NeedsFixing(f"The picture{where} was left out: {why}.", code="picture", trace="picture")


def fetch(http: Any, url: str) -> bytes:
    """What is at an address, asked for by the pipeline `http`: tried twice, and whatever goes wrong costs nothing but
    the picture. Raises NeedsFixing. Whether it is a picture, `check` says."""
    for attempt in (1, 2):
        try:
            return _content(http, url)
        except Forbidden:
            raise left_out(url, "its address leads into a private network") from None
        except Failure as failure:
            raise (failure if failure.code == "picture" else left_out(url, "it is too large")) from None
        except (requests.RequestException, OSError, ValueError) as error:
            if attempt == 2 or isinstance(error, (ValueError, requests.exceptions.SSLError)):
                raise left_out(url, f"its server can't be asked ({type(error).__name__})") from None
    return b""


def _content(http: Any, url: str) -> bytes:
    for _hop in range(_MOST_REDIRECTS + 1):
        own = http._is_own(url)
        if not own and urlsplit(url).scheme != "https":
            raise left_out(url, "its address does not begin with https")
        with http._deadline.of(http.picture_timeout, None if own else admit_public):
            answer = http._exchange("GET", url, params=None, data=None, headers=None, most=MOST_BYTES)
        target = answer.headers.get("Location", "") if 300 <= answer.status < 400 else ""
        if not target:
            if not answer.ok:
                raise left_out(url, f"its server answers {answer.status}")
            return answer.body
        url = urljoin(url, target)
    raise left_out(url, "its server redirects in circles")


def admit_public(address: str) -> None:
    """Raises Forbidden for addresses of this computer, its network, and what is reserved."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        # Several kinds hold an IPv4 address, and it is that one which is reached.
        inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else None
        inner = inner or found.ipv4_mapped or found.sixtofour
        if not inner and found not in _GLOBAL:
            raise Forbidden(address)
        found = inner or found
    if not found.is_global or found.is_multicast:
        raise Forbidden(address)


def check(content: bytes, url: str = "") -> None:
    """Raises NeedsFixing for what is no picture, whatever it says that it is."""
    from PIL import Image

    if len(content) > MOST_BYTES:
        raise left_out(url, f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_KINDS) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise left_out(url, f"it has more than {_MOST_PIXELS // 1_000_000} million pixels")
                picture.load()
    except NeedsFixing:
        raise
    except Exception as error:  # PIL has many, and none of them is ours
        raise left_out(url, f"it is no picture of the kinds {', '.join(_KINDS)} ({type(error).__name__})") from None
