"""What transport errors and HTTP statuses mean for a person. `place` is system and host, say "Odoo (a.example.com)"."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import requests
import urllib3

from .errors import Failure, NeedsFixing, Refused, RetryLater

_HINT_BUSY = "It is tried again automatically."

_STATUSES: dict[int, tuple[type[Failure], str, str]] = {
    400: (NeedsFixing, "bad-request", "{place} did not understand the request. Check the settings of the connection."),
    401: (
        Refused,
        "bad-credentials",
        "{place} does not accept the credentials. They may be mistyped, expired or withdrawn: "
        "make new ones there and enter them on the connection.",
    ),
    403: (
        Refused,
        "forbidden",
        "{place} does not allow this to the credentials of the connection. "
        "Give them the missing rights there, or enter others.",
    ),
    404: (NeedsFixing, "not-found", "{place} knows nothing at this address. Check the address on the connection."),
    405: (NeedsFixing, "not-found", "{place} does not answer at this address. Check the address on the connection."),
    408: (RetryLater, "timeout", "{place} took too long to answer. " + _HINT_BUSY),
    409: (RetryLater, "conflict", "{place} was changing the same data. " + _HINT_BUSY),
    413: (NeedsFixing, "too-large", "{place} does not accept requests of this size. Raise its limit there."),
    423: (RetryLater, "conflict", "{place} has locked the data. " + _HINT_BUSY),
    425: (RetryLater, "unavailable", "{place} is not ready yet. " + _HINT_BUSY),
    429: (RetryLater, "rate-limit", "{place} asks for fewer requests. The connection slows down automatically."),
}


def explain_status(place: str, status: int, *, page: bool = False) -> Failure:
    """The failure that a status other than 2xx means. `page`: the body is a web page."""
    if status in _STATUSES:
        kind, code, sentence = _STATUSES[status]
        return kind(sentence.format(place=place), code=code, details=f"HTTP {status}")
    if status >= 500:
        sentence = f"{place} has trouble of its own ({status}). {_HINT_BUSY} If it lasts, look at that server."
        return RetryLater(sentence, code="server-error", details=f"HTTP {status}")
    if page:
        return explain_web_page(place)
    sentence = f"{place} did not accept the request ({status}). Check the settings of the connection."
    return NeedsFixing(sentence, code="rejected", details=f"HTTP {status}")


def explain_spent(place: str, after: float | None) -> Failure:
    """For a system that counts points: `after` seconds there are enough of them."""
    _kind, code, sentence = _STATUSES[429]
    return RetryLater(sentence.format(place=place), code=code, after=after)


def explain_web_page(place: str) -> Failure:
    return NeedsFixing(
        f"{place} answers with a web page instead of data. Check that the address on the connection is the "
        "system's own, and that no login page or proxy stands in front of it.",
        code="web-page",
    )


def explain_foreign(place: str) -> Failure:
    """For JSON that is not in the system's own form."""
    return NeedsFixing(
        f"{place} answers, but not as this system does. Check that the address on the connection is the system's own.",
        code="unexpected-answer",
    )


def in_doubt(place: str, failure: Failure) -> RetryLater:
    """For a push whose answer was lost: nobody knows yet whether it arrived."""
    return RetryLater(
        f"{place} got the data but its answer was lost. Before it is sent again, the connection asks what arrived.",
        code="in-doubt",
        details=f"{failure.code}: {failure.details}" if failure.details else failure.code,
    )


def explain_exception(place: str, error: Exception) -> Failure:
    """The failure that an exception of requests means. Its text is not repeated: it may hold the address's secrets."""
    causes = list(_causes(error))
    kinds = " < ".join(type(cause).__name__ for cause in causes)
    if isinstance(error, requests.exceptions.SSLError):
        return NeedsFixing(
            f"The certificate of {place} can't be trusted: it is expired, self-signed or made for another name. "
            "Have it renewed there, or check the address on the connection.",
            code="certificate",
            details=kinds,
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return RetryLater(
            f"{place} does not answer. Check that it runs and that a firewall lets this server through.",
            code="no-connection",
            details=kinds,
        )
    if _any(causes, requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError):
        return RetryLater(f"{place} took too long to answer. {_HINT_BUSY}", code="timeout", details=kinds)
    if _any(causes, socket.gaierror, urllib3.exceptions.NameResolutionError):
        return RetryLater(
            f"There is no server named {place}. Check the spelling of the address on the connection.",
            code="unknown-host",
            details=kinds,
        )
    if _any(causes, ConnectionRefusedError):
        return RetryLater(
            f"{place} refuses the connection. Check that it runs, and the address and port on the connection.",
            code="refused-connection",
            details=kinds,
        )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
        return NeedsFixing(
            "The address on the connection is no web address. Enter one such as https://shop.example.com.",
            code="bad-setting",
            details=kinds,
        )
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return RetryLater(f"The answer of {place} broke off in the middle. {_HINT_BUSY}", code="cut-off", details=kinds)
    if isinstance(error, (requests.exceptions.InvalidHeader, UnicodeError)):
        return NeedsFixing(
            "The credentials on the connection hold a character that no system gives out, such as a line break. "
            "Copy them again.",
            code="bad-setting",
            details=kinds,
        )
    return RetryLater(
        f"The connection to {place} broke. {_HINT_BUSY} If it lasts, check the network between the two servers.",
        code="broken-connection",
        details=kinds,
    )


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what lies under it, each once."""
    seen: set[int] = set()
    pending: list[object] = [error]
    while pending:
        cause = pending.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        pending += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
