"""Takes what tells who somebody is out of texts and payloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .people.keys import fold, words

# Fewer digits could be a price, a date or a number of something else.
_LEAST_DIGITS = 7
# The prefixes of a phone number that may stand before its last digits.
_BEFORE = r"(?:\+?[0-9(][0-9() ./-]{0,7})?"


@dataclass(frozen=True, slots=True)
class Traces:
    """What a person is known by, folded: names as words with single spaces, e-mails in small letters, phones as their
    last digits.

    A full name, an e-mail or a phone is found inside longer texts, in any case, with any accents and punctuation. A
    first or last name alone says little: it counts only in what is known to be about the person.
    """

    full_names: frozenset[str]
    names: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]

    @classmethod
    def of(
        cls, full_names: Iterable[str], names: Iterable[str], emails: Iterable[str], phones: Iterable[str]
    ) -> Traces:
        """Empty values are left out."""
        full = {" ".join(words(name)) for name in full_names if name}
        single = {" ".join(words(name)) for name in names if name} | {name for name in full if " " not in name}
        digits = {re.sub(r"\D", "", phone) for phone in phones if phone}
        return cls(
            full_names=frozenset(name for name in full if " " in name),
            names=frozenset(single - {""}),
            emails=frozenset(email.strip().casefold() for email in emails if email and email.strip()),
            # The last digits are the same with and without the country's prefix.
            phones=frozenset(number[-9:] for number in digits if len(number) >= _LEAST_DIGITS),
        )

    def patterns(self) -> list[str]:
        """Regular expressions, for Python and PostgreSQL alike, of which one is in any text that tells of the person.
        They ignore case."""
        found = [re.escape(email) for email in sorted(self.emails)]
        for name in sorted(self.full_names):
            parts = [_spelled(part) for part in name.split()]
            # Both ways round: "Condor, Tom".
            found += [r"\m" + r"(?:\W|_)+".join(order) + r"\M" for order in (parts, parts[::-1])]
        return found + [_BEFORE + r"[^0-9a-z,;]{0,3}".join(number) for number in sorted(self.phones)]

    def redact(self, text: str, about_them: bool = False) -> str:
        """The text without what tells of the person; unchanged where nothing does.

        `about_them`: the text stands in something about the person, so that a first name alone is theirs.
        """
        if about_them and " ".join(words(text)) in self.names:
            return ""
        for pattern in self.patterns():
            text = re.sub(_for_python(pattern), "", text, flags=re.IGNORECASE)
        return text

    def redact_all(self, value: Any, about_them: bool = False) -> Any:
        """`redact` for every text in plain JSON values."""
        if isinstance(value, str):
            return self.redact(value, about_them)
        if isinstance(value, Mapping):
            return {key: self.redact_all(item, about_them) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.redact_all(item, about_them) for item in value]
        return value


def _for_python(pattern: str) -> str:
    """PostgreSQL has signs of its own for the beginning and the end of a word."""
    return pattern.replace(r"\m", r"(?<!\w)").replace(r"\M", r"(?!\w)")


_SIGNS: dict[str, str] = {}
for _code in range(0xC0, 0x250):
    _folded = fold(chr(_code))
    if len(_folded) == 1 and _folded.isalpha():
        _SIGNS[_folded] = _SIGNS.get(_folded, _folded) + chr(_code)


def _spelled(word: str) -> str:
    """A pattern for a word with whatever accents and apostrophes."""
    return "['’]?".join(f"[{_SIGNS[letter]}]" if letter in _SIGNS else re.escape(letter) for letter in word)
