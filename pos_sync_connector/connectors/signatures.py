"""Whether a webhook comes from who it says: its signature over the raw bytes, as each system computes it.

A system states a `Scheme`; nothing else here knows one system from another.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from .answers import WebhookRequest
from .errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """An HMAC in a header. `signs`: what is signed, in order, of "url" (the address that the webhook was sent to) and
    "body" (the raw bytes); `digest`: the hash; `encoding`: "base64" or "hex"."""

    header: str
    signs: tuple[str, ...] = ("body",)
    digest: str = "sha256"
    encoding: str = "base64"

    def sign(self, secret: str, *, body: bytes, url: str = "") -> str:
        parts = {"body": body, "url": url.encode()}
        return hmac_of(secret, b"".join(parts[name] for name in self.signs), self.digest, self.encoding)

    def verify(self, secret: str, request: WebhookRequest) -> None:
        """Raises Refused: without a secret nothing can be told apart from a forgery."""
        if not secret:
            raise Refused(
                "A webhook came in, but the connection has no key to check it with. Enter the signature key of the "
                "webhook subscription.",
                code="no-webhook-key",
            )
        given = header(request.headers, self.header)
        wanted = self.sign(secret, body=request.body, url=request.url)
        if not given or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
            raise Refused(
                "The signature of a webhook does not match. Check the signature key of the connection, and that the "
                "system sends to exactly the address that the connection shows.",
                code="bad-signature" if given else "unsigned",
            )


def hmac_of(secret: str, message: bytes, digest: str = "sha256", encoding: str = "base64") -> str:
    """The HMAC of a message as text, in base64 or hexadecimal digits."""
    found = hmac.new(secret.encode(), message, digest).digest()
    return found.hex() if encoding == "hex" else base64.b64encode(found).decode()


def header(headers: Mapping[str, str], name: str) -> str:
    """A header whatever the case of its name; `""` where it is missing."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")
