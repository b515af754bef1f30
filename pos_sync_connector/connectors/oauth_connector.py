"""A system that is entered with a token, or with an app of one's own: by a permission that a person gives it, or by its
id and secret alone."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar, TypeVar

from .errors import Failure, NeedsFixing, Refused, RetryLater
from .http import Answer, HttpConnector
from .oauth import CLIENT_ID, CLIENT_SECRET, GRANT, Grant, OAuth
from .oauth_tokens import TokenEndpoint

_AGAIN = "no-permission"
T = TypeVar("T", bound="OAuthConnector")


class OAuthConnector(HttpConnector):
    """A system states `oauth`, has `app_settings` among its settings and sends `token` along.

    A permission that is about to end is renewed before the next request, and once where it is refused: by one process
    at a time (`renewing`), and what is new is stored before it is used. So is the one that an app gets by itself, the
    first one too.
    """

    oauth: ClassVar[OAuth]
    blamed = {**HttpConnector.blamed, "bad-client": CLIENT_SECRET, "not-itself": CLIENT_ID}

    def __init__(self, settings: Mapping[str, str], **injected: Any):
        super().__init__(settings, **injected)
        self._grant = self._useful(Grant.loads(self.values[GRANT]))
        # Renewing early failed: the token at hand serves until its end, and whoever comes next tries again.
        self._gave_up = False

    @property
    def token(self) -> str:
        """What opens the system: of the permission, else the one that was entered."""
        return self._grant.access_token if self._grant else self.values.get(self.oauth.instead_of) or ""

    def entered_with(self: T, key: str) -> T:
        """This connector for what no permission covers: it asks with the token in the setting `key`; itself where it
        has no permission. Raises NeedsFixing where there is none."""
        if not self._grant:
            return self
        if not self.values[key]:
            label = type(self).setting(key).label
            raise NeedsFixing(
                f"{self.name} allows this to the app itself only, not to a permission: enter “{label}” on the "
                "connection, or do it there by hand.",
                code="missing-setting",
                details=key,
            )
        other = copy(self)
        other.values, other._grant = {**self.values, self.oauth.instead_of: self.values[key]}, None
        return other

    @property
    def _asks_itself(self) -> bool:
        """Whether an app was entered, and nothing else, that gets its tokens by itself."""
        app = self.values[CLIENT_ID] and self.values[CLIENT_SECRET]
        return bool(self.oauth.credentials_with is not None and app and not self.values.get(self.oauth.instead_of))

    def _useful(self, grant: Grant | None) -> Grant | None:
        """What an app got by itself counts no more where there is another app, or a token."""
        if grant is None or not grant.own or (self._asks_itself and self._is_of_app(grant)):
            return grant
        return None

    def _is_of_app(self, grant: Grant) -> bool:
        return (grant.client_id, grant.issuer) == (self.values[CLIENT_ID], self._endpoint.address)

    # Getting a permission

    def permission_page(self, *, redirect: str, state: str, verifier: str) -> str:
        """The address of the page where a person gives the permission; raises NeedsFixing where the app is missing."""
        for key in (CLIENT_ID, CLIENT_SECRET):
            if not self.values[key]:
                raise NeedsFixing(
                    f"“{type(self).setting(key).label}” is empty: enter it, then press Connect.",
                    code="missing-setting",
                    details=key,
                )
        return self.oauth.page(self.values, redirect=redirect, state=state, verifier=verifier)

    def take_permission(self, parameters: Mapping[str, str], *, redirect: str, verifier: str) -> dict[str, str]:
        """The settings to store, for what the person came back with: `parameters` are those of the address. Raises
        Refused where there is no permission."""
        code = self.oauth.code_of(self.name, self.values, parameters)
        endpoint = self._endpoint
        grant, answer = endpoint.exchange(code, redirect, verifier)
        told = {**parameters, **answer}
        kept = {setting: str(told[name]) for name, setting in self.oauth.keeps.items() if told.get(name)}
        return {**kept, GRANT: grant.of_app(self.values[CLIENT_ID], endpoint.address).dumps()}

    # Keeping it

    def _ready(self) -> None:
        if not self.token:
            if not self._asks_itself:
                raise self._missing()
            self._renew()
        if not self._grant:
            return
        if not self._is_of_app(self._grant):
            raise Refused(
                f"The permission of {self.name} was given to another app or for another address. Press Connect again.",
                code=_AGAIN,
            )
        now = self.clock()
        if self._gave_up or not self._grant.renew_at or now < self._grant.renew_at:
            return
        try:
            self._renew()
        except RetryLater:
            if not self._grant.ends_at or now >= self._grant.ends_at:
                raise
            self._gave_up = True

    def _missing(self) -> NeedsFixing:
        """Says what to enter, at the field that is about it."""
        key, label = self.oauth.instead_of, type(self).setting(self.oauth.instead_of)
        empty = [name for name in (CLIENT_ID, CLIENT_SECRET) if not self.values[name]]
        if self.oauth.credentials_with is not None and (len(empty) == 1 or not label):
            key, label = empty[0], type(self).setting(empty[0])
        if not label:
            sentence = f"{self.name} has given no permission yet. Press Connect."
        elif key in empty:
            sentence = f"“{label.label}” is empty: enter it."
        elif self.oauth.credentials_with is not None:
            sentence = f"“{label.label}” is empty: enter it, or the ID and the secret of an app."
        else:
            sentence = f"“{label.label}” is empty: enter it, or enter an app and press Connect."
        return NeedsFixing(sentence, code="missing-setting", details=key)

    def _renew(self) -> bool:
        if not self._grant and self.token:
            return False
        with self.renewing() as stored:
            current = self._grant if stored is None else self._useful(Grant.loads(stored.get(GRANT)))
            if current and (not self._grant or current.access_token != self._grant.access_token):
                self._grant = current
                return True
            former, endpoint = current or self._grant, self._endpoint
            if self._asks_itself and (former is None or former.own):
                fresh = endpoint.ask_itself()
            elif current and current.refresh_token:
                fresh = endpoint.refresh(current)
            else:
                return False
            fresh = fresh.of_app(self.values[CLIENT_ID], endpoint.address)
            self.store({GRANT: fresh.dumps()})
            self._grant = fresh
            return True

    @property
    def _endpoint(self) -> TokenEndpoint:
        return TokenEndpoint(self, self.oauth)

    # What went wrong

    @classmethod
    def setting_of(cls, failure: Failure) -> str:
        """What is not accepted was entered: of what the system handed out other codes tell."""
        token = cls.oauth.instead_of
        about_token = failure.code in ("bad-credentials", "forbidden") and cls.setting(token)
        return token if about_token else super().setting_of(failure)

    def _failure(self, answer: Answer) -> Failure | None:
        failure = super()._failure(answer)
        if self._grant and failure and failure.code == "bad-credentials":
            sentence = (
                f"{self._place(answer.url)} does not accept what it gave the app. See there that the app is installed."
                if self._grant.own
                else f"{self._place(answer.url)} does not accept the permission any more. Press Connect again."
            )
            return Refused(sentence, code="revoked", details=failure.details)
        return failure

    def redact(self, text: str) -> str:
        for secret in (self._grant.access_token, self._grant.refresh_token) if self._grant else ():
            if len(secret) > 3:
                text = text.replace(secret, "•••")
        return super().redact(text)
