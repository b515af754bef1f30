"""Whether two customers are one person: names, phones and e-mails made comparable, and the verdict with its reasons.

A score never decides. `SAME` needs the same name and the same phone or e-mail (`MatchBy` says which of them count), or
another spelling or short form of the first name with nothing that speaks against it. What is left in doubt is `ASK`.
Reasons are codes; whoever shows them makes sentences of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import TypeVar

import phonenumbers
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from .people_names import GENERATIONS, LEGAL_FORMS, TITLES, is_first_name, relation

K = TypeVar("K", bound=Hashable)

# A first or last name this close to another may be a slip of the pen. It never makes two people one.
_CLOSE, _CLOSE_RATIO = 0.9, 80
_LEAST_DIGITS = 6
_MOST_WORDS = 8

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ŋ": "n", "ħ": "h"}
)
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))
_INSIDE_A_WORD = str.maketrans("", "", "'’‘`´ʼʹ")
_NO_MAILBOX = frozenset(
    "none no na noemail nomail nomailbox noreply donotreply unknown noone notprovided nospam anonymous".split()
)


class Verdict(str, Enum):
    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"


class MatchBy(str, Enum):
    """Which details make two customers of one name one: the phone, the e-mail, or either of them."""

    PHONE = "phone"
    EMAIL = "email"
    BOTH = "both"


class Reason(str, Enum):
    SAME_NAME = "same_name"
    SAME_PHONE = "same_phone"
    SAME_EMAIL = "same_email"
    SAME_BIRTHDAY = "same_birthday"
    SAME_TAX_ID = "same_tax_id"
    NAME_ORDER = "name_order"
    SHORT_FORM = "short_form"
    LOOSE_FORM = "loose_form"
    GENDERED = "gendered"
    SIMILAR_NAME = "similar_name"
    INITIAL = "initial"
    MIDDLE_NAME = "middle_name"
    OTHER_LAST_NAME = "other_last_name"
    ONE_NAME = "one_name"
    NO_NAME = "no_name"
    OTHER_SCRIPT = "other_script"
    OTHER_NAME = "other_name"
    OTHER_TITLE = "other_title"
    OTHER_GENERATION = "other_generation"
    OTHER_KIND = "other_kind"
    OTHER_PHONE = "other_phone"
    OTHER_EMAIL = "other_email"
    OTHER_BIRTHDAY = "other_birthday"
    ONLY_NAME = "only_name"
    NOT_BY_PHONE = "not_by_phone"
    NOT_BY_EMAIL = "not_by_email"
    SEVERAL = "several"
    ARCHIVED = "archived"


# Keys ----------------------------------------------------------------------------------------------------------------


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
    for pair in _DIGRAPHS:
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


# People --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One side of a comparison. `first` and `last` as stated; where they are not told apart, `name` has both.

    `phones` and `email` are keys as `phone_key` and `email_key` make them; a company has its name in `name`.
    """

    first: str = ""
    last: str = ""
    name: str = ""
    company: bool = False
    phones: frozenset[str] = frozenset()
    email: str = ""
    birthday: date | None = None
    tax_id: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """`score` (0-100) orders what a person is asked; it has no part in the verdict. `exact`: the very same name."""

    verdict: Verdict
    score: int = 0
    reasons: tuple[Reason, ...] = ()
    exact: bool = False


@dataclass(slots=True)
class Choice:
    """`same`: the one candidate to link, None: none. `ask`: candidates to ask about, the likeliest first."""

    same: object = None
    judgement: Judgement | None = None
    ask: list[tuple[object, Judgement]] = field(default_factory=list)


def choose(candidates: Iterable[tuple[K, Person]], person: Person, by: MatchBy = MatchBy.BOTH) -> Choice:
    """What becomes of a person among candidates: linked to one, asked about some, or new.

    A short form links by itself only where no other candidate is left; where several are the same, only one that has
    both phone and e-mail in common can be told from the others.
    """
    judged = [(key, judge(person, candidate, by)) for key, candidate in candidates]
    open_ones = [(key, found) for key, found in judged if found.verdict is not Verdict.DIFFERENT]
    same = [(key, found) for key, found in open_ones if found.verdict is Verdict.SAME]
    if len(same) > 1:
        both = {Reason.SAME_PHONE, Reason.SAME_EMAIL}
        same = [(key, found) for key, found in same if found.exact and both <= set(found.reasons)]
    if len(same) == 1 and (same[0][1].exact or len(open_ones) == 1):
        return Choice(same=same[0][0], judgement=same[0][1])
    several = (Reason.SEVERAL,) if len(open_ones) > 1 else ()
    asked = [
        (key, Judgement(Verdict.ASK, found.score, (*found.reasons, *several), found.exact)) for key, found in open_ones
    ]
    return Choice(ask=sorted(asked, key=lambda pair: -pair[1].score))


