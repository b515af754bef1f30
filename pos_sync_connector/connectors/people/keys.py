"""Names, phones and e-mails made comparable: what is equal here is the same name, number or mailbox."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import phonenumbers

from .names import GENERATIONS, TITLES

_LEAST_DIGITS = 6
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ŋ": "n", "ħ": "h"}
)
DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))
_INSIDE_A_WORD = str.maketrans("", "", "'’‘`´ʼʹ")
_NO_MAILBOX = frozenset(
    "none no na noemail nomail nomailbox noreply donotreply unknown noone notprovided nospam anonymous".split()
)


def fold(text: str) -> str:
    """Without accents and case: "Tomás Łuć" is "tomas luc"."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in text if not unicodedata.combining(letter)).translate(_LETTERS)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a name; "O'Brien" is one, "Jean-Luc" two."""
    folded = fold(text.translate(_INSIDE_A_WORD))
    return tuple("".join(letter if letter.isalnum() else " " for letter in folded).split())


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Equal for names of the same words in any order, with and without accents, titles and legal forms."""
    found = [word for word in words(name) if word not in TITLES and word not in GENERATIONS]
    for pair in DIGRAPHS:
        found = [word.replace(*pair) for word in found]
    return " ".join(sorted(found))


@lru_cache(maxsize=4096)
def phone_key(phone: str, country: str = "") -> str:
    """The number in E.164 (`+12125550143`), read as one of `country` (ISO code) where it names none.

    What can't be a whole number is given as its digits alone; "" for what stands for no number (all zeros).
    """
    try:
        number = phonenumbers.parse(phone, country.upper() or None)
    except phonenumbers.NumberParseException:
        number = None
    if number and phonenumbers.is_possible_number(number):
        national = str(number.national_number)
        if len(set(national)) == 1 or national in "01234567890":
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    digits = "".join(letter for letter in phone if letter.isdecimal())
    return digits if len(digits) >= _LEAST_DIGITS and len(set(digits)) > 1 else ""


def email_key(email: str) -> str:
    """The mailbox in small letters, of the first address where there are several; "" for what stands for none."""
    first = email.replace(";", ",").split(",")[0].strip().casefold()
    if "<" in first:
        first = first.partition("<")[2].partition(">")[0].strip()
    local, at, domain = first.rpartition("@")
    if not at or not local or "." not in domain or any(letter.isspace() for letter in first):
        return ""
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.partition("+")[0].replace(".", ""), "gmail.com"
    if "".join(letter for letter in local if letter.isalnum()) in _NO_MAILBOX:
        return ""
    return f"{local}@{domain}"
