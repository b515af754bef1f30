"""OAuth as any vendor has it: apps, pages that ask, codes and tokens. What each calls them stands with the vendor."""

from __future__ import annotations

import html
import json
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode


@dataclass
class App:
    """An app that was made at the vendor, with the addresses that were registered for it."""

    client_id: str
    client_secret: str
    redirects: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Page:
    """An answer; `location`: where a browser goes on."""

    status: int
    body: bytes = b""
    kind: str = "application/json"
    location: str = ""

    @classmethod
    def of(cls, status: int, row: Mapping[str, Any]) -> Page:
        return cls(status, json.dumps(row, ensure_ascii=False).encode())

    @classmethod
    def text(cls, status: int, title: str, *parts: str) -> Page:
        """A web page; `parts` are HTML."""
        icon = '<link rel="icon" href="data:,">'
        head = f"<!doctype html><html><head>{icon}<title>{html.escape(title)}</title></head><body>"
        return cls(status, f"{head}<h1>{html.escape(title)}</h1>{''.join(parts)}</body></html>".encode(), "text/html")

    @classmethod
    def question(cls, title: str, scopes: Iterable[str], *, no: str) -> Page:
        """Asks for a permission; the answer is sent to the same address, as `answer`: allow or deny."""
        wanted = "".join(f"<li>{html.escape(scope)}</li>" for scope in scopes)
        buttons = f'<button name="answer" value="deny">{no}</button> <button name="answer" value="allow">Allow</button>'
        return cls.text(200, title, f"<ul>{wanted}</ul><form method='post'>{buttons}</form>")

    @classmethod
    def back(cls, redirect: str, parameters: Mapping[str, str]) -> Page:
        return cls(302, location=f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(parameters)}")


class Refusal(Exception):
    """`what` is not right: "client", "secret", "code", "redirect", "token" or "itself"."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what


@dataclass(eq=False)
class Tokens:
    access: str
    refresh: str
    ends_at: datetime
    client_id: str


@dataclass
class Permissions:
    """What was permitted. `rotates`: with a renewal the former tokens end; but for `again` the former refresh token
    renews once more, as long as its replacement has not. `renewals` counts them. `own`: whether the app gets tokens by
    its id and secret alone, which live for `own_life`."""

    app: App
    now: Callable[[], datetime]
    life: timedelta
    code_life: timedelta
    rotates: bool
    prefix: str = ""
    again: timedelta = timedelta(0)
    own: bool = False
    own_life: timedelta = timedelta(hours=24)
    renewals: int = 0
    given: list[Tokens] = field(default_factory=list)
    # By the refresh token that was used: its replacement, and until when it may be used again.
    _replaced: dict[str, tuple[Tokens, datetime]] = field(default_factory=dict)
    _codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def code(self, redirect: str) -> str:
        code = f"code-{secrets.token_urlsafe(16)}"
        self._codes[code] = (redirect, self.now() + self.code_life)
        return code

    def check_app(self, sent: Mapping[str, Any]) -> None:
        if sent.get("client_id") != self.app.client_id:
            raise Refusal("client")
        if sent.get("client_secret") != self.app.client_secret:
            raise Refusal("secret")

    def exchange(self, sent: Mapping[str, Any]) -> Tokens:
        """The tokens for a code, which is gone then."""
        with self._lock:
            self.check_app(sent)
            redirect, until = self._codes.pop(str(sent.get("code")), ("", self.now()))
            if self.now() >= until:
                raise Refusal("code")
            if redirect != sent.get("redirect_uri", redirect):
                raise Refusal("redirect")
            return self._give(sent)

    def renew(self, sent: Mapping[str, Any]) -> Tokens:
        with self._lock:
            self.check_app(sent)
            refresh, now = str(sent.get("refresh_token") or ""), self.now()
            replaced, until = self._replaced.get(refresh, (None, now + self.again))
            former = next((item for item in self.given if item is replaced or item.refresh == refresh), None)
            if not refresh or former is None or (replaced and now >= until):
                raise Refusal("token")
            self.renewals += 1
            if not self.rotates:
                return self._give(sent, former.refresh)
            self.given.remove(former)
            given = self._give(sent)
            self._replaced = {refresh: (given, until)}
            return given

    def give_itself(self, sent: Mapping[str, Any]) -> Tokens:
        """What the app gets without anybody's permission."""
        with self._lock:
            self.check_app(sent)
            if not self.own:
                raise Refusal("itself")
            given = Tokens(self._make(), "", self.now() + self.own_life, str(sent["client_id"]))
            self.given.append(given)
            return given

    def state_of(self, access: str) -> str:
        """ "open", "expired" or "unknown"."""
        found = next((item for item in self.given if item.access == access), None)
        return "unknown" if not found else "open" if self.now() < found.ends_at else "expired"

    def revoke(self) -> None:
        """The account's owner takes everything back."""
        self.given.clear()
        self._replaced.clear()

    def _give(self, sent: Mapping[str, Any], refresh: str = "") -> Tokens:
        given = Tokens(self._make(), refresh or self._make(), self.now() + self.life, str(sent["client_id"]))
        self.given.append(given)
        return given

    def _make(self) -> str:
        return f"{self.prefix}{secrets.token_urlsafe(24)}"


def read(body: bytes) -> dict[str, Any]:
    """What a token endpoint is sent: JSON or a form."""
    try:
        found = json.loads(body)
        return found if isinstance(found, dict) else {}
    except ValueError:
        return dict(parse_qsl(body.decode("utf-8", "replace")))
