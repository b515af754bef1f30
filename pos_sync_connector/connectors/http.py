"""The one HTTP pipeline. A system states its differences in hooks; everything that can go wrong is one of `errors`.

Only what is safe to send twice is retried once it may have reached the system: an answer lost on the way leaves a push
in doubt, and its failure says so with the code `in-doubt`.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, ClassVar, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from . import pictures
from .connector import Connector
from .deadline import deadline_of
from .door import read_json
from .errors import Failure, NeedsFixing, RetryLater
from .http_failures import explain_exception, explain_status, explain_web_page, in_doubt
from .throttle import Allowance, Bucket, Budget
from .unpacking import unpacked

_logger = logging.getLogger(__name__)
T = TypeVar("T")

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_USUAL_HEADERS = {"User-Agent": "pos_sync_connector", "Accept-Encoding": "gzip, deflate"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: all of the body was received, whatever the status."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_web_page(self) -> bool:
        start = self.body[:200].lstrip().lower()
        return start.startswith((b"<!doctype html", b"<html")) or "text/html" in self.headers.get("Content-Type", "")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def date(self) -> datetime | None:
        """The system's clock (`Date` header), UTC."""
        return _http_date(self.headers.get("Date", ""))

    def json(self) -> Any:
        """The body as JSON, its decimal numbers as Decimal, bounded by the door; raises ValueError."""
        return read_json(self.body)


