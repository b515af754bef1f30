"""Square's OAuth: its page and its tokens of 30 days, whose refresh token stays the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..permissions import App, Page, Permissions, Refusal, Tokens, read
from .answers import Rejected
from .shop import Shop

CLIENT_ID, CLIENT_SECRET = "sandbox-sq0idb-Sandbox", "sandbox-sq0csb-Sandbox"
_REFUSED = {
    "client": (401, "service.not_authorized", "Not Authorized"),
    "secret": (401, "service.not_authorized", "Not Authorized"),
    "code": (401, "unauthorized", "Authorization code not found for app [sandbox-sq0idb-Sandbox]"),
    "redirect": (401, "unauthorized", "The redirect_uri is not the one of the authorization"),
    "token": (401, "service.not_authorized", "Not Authorized"),
}


class OAuth:
    def __init__(self, shop: Shop):
        self._shop = shop
        self.app = App(CLIENT_ID, CLIENT_SECRET)
        self.permissions = Permissions(
            self.app, shop.now, life=timedelta(days=30), code_life=timedelta(minutes=5), rotates=False, prefix="EAAA"
        )

    def answer(self, method: str, path: str, body: bytes) -> Page | None:
        """None for what is no concern of OAuth's."""
        target = urlsplit(path)
        if target.path == "/oauth2/authorize":
            return self._authorize(method, dict(parse_qsl(target.query)), body)
        if (method, target.path) == ("POST", "/oauth2/token"):
            return self._token(read(body))
        return None

    def check(self, access: str) -> None:
        """Raises Rejected where a token of ours is not valid any more; silent on others."""
        state = self.permissions.state_of(access)
        if state == "expired":
            raise Rejected(401, "ACCESS_TOKEN_EXPIRED", "The token has expired.", category="AUTHENTICATION_ERROR")

    def _authorize(self, method: str, asked: dict[str, str], body: bytes) -> Page:
        if asked.get("client_id") != self.app.client_id:
            return Page.text(400, "We could not find an application with this ID")
        redirect = asked.get("redirect_uri") or next(iter(self.app.redirects), "")
        if redirect not in self.app.redirects:
            return Page.text(400, "The redirect_uri is not the one of the application")
        if method != "POST":
            scopes = asked.get("scope", "").split()
            return Page.question("Odoo would like to access your Square account", scopes, no="Deny")
        state = {"state": asked["state"]} if asked.get("state") else {}
        if dict(parse_qsl(body.decode())).get("answer") != "allow":
            return Page.back(redirect, {"error": "access_denied", "error_description": "user_denied", **state})
        return Page.back(redirect, {"code": self.permissions.code(redirect), "response_type": "code", **state})

    def _token(self, sent: dict[str, Any]) -> Page:
        work = {"authorization_code": self.permissions.exchange, "refresh_token": self.permissions.renew}
        try:
            given = work[sent.get("grant_type", "")](sent)
        except KeyError:
            return Page.of(400, {"type": "bad_request", "message": "grant_type is missing or unknown"})
        except Refusal as refusal:
            status, kind, message = _REFUSED[refusal.what]
            return Page.of(status, {"type": kind, "message": message})
        return Page.of(200, self._row(given))

    def _row(self, given: Tokens) -> dict[str, Any]:
        return {"access_token": given.access, "token_type": "bearer", "expires_at": _stamp(given.ends_at),
                "merchant_id": self._shop.merchant["id"], "refresh_token": given.refresh,
                "short_lived": False}  # fmt: skip


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
