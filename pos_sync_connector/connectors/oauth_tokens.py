"""Where a system hands out tokens: for a code, for a refresh token, or to an app that asks for itself. What else it
answers becomes a sentence."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from .errors import Failure, Refused, RetryLater
from .http import Answer, HttpConnector
from .http_failures import explain_foreign
from .oauth import CLIENT_ID, CLIENT_SECRET, Grant, OAuth

# By status these are no answers about the app or the permission.
_BY_STATUS = frozenset({404, 405, 408, 429})
# Words by which systems say what is wrong, the more telling first.
_WORDS = (
    ("bad-redirect", ("redirect_uri", "redirect uri", "redirect url", "redirect_url")),
    ("spent", ("invalid_grant", "authorization code")),
    (
        "bad-client",
        ("invalid_client", "unauthorized_client", "application_cannot_be_found", "could not find", "client secret",
         "client_secret", "client_id"),
    ),
)  # fmt: skip
# What they say to an app that asks for itself and is known.
_NOT_ITSELF = ("shop_not_permitted", "app_not_installed", "unauthorized_client")
_SENTENCES = {
    "bad-client": "{place} does not know this app, or its secret is another. Copy both from the app there again, enter "
    "them on the connection and {again}.",
    "not-itself": "{place} gives this app nothing without being asked by a person. Install the app there, and see that "
    "it and the account belong to the same organization; then {again}.",
    "bad-redirect": "{place} does not know the redirect address. Register with the app there exactly the one that the "
    "connection shows, then press Connect again.",
    "bad-code": "{place} does not accept the permission any more: it is used up or too old. Press Connect again.",
    "revoked": "{place} has taken the permission back, or it has ended. Press Connect again.",
}


class TokenEndpoint(HttpConnector):
    """Shares the session and the time of the connector that it works for. No credentials of that one go along."""

    def __init__(self, owner: HttpConnector, oauth: OAuth):
        super().__init__({}, session=owner.session, clock=owner.clock, sleep=owner.sleep)
        self.name, self.read_timeout = owner.name, owner.read_timeout
        self._app = owner.values
        self._oauth = oauth
        self._spent = "bad-code"
        self._again = "press Connect"

    @property
    def address(self) -> str:
        return self._oauth.token.format(**self._app)

    def exchange(self, code: str, redirect: str, verifier: str) -> tuple[Grant, dict[str, Any]]:
        """The permission for a code, with all that was answered. A code is never sent twice: some systems then take
        back what they gave for it."""
        proof = {"code_verifier": verifier} if self._oauth.pkce else {}
        asked = {"code": code, "redirect_uri": redirect, **proof, **self._oauth.exchange_with}
        try:
            return self._ask(self.address, "authorization_code", asked, again=False)
        except RetryLater as failure:
            raise RetryLater(
                f"{self._place('')} did not answer in time. Press Connect again.",
                code=failure.code,
                details=failure.details,
            ) from failure

    def refresh(self, grant: Grant) -> Grant:
        """The renewed permission. Where an answer is lost, asking again with the same token is all there is."""
        self._spent = "revoked"
        address = (self._oauth.refresh or self._oauth.token).format(**self._app)
        return self._ask(address, "refresh_token", {"refresh_token": grant.refresh_token}, again=True)[0].after(grant)

    def ask_itself(self) -> Grant:
        """What the app gets for its id and secret alone."""
        self._spent, self._again = "not-itself", "test the connection again"
        if self._oauth.authorize:
            self._again += ", or press Connect"
        more = {name: value.format(**self._app) for name, value in (self._oauth.credentials_with or {}).items()}
        return self._ask(self.address, "client_credentials", more, again=True)[0].by_itself()

    def _ask(self, address: str, kind: str, asked: Mapping[str, str], *, again: bool) -> tuple[Grant, dict[str, Any]]:
        body = {"grant_type": kind, **asked}
        if not self._oauth.basic:
            body |= {CLIENT_ID: self._app[CLIENT_ID], CLIENT_SECRET: self._app[CLIENT_SECRET]}
        if self._oauth.form:
            answer = self.request(
                "POST", address, data=body, headers={"Accept": "application/json"}, idempotent=again,
                parse=self._parse_json,
            )  # fmt: skip
        else:
            answer = self.json("POST", address, body=body, idempotent=again)
        try:
            grant = Grant.of(answer, self.clock(), self._oauth.early)
        except ValueError:
            raise explain_foreign(self._place("")) from None
        return grant, answer

    def _url(self, path: str) -> str:
        return path or self.address

    def _headers(self) -> dict[str, str]:
        if not self._oauth.basic:
            return {}
        pair = f"{self._app[CLIENT_ID]}:{self._app[CLIENT_SECRET]}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def _error(self, answer: Answer) -> Failure | None:
        """Some answer 200 with an error in it."""
        word = _error_word(answer)
        if answer.status >= 500 or answer.status in _BY_STATUS or (answer.ok and not word):
            return None
        said = answer.text[:2000].lower()
        code = next((code for code, words in _WORDS if any(known in said for known in words)), "")
        if self._spent == "not-itself":
            code = "bad-client" if code == "bad-client" and not any(word in said for word in _NOT_ITSELF) else "spent"
        if not code:
            code = "bad-client" if answer.status == 401 and self._spent == "bad-code" else "spent"
        code = self._spent if code == "spent" else code
        sentence = _SENTENCES[code].format(place=self._place(""), again=self._again)
        return Refused(sentence, code=code, details=f"HTTP {answer.status} {word}".strip())


def _error_word(answer: Answer) -> str:
    """The `error` of RFC 6749, as far as it is a word and no payload."""
    try:
        found = json.loads(answer.body)["error"]
    except (ValueError, LookupError, TypeError):
        return ""
    return re.sub(r"[^A-Za-z_]", "", found)[:40] if isinstance(found, str) else "error"
