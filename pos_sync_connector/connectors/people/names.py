"""How two first names stand to each other, and what in a name is none of its own: titles, generations, legal forms."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from .table import ENDINGS, OFTEN_OWN, TABLE

# Spellings of one name that are less alike than this are names of their own in some countries.
_ALIKE = 70

TITLES = {
    **dict.fromkeys("mr mister herr sr senor monsieur signor dhr sir".split(), "m"),
    **dict.fromkeys("mrs ms miss frau sra senora srta senorita madame mme signora mevr mlle lady".split(), "f"),
    **dict.fromkeys("dr prof doctor professor rev ing dipl mag mx".split(), ""),
}
GENERATIONS = {
    "jr": "junior",
    "jun": "junior",
    "junior": "junior",
    "sr": "senior",
    "sen": "senior",
    "senior": "senior",
    "ii": "ii",
    "2nd": "ii",
    "iii": "iii",
    "3rd": "iii",
    "iv": "iv",
    "4th": "iv",
}
# Legal forms at the end of a company's name say nothing about who it is.
LEGAL_FORMS = frozenset(
    "inc incorporated llc llp lp ltd limited corp corporation co company plc gmbh ag kg ohg ug mbh sa sas sarl sl srl "
    "spa bv nv oy ab as aps pty kft sro doo".split()
)


@dataclass(frozen=True, slots=True)
class _Form:
    """What a first name may stand for: the number of its line, its gender, and how closely it stands for it."""

    line: int
    gender: str
    kind: str


def _read(table: str) -> dict[str, tuple[_Form, ...]]:
    forms: dict[str, list[_Form]] = {}
    for number, text in enumerate(filter(None, map(str.strip, table.splitlines()))):
        gender, _, rest = text.partition(" ")
        parts = [part.split() for part in rest.split("|")]
        for kind, names in zip(("spelling", "short", "loose"), parts, strict=True):
            for name in names:
                own = kind == "short" and name in OFTEN_OWN
                forms.setdefault(name, []).append(_Form(number, gender, "loose" if own else kind))
    return {name: tuple(found) for name, found in forms.items()}


_FORMS = _read(TABLE)
_GENDERED = frozenset(
    (male.strip(), female)
    for group in ENDINGS.split("|")
    for male, females in (group.split(":"),)
    for female in females.split()
)


def is_first_name(word: str) -> bool:
    """Whether a folded word is a first name that the table knows."""
    return word in _FORMS


def relation(one: str, other: str) -> str:
    """How two different, folded first names stand to each other.

    `short_form`: one is another spelling of the other, or its usual short form, and can be nothing else;
    `loose_form`: they may be the same name; `gendered`: a man's and a woman's form; `distinct`: two names that are
    known to be different; `""`: the table can't tell.
    """
    ours, theirs = _FORMS.get(one, ()), _FORMS.get(other, ())
    shared = [(a, b) for a in ours for b in theirs if a.line == b.line]
    if shared:
        one_gender = len({form.gender for form in (*ours, *theirs)}) == 1
        close = any(_is_close(one, a, other, b) for a, b in shared)
        return "short_form" if close and one_gender else "loose_form"
    if _is_gendered(one, other):
        return "gendered"
    return "distinct" if ours and theirs else ""


def _is_close(one: str, a: _Form, other: str, b: _Form) -> bool:
    """A short form of a spelling, or two spellings that look alike: Ludwig and Lewis may be brothers."""
    kinds = {a.kind, b.kind}
    return kinds == {"spelling", "short"} or (kinds == {"spelling"} and fuzz.ratio(one, other) >= _ALIKE)


def _is_gendered(one: str, other: str) -> bool:
    stem = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        stem += 1
    # The endings may begin a letter before the names part: Andre and Andrea, Alexander and Alexandra.
    for length in range(stem, max(2, stem - 3), -1):
        endings = (one[length:], other[length:])
        if endings in _GENDERED or endings[::-1] in _GENDERED:
            return True
    return False