def judge(ours: Person, theirs: Person, by: MatchBy = MatchBy.BOTH) -> Judgement:
    """The verdict on a pair, whatever other candidates there are."""
    if ours.company and theirs.company:
        name, why = _compare_companies(ours, theirs)
    else:
        name, why = _compare_names(ours, theirs)
    common, against, known = _compare_details(ours, theirs)
    score = round(fuzz.token_sort_ratio(" ".join(_full(ours)), " ".join(_full(theirs))))
    reasons = (*why, *common, *against)

    def verdict(found: Verdict, *more: Reason) -> Judgement:
        return Judgement(found, score, (*reasons, *more), exact=name is _Name.SAME)

    contacts = {Reason.SAME_PHONE, Reason.SAME_EMAIL, Reason.SAME_TAX_ID} & set(common)
    if name is _Name.OTHER:
        if Reason.OTHER_LAST_NAME in why and Reason.SAME_EMAIL in common and Reason.OTHER_BIRTHDAY not in against:
            return verdict(Verdict.ASK)
        return verdict(Verdict.DIFFERENT)
    if not contacts:
        whole = name is _Name.SAME and Reason.ONE_NAME not in why
        if whole and (Reason.SAME_BIRTHDAY in common or not known) and Reason.OTHER_BIRTHDAY not in against:
            return verdict(Verdict.ASK, Reason.ONLY_NAME)
        return verdict(Verdict.DIFFERENT)
    if by is not MatchBy.BOTH and not contacts & {_COUNTS[by], Reason.SAME_TAX_ID}:
        return verdict(Verdict.ASK, Reason.NOT_BY_PHONE if by is MatchBy.EMAIL else Reason.NOT_BY_EMAIL)
    if name is _Name.DOUBTFUL or Reason.OTHER_BIRTHDAY in against or ours.company != theirs.company:
        return verdict(Verdict.ASK, *((Reason.OTHER_KIND,) if ours.company != theirs.company else ()))
    if theirs.archived:
        return verdict(Verdict.ASK, Reason.ARCHIVED)
    if name is _Name.SHORT_FORM and against:
        return verdict(Verdict.ASK)
    return verdict(Verdict.SAME)


_COUNTS = {MatchBy.PHONE: Reason.SAME_PHONE, MatchBy.EMAIL: Reason.SAME_EMAIL}


def _compare_details(ours: Person, theirs: Person) -> tuple[tuple[Reason, ...], tuple[Reason, ...], bool]:
    """What both have in common, what speaks against it, and whether phone or e-mail could be compared at all."""
    pairs = (
        (ours.phones, theirs.phones, bool(ours.phones & theirs.phones), Reason.SAME_PHONE, Reason.OTHER_PHONE),
        (ours.email, theirs.email, ours.email == theirs.email, Reason.SAME_EMAIL, Reason.OTHER_EMAIL),
        (
            ours.birthday,
            theirs.birthday,
            ours.birthday == theirs.birthday,
            Reason.SAME_BIRTHDAY,
            Reason.OTHER_BIRTHDAY,
        ),
        (_tax_id(ours), _tax_id(theirs), _tax_id(ours) == _tax_id(theirs), Reason.SAME_TAX_ID, None),
    )
    common = tuple(same for one, other, equal, same, _differs in pairs if one and other and equal)
    against = tuple(differs for one, other, equal, _same, differs in pairs if one and other and not equal and differs)
    comparable = bool(ours.phones and theirs.phones) or bool(ours.email and theirs.email)
    return common, against, comparable


def _tax_id(person: Person) -> str:
    return "".join(letter for letter in fold(person.tax_id) if letter.isalnum()) if person.company else ""


# Names ---------------------------------------------------------------------------------------------------------------


class _Name(Enum):
    """How two names stand to each other, from the closest to the farthest."""

    SAME = 4
    SHORT_FORM = 3
    DOUBTFUL = 2
    OTHER = 1