class HttpConnector(Connector):
    """A system that is reached over HTTP.

    `attempts` bounds how often one request is sent, `longest_wait` (seconds) how long all its waits may be together:
    beyond that the failure goes to the engine, which waits without holding a worker.
    """

    connect_timeout: ClassVar[float] = 10
    read_timeout: ClassVar[float] = 60
    # All attempts and waits of one request together. Odoo ends a worker after 120 s.
    total_timeout: ClassVar[float] = 90
    picture_timeout: ClassVar[float] = 10
    max_bytes: ClassVar[int] = 64 * 1024 * 1024
    attempts: ClassVar[int] = 4
    longest_wait: ClassVar[float] = 20
    budget: ClassVar[Budget | None] = None
    blamed = dict.fromkeys(
        (
            "certificate",
            "no-connection",
            "not-found",
            "redirected",
            "refused-connection",
            "unknown-host",
            "web-page",
        ),
        "url",
    )

    def __init__(self, settings: Mapping[str, str], *, session: requests.Session | None = None, **injected: Any):
        super().__init__(settings, **injected)
        self.session = session or requests.Session()
        self._deadline = deadline_of(self.session)
        # A cookie would make one request depend on another, and choose a database or a user for it.
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.random = random.Random()  # noqa: S311 - jitter needs no secrecy
        self._bucket = Bucket(self.budget, self.clock, self.sleep) if self.budget else None
        # For systems that count points: what answers tell of them is learned by whoever reads the answers.
        self.allowance = Allowance(self.clock, self.sleep, self.longest_wait)
        self.system_time: datetime | None = None

    def close(self) -> None:
        self.session.close()

    # What a system states

    def _url(self, path: str) -> str:
        """The address of `path`; by default below the setting `url`."""
        return path if "://" in path else f"{self.values['url']}/{path.lstrip('/')}"

    def _headers(self) -> dict[str, str]:
        """Headers of every request, credentials included."""
        return {}

    def _auth(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Signs a prepared request, where headers are not enough."""
        return request

    def _ready(self) -> None:
        """Called before each request, where credentials are renewed before they end."""

    def _renew(self) -> bool:
        """Gets new credentials after a 401; True if the request should be sent again with them."""
        return False

    def _error(self, answer: Answer) -> Failure | None:
        """The failure that the system's own error body means. None: the status says it all."""
        return None

    # Requests

    def json(self, method: str, path: str, *, body: Any = None, idempotent: bool | None = None, **options: Any) -> Any:
        """The JSON that answers a request with a JSON `body`; None for an empty answer."""
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
            options["data"] = json.dumps(body, default=_plain_number).encode()
        return self.request(method, path, idempotent=idempotent, headers=headers, parse=self._parse_json, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool | None = None,
        parse: Callable[[Answer], T] | None = None,
        costs_as: str = "",
    ) -> Any:
        """The answer to a request, or what `parse` makes of it, after retries; raises the four kinds of failure.

        `idempotent`: may be sent twice (default: by method). `parse` may raise RetryLater, for a body that was cut.
        `costs_as`: the name under which `allowance` knows what the request costs.
        """
        repeatable = method in _SAFE if idempotent is None else idempotent
        waited, renewed, attempt = 0.0, False, 1
        with self._deadline.of(self.total_timeout):
            while True:
                self._ready()
                failure, reached = None, True
                try:
                    if costs_as:
                        self.allowance.take(costs_as)
                    answer = self._send(method, self._url(path), params=params, data=data, headers=headers)
                    if answer.status == 401 and not renewed and self._renew():
                        renewed = True
                        continue
                    failure = self._failure(answer)
                    # Some systems say so with another status than 429.
                    reached = failure is None or failure.code != "rate-limit"
                    if failure is None:
                        return parse(answer) if parse else answer
                except (requests.RequestException, UnicodeError) as error:
                    failure = explain_exception(self._place(path), error)
                    reached = failure.code not in ("refused-connection", "unknown-host", "no-connection")
                except RetryLater as error:
                    failure = error
                if not isinstance(failure, RetryLater):
                    raise failure
                if reached and not repeatable:
                    raise in_doubt(self._place(path), failure) from failure
                wait = self._wait(failure, attempt)
                if attempt >= self.attempts or waited + wait > self.longest_wait or self._deadline.left() <= wait:
                    raise failure
                _logger.info("%s: %s; trying again in %.1f s", self.name, failure.code, wait)
                self.sleep(wait)
                waited, attempt = waited + wait, attempt + 1

    def picture(self, url: str) -> bytes:
        """The picture at an address that the system names; raises NeedsFixing with the code `picture`."""
        return pictures.fetch(self, url)

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None,
        data: bytes | Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        """One request with its redirects, which are followed within the same origin only."""
        for _hop in range(_MOST_REDIRECTS + 1):
            answer = self._exchange(method, url, params=params, data=data, headers=headers)
            target = answer.headers.get("Location", "") if answer.status in _REDIRECTS else ""
            if not target:
                return answer
            target = urljoin(url, target)
            kept = method in _SAFE or answer.status in (307, 308)
            if not self._is_same_origin(target, url) or not kept:
                raise self._redirected(url, target)
            url, params = target, None
        raise NeedsFixing(
            f"{self._place(url)} redirects in circles. Check the address on the connection.", code="redirected"
        )

    def _exchange(self, method: str, url: str, *, params, data, headers, most: int | None = None) -> Answer:
        if self._bucket:
            self._bucket.take()
        # Images and files may lie elsewhere: what the connection is known by stays with the address that was entered.
        own = self._is_own(url)
        started = time.monotonic()
        with self._asked(
            method,
            url,
            params=params,
            data=data,
            headers={**_USUAL_HEADERS, **(self._headers() if own else {}), **(headers or {})},
            # A callable keeps requests from putting a password of ~/.netrc over ours.
            auth=self._auth if own else _as_it_is,
            # Never longer than the deadline lets.
            timeout=(self._within(self.connect_timeout), self._within(self.read_timeout)),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = self._read(response, most or self.max_bytes)
        answer = Answer(response.status_code, response.headers, body, url)
        self.system_time = answer.date() or self.clock()
        _logger.debug(
            "%s: %s %s -> %s, %d bytes in %.0f ms",
            self.name, method, urlsplit(url).path, answer.status, len(body), (time.monotonic() - started) * 1000,
        )  # fmt: skip
        return answer

    def _asked(self, method: str, url: str, **options: Any) -> requests.Response:
        try:
            return self.session.request(method, url, **options)
        except (requests.RequestException, UnicodeError):
            raise
        except ValueError:
            # A redirect to what is no address; requests looks at it though it is not followed.
            raise requests.exceptions.InvalidURL from None

    def _within(self, seconds: float) -> float:
        return max(0.01, min(seconds, self._deadline.left()))

    def _is_own(self, url: str) -> bool:
        return self._is_same_origin(url, self._url(""))

    @staticmethod
    def _is_same_origin(one: str, other: str) -> bool:
        try:
            return _origin(one) == _origin(other)
        except ValueError:
            # No address at all: what sends it says so.
            return False

    def _read(self, response: requests.Response, most: int) -> bytes:
        chunks, size = [], 0
        for chunk in unpacked(response):
            size += len(chunk)
            if size > most:
                raise NeedsFixing(
                    f"{self._place(response.url)} sent more than {most // 1024 // 1024} MB in one answer. "
                    "Check the address on the connection.",
                    code="too-large",
                )
            chunks.append(chunk)
        return b"".join(chunks)

    # What went wrong

    def _failure(self, answer: Answer) -> Failure | None:
        failure = self._error(answer)
        if failure is None and not answer.ok:
            failure = explain_status(self._place(answer.url), answer.status, page=answer.is_web_page)
        if isinstance(failure, RetryLater) and failure.after is None:
            failure.after = retry_after(answer.headers, self.clock())
        return failure

    def _parse_json(self, answer: Answer) -> Any:
        if not answer.body.strip():
            return None
        try:
            return answer.json()
        except ValueError:
            if answer.is_web_page:
                raise explain_web_page(self._place(answer.url)) from None
            raise RetryLater(
                f"The answer of {self._place(answer.url)} ends in the middle or is no JSON. "
                "If this goes on, check what stands between the two servers (a proxy, a firewall).",
                code="cut-off",
            ) from None

    def _redirected(self, url: str, target: str) -> Failure:
        there = urlsplit(target)
        return NeedsFixing(
            f"{self._place(url)} sends us on to {there.scheme}://{there.netloc}. If that is the right place, "
            "enter that address on the connection; credentials are never sent to an address that nobody entered.",
            code="redirected",
        )

    def _place(self, path: str) -> str:
        """The system and its host, as sentences name them."""
        url = self._url(path)
        try:
            return f"{self.name} ({urlsplit(url).netloc})"
        except ValueError:
            return f"{self.name} ({url})"

    def redact(self, text: str) -> str:
        """The text without the connection's secrets, for details that repeat what a system said."""
        for item in type(self).settings:
            if item.secret and len(str(self.values[item.key])) > 3:
                text = text.replace(str(self.values[item.key]), "•••")
        return text

    def _wait(self, failure: RetryLater, attempt: int) -> float:
        """The larger of what the system asks for and our own back-off: some ask for no wait at all, again and again."""
        own = 0.5 * 2 ** (attempt - 1) * self.random.uniform(0.75, 1.25)
        return own if failure.after is None else max(own, failure.after + self.random.uniform(0, 0.25))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for, given as seconds or as an HTTP date."""
    value = (headers.get("Retry-After") or "").strip()
    with suppress(ValueError):
        seconds = float(value)
        return max(0.0, seconds) if seconds < timedelta(days=7).total_seconds() else None
    moment = _http_date(value)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    except (TypeError, ValueError, OverflowError):
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _plain_number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
