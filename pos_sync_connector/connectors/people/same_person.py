"""Whether two customers are one person: the verdict, with its reasons.

A score never decides. `SAME` needs the same name and the same phone or e-mail (`MatchBy` says which of them count), or
another spelling or short form of the first name with nothing that speaks against it. What is left in doubt is `ASK`.
Reasons are codes; whoever shows them makes sentences of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from rapidfuzz import fuzz

from .keys import fold
from .likeness import Likeness, compare_companies, compare_names, full_name
from .person import Person, Reason

K = TypeVar("K", bound=Hashable)


class Verdict(str, Enum):
    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"


class MatchBy(str, Enum):
    """Which details make two customers of one name one: the phone, the e-mail, or either of them."""

    PHONE = "phone"
    EMAIL = "email"
    BOTH = "both"


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
        name, why = compare_companies(ours, theirs)
    else:
        name, why = compare_names(ours, theirs)
    common, against, known = _compare_details(ours, theirs)
    score = round(fuzz.token_sort_ratio(" ".join(full_name(ours)), " ".join(full_name(theirs))))
    reasons = (*why, *common, *against)

    def verdict(found: Verdict, *more: Reason) -> Judgement:
        return Judgement(found, score, (*reasons, *more), exact=name is Likeness.SAME)

    contacts = {Reason.SAME_PHONE, Reason.SAME_EMAIL, Reason.SAME_TAX_ID} & set(common)
    if name is Likeness.OTHER:
        if Reason.OTHER_LAST_NAME in why and Reason.SAME_EMAIL in common and Reason.OTHER_BIRTHDAY not in against:
            return verdict(Verdict.ASK)
        return verdict(Verdict.DIFFERENT)
    if not contacts:
        whole = name is Likeness.SAME and Reason.ONE_NAME not in why
        if whole and (Reason.SAME_BIRTHDAY in common or not known) and Reason.OTHER_BIRTHDAY not in against:
            return verdict(Verdict.ASK, Reason.ONLY_NAME)
        return verdict(Verdict.DIFFERENT)
    if by is not MatchBy.BOTH and not contacts & {_COUNTS[by], Reason.SAME_TAX_ID}:
        return verdict(Verdict.ASK, Reason.NOT_BY_PHONE if by is MatchBy.EMAIL else Reason.NOT_BY_EMAIL)
    if name is Likeness.DOUBTFUL or Reason.OTHER_BIRTHDAY in against or ours.company != theirs.company:
        return verdict(Verdict.ASK, *((Reason.OTHER_KIND,) if ours.company != theirs.company else ()))
    if theirs.archived:
        return verdict(Verdict.ASK, Reason.ARCHIVED)
    if name is Likeness.SHORT_FORM and against:
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
