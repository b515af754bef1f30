"""What a person enters for a connection, described by the system's class."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from .errors import NeedsFixing
from .flows import Flow

_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f@]")


class SettingKind(str, Enum):
    TEXT = "text"
    SECRET = "secret"  # noqa: S105
    URL = "url"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a person enters for a connection.

    `help` says where in the system to find it. `choices` are pairs of value and label; where there are some that can
    be known only after asking the system, `choices_from` names the `Connector` method that gives them, as `PriceLevel`s
    or `Choice`s. Of CHOICES any number is taken: they are kept with commas between them, so that no value holds one.
    `feeds` are the flows whose records change with it. `way_in`: credentials of which one kind is enough, so that none
    is `required`. `handed_out`: nobody enters it, the system hands it out. `place`: it says which server is asked, as
    each URL does; where it changes, the secrets are entered anew.
    """

    key: str
    label: str
    kind: SettingKind = SettingKind.TEXT
    required: bool = True
    default: str = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    choices_from: str = ""
    feeds: tuple[Flow, ...] = ()
    way_in: bool = False
    handed_out: bool = False
    place: bool = False

    @property
    def secret(self) -> bool:
        return self.kind is SettingKind.SECRET

    def read(self, text: str | None) -> Any:
        """The typed value of what was entered; raises NeedsFixing with a sentence that names the field."""
        text = (text or "").strip() or self.default
        if not text:
            if self.required:
                raise NeedsFixing(
                    f"“{self.label}” is empty: enter it on the connection.", code="missing-setting", details=self.key
                )
            return {SettingKind.BOOLEAN: False, SettingKind.INTEGER: None, SettingKind.CHOICES: ()}.get(self.kind, "")
        if self.kind is SettingKind.BOOLEAN:
            return text.lower() in ("1", "true", "yes")
        if self.kind is SettingKind.INTEGER:
            try:
                return int(text)
            except ValueError:
                raise NeedsFixing(
                    f"“{self.label}” must be a whole number.", code="bad-setting", details=self.key
                ) from None
        if self.kind is SettingKind.URL:
            return _read_url(self, text)
        chosen = self.parts(text) if self.kind is SettingKind.CHOICES else (text,)
        if self.choices and not self.choices_from and not set(chosen) <= dict(self.choices).keys():
            raise NeedsFixing(
                f"“{self.label}”: choose one of the values offered.", code="bad-setting", details=self.key
            )
        return chosen if self.kind is SettingKind.CHOICES else text

    @staticmethod
    def parts(text: str | None) -> tuple[str, ...]:
        """The values that a text of CHOICES names, each once."""
        return tuple(dict.fromkeys(filter(None, map(str.strip, (text or "").split(",")))))


def _has_host(url: str) -> bool:
    """Whether the address names a server, and a port that can be."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _read_url(setting: Setting, text: str) -> str:
    if "://" not in text:
        text = f"https://{text}"
    scheme, _, rest = text.partition("://")
    if scheme not in ("http", "https") or not rest.strip("/") or _NOT_IN_URLS.search(rest) or not _has_host(text):
        raise NeedsFixing(
            f"“{setting.label}” must be a web address such as https://shop.example.com.",
            code="bad-setting",
            details=setting.key,
            trace="bad-url",
        )
    return f"{scheme}://{rest.rstrip('/')}"