_Result = tuple[_Name, tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class _Parsed:
    """`splits`: pairs of first and last names that the name can be read as; `stated`: the only one is the true one."""

    words: tuple[str, ...]
    splits: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    stated: bool
    title: str
    generation: str


def _parse(person: Person) -> _Parsed:
    text, first, last = person.name, words(person.first), words(person.last)
    if not text and not (first and last):
        text = person.first or person.last
        first = last = ()
    if text and not first and not last:
        before, comma, after = text.partition(",")
        if comma and not all(word in GENERATIONS for word in words(after)):
            first, last = words(after), words(before)
            person_words = first + last
        else:
            person_words = words(text)
    else:
        person_words = first + last
    person_words, title, generation = person_words[:_MOST_WORDS], "", ""
    while len(person_words) > 1 and person_words[0] in TITLES:
        title = title or TITLES[person_words[0]]
        person_words, first = person_words[1:], first[1:]
    if len(person_words) > 1 and person_words[-1] in GENERATIONS:
        generation = GENERATIONS[person_words[-1]]
        person_words, last = person_words[:-1], last[:-1]
    stated = bool(first and last)
    if stated:
        splits: tuple = ((first, last),)
    else:
        splits = tuple((person_words[:at], person_words[at:]) for at in range(1, len(person_words)))
    return _Parsed(person_words, splits, stated, title, generation)


@lru_cache(maxsize=2048)
def _parsed(person: Person) -> _Parsed:
    return _parse(person)


def _full(person: Person) -> tuple[str, ...]:
    return _parsed(person).words


def _compare_names(ours: Person, theirs: Person) -> _Result:
    a, b = _parsed(ours), _parsed(theirs)
    if not a.words or not b.words:
        return _Name.DOUBTFUL, (Reason.NO_NAME,)
    if _script(a.words) != _script(b.words):
        return _Name.DOUBTFUL, (Reason.OTHER_SCRIPT,)
    result = _compare_one_name(a, b) if not a.splits or not b.splits else _best_split(a, b)
    return _with_additions(result, a, b)


def _with_additions(result: _Result, a: _Parsed, b: _Parsed) -> _Result:
    """Mr and Mrs, senior and junior: what stands around the name."""
    name, why = result
    if name is _Name.OTHER:
        return result
    if a.generation != b.generation:
        if a.generation and b.generation:
            return _Name.OTHER, (*why, Reason.OTHER_GENERATION)
        name, why = _Name.DOUBTFUL, (*why, Reason.OTHER_GENERATION)
    if a.title and b.title and a.title != b.title:
        name, why = _Name.DOUBTFUL, (*why, Reason.OTHER_TITLE)
    return name, why


def _compare_one_name(a: _Parsed, b: _Parsed) -> _Result:
    """One side has a single word: a first name, a last name, nobody knows."""
    short, long = (a, b) if len(a.words) <= len(b.words) else (b, a)
    word = short.words[0]
    if word in ("".join(long.words), "".join(reversed(long.words))):
        return _Name.DOUBTFUL, (Reason.ONE_NAME,)
    if any(_equal_words((word,), (other,)) for other in long.words):
        return _Name.DOUBTFUL, (Reason.ONE_NAME,)
    if any(relation(word, other) in ("short_form", "loose_form") for other in long.words[:1]):
        return _Name.DOUBTFUL, (Reason.ONE_NAME, Reason.SHORT_FORM)
    return _Name.OTHER, (Reason.OTHER_NAME,)


def _best_split(a: _Parsed, b: _Parsed) -> _Result:
    """The closest of all ways to read both names, the other way round too."""
    best: _Result = (_Name.OTHER, (Reason.OTHER_NAME,))
    for first_a, last_a in a.splits:
        for first_b, last_b in b.splits:
            for found in (
                _compare_split(first_a, last_a, first_b, last_b),
                _turned(_compare_split(first_a, last_a, last_b, first_b), first_a, last_a),
            ):
                if found[0] is _Name.SAME:
                    return found
                if found[0].value > best[0].value or (found[0] is best[0] and best[1] == (Reason.OTHER_NAME,)):
                    best = found
    return best


def _turned(result: _Result, first: tuple[str, ...], last: tuple[str, ...]) -> _Result:
    """The last name first. Unless one of the two is known for a first name nobody can tell which is which."""
    name, why = result
    if name is _Name.OTHER:
        return _Name.OTHER, (Reason.OTHER_NAME,)
    certain = name is _Name.SAME and is_first_name(first[0]) != is_first_name(last[0])
    return _Name.SAME if certain else _Name.DOUBTFUL, (*why, Reason.NAME_ORDER)


def _compare_split(
    first_a: tuple[str, ...], last_a: tuple[str, ...], first_b: tuple[str, ...], last_b: tuple[str, ...]
) -> _Result:
    last = _compare_last(last_a, last_b)
    first = _compare_first(first_a, first_b)
    if last[0] is _Name.SAME:
        return first
    if first[0] not in (_Name.SAME, _Name.SHORT_FORM):
        return _Name.OTHER, (Reason.OTHER_NAME,)
    if last[0] is _Name.DOUBTFUL and first[0] is _Name.SAME:
        return last
    return _Name.OTHER, (Reason.OTHER_LAST_NAME,)


def _compare_last(a: tuple[str, ...], b: tuple[str, ...]) -> _Result:
    if _equal_words(a, b) or _spelled_alike("".join(a), "".join(b)):
        return _Name.SAME, ()
    if set(a) & set(b) and (set(a) <= set(b) or set(b) <= set(a)):
        return _Name.DOUBTFUL, (Reason.MIDDLE_NAME,)
    one, other = "".join(a), "".join(b)
    if min(len(one), len(other)) >= 4 and (
        JaroWinkler.similarity(one, other) >= _CLOSE or fuzz.ratio(one, other) >= _CLOSE_RATIO
    ):
        return _Name.DOUBTFUL, (Reason.SIMILAR_NAME,)
    return _Name.OTHER, (Reason.OTHER_LAST_NAME,)


def _compare_first(a: tuple[str, ...], b: tuple[str, ...]) -> _Result:
    if _equal_words(a, b):
        return _Name.SAME, (Reason.SAME_NAME,)
    if len(a) == len(b) == 1:
        return _compare_first_words(a[0], b[0])
    # More words on one side: a middle name, an initial. Father and son often differ in nothing else.
    head = (_Name.SAME, ()) if _equal_words(a[:1], b[:1]) else _compare_first_words(a[0], b[0])
    if head[0] is _Name.OTHER:
        return head
    return _Name.DOUBTFUL, (*head[1], Reason.MIDDLE_NAME)


def _compare_first_words(a: str, b: str) -> _Result:
    if len(a) == 1 or len(b) == 1:
        return (_Name.DOUBTFUL, (Reason.INITIAL,)) if a[0] == b[0] else (_Name.OTHER, (Reason.OTHER_NAME,))
    found = relation(a, b)
    if not found and _spelled_alike(a, b):
        return _Name.SAME, (Reason.SAME_NAME,)
    if found == "short_form":
        return _Name.SHORT_FORM, (Reason.SHORT_FORM,)
    if found == "loose_form":
        return _Name.DOUBTFUL, (Reason.LOOSE_FORM,)
    if found == "gendered":
        return _Name.DOUBTFUL, (Reason.GENDERED,)
    if found != "distinct" and min(len(a), len(b)) >= 3 and _could_be_a_slip(a, b):
        return _Name.DOUBTFUL, (Reason.SIMILAR_NAME,)
    return _Name.OTHER, (Reason.OTHER_NAME,)


def _could_be_a_slip(a: str, b: str) -> bool:
    if min(len(a), len(b)) == 3:
        return a.startswith(b) or b.startswith(a)
    return JaroWinkler.similarity(a, b) >= _CLOSE or fuzz.ratio(a, b) >= _CLOSE_RATIO


def _compare_companies(ours: Person, theirs: Person) -> _Result:
    one, other = (
        tuple(word for word in words(person.name) if word not in LEGAL_FORMS) or words(person.name)
        for person in (ours, theirs)
    )
    if not one or not other:
        return _Name.DOUBTFUL, (Reason.NO_NAME,)
    if _equal_words(one, other):
        return _Name.SAME, (Reason.SAME_NAME,)
    if fuzz.token_set_ratio(" ".join(one), " ".join(other)) >= 85:
        return _Name.DOUBTFUL, (Reason.SIMILAR_NAME,)
    return _Name.OTHER, (Reason.OTHER_NAME,)


def _equal_words(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """The same letters, wherever the words are parted."""
    return "".join(a) == "".join(b)


def _spelled_alike(one: str, other: str) -> bool:
    """ "Mueller" is how "Müller" is written where there are no umlauts."""
    shorter, longer = sorted((one, other), key=len)
    for digraph, letter in _DIGRAPHS:
        longer = longer.replace(digraph, letter) if digraph not in shorter else longer
    return shorter == longer


def _script(found: tuple[str, ...]) -> str:
    letter = next((letter for word in found for letter in word if letter.isalpha()), "a")
    return unicodedata.name(letter, "LATIN").partition(" ")[0]
