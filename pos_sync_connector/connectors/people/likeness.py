"""How alike the names of two people, or of two companies, are: by all ways in which a name can be read."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from .keys import DIGRAPHS, words
from .names import GENERATIONS, LEGAL_FORMS, TITLES, is_first_name, relation
from .person import Person, Reason

# A first or last name this close to another may be a slip of the pen. It never makes two people one.
_CLOSE, _CLOSE_RATIO = 0.9, 80
_MOST_WORDS = 8


class Likeness(Enum):
    """How two names stand to each other, from the closest to the farthest."""

    SAME = 4
    SHORT_FORM = 3
    DOUBTFUL = 2
    OTHER = 1


_Result = tuple[Likeness, tuple[Reason, ...]]


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


def full_name(person: Person) -> tuple[str, ...]:
    return _parsed(person).words


def compare_names(ours: Person, theirs: Person) -> _Result:
    a, b = _parsed(ours), _parsed(theirs)
    if not a.words or not b.words:
        return Likeness.DOUBTFUL, (Reason.NO_NAME,)
    if _script(a.words) != _script(b.words):
        return Likeness.DOUBTFUL, (Reason.OTHER_SCRIPT,)
    result = _compare_one_name(a, b) if not a.splits or not b.splits else _best_split(a, b)
    return _with_additions(result, a, b)


def _with_additions(result: _Result, a: _Parsed, b: _Parsed) -> _Result:
    """Mr and Mrs, senior and junior: what stands around the name."""
    name, why = result
    if name is Likeness.OTHER:
        return result
    if a.generation != b.generation:
        if a.generation and b.generation:
            return Likeness.OTHER, (*why, Reason.OTHER_GENERATION)
        name, why = Likeness.DOUBTFUL, (*why, Reason.OTHER_GENERATION)
    if a.title and b.title and a.title != b.title:
        name, why = Likeness.DOUBTFUL, (*why, Reason.OTHER_TITLE)
    return name, why


def _compare_one_name(a: _Parsed, b: _Parsed) -> _Result:
    """One side has a single word: a first name, a last name, nobody knows."""
    short, long = (a, b) if len(a.words) <= len(b.words) else (b, a)
    word = short.words[0]
    if word in ("".join(long.words), "".join(reversed(long.words))):
        return Likeness.DOUBTFUL, (Reason.ONE_NAME,)
    if any(_equal_words((word,), (other,)) for other in long.words):
        return Likeness.DOUBTFUL, (Reason.ONE_NAME,)
    if any(relation(word, other) in ("short_form", "loose_form") for other in long.words[:1]):
        return Likeness.DOUBTFUL, (Reason.ONE_NAME, Reason.SHORT_FORM)
    return Likeness.OTHER, (Reason.OTHER_NAME,)


def _best_split(a: _Parsed, b: _Parsed) -> _Result:
    """The closest of all ways to read both names, the other way round too."""
    best: _Result = (Likeness.OTHER, (Reason.OTHER_NAME,))
    for first_a, last_a in a.splits:
        for first_b, last_b in b.splits:
            for found in (
                _compare_split(first_a, last_a, first_b, last_b),
                _turned(_compare_split(first_a, last_a, last_b, first_b), first_a, last_a),
            ):
                if found[0] is Likeness.SAME:
                    return found
                if found[0].value > best[0].value or (found[0] is best[0] and best[1] == (Reason.OTHER_NAME,)):
                    best = found
    return best


def _turned(result: _Result, first: tuple[str, ...], last: tuple[str, ...]) -> _Result:
    """The last name first. Unless one of the two is known for a first name nobody can tell which is which."""
    name, why = result
    if name is Likeness.OTHER:
        return Likeness.OTHER, (Reason.OTHER_NAME,)
    certain = name is Likeness.SAME and is_first_name(first[0]) != is_first_name(last[0])
    return Likeness.SAME if certain else Likeness.DOUBTFUL, (*why, Reason.NAME_ORDER)


def _compare_split(
    first_a: tuple[str, ...], last_a: tuple[str, ...], first_b: tuple[str, ...], last_b: tuple[str, ...]
) -> _Result:
    last = _compare_last(last_a, last_b)
    first = _compare_first(first_a, first_b)
    if last[0] is Likeness.SAME:
        return first
    if first[0] not in (Likeness.SAME, Likeness.SHORT_FORM):
        return Likeness.OTHER, (Reason.OTHER_NAME,)
    if last[0] is Likeness.DOUBTFUL and first[0] is Likeness.SAME:
        return last
    return Likeness.OTHER, (Reason.OTHER_LAST_NAME,)


def _compare_last(a: tuple[str, ...], b: tuple[str, ...]) -> _Result:
    if _equal_words(a, b) or _spelled_alike("".join(a), "".join(b)):
        return Likeness.SAME, ()
    if set(a) & set(b) and (set(a) <= set(b) or set(b) <= set(a)):
        return Likeness.DOUBTFUL, (Reason.MIDDLE_NAME,)
    one, other = "".join(a), "".join(b)
    if min(len(one), len(other)) >= 4 and (
        JaroWinkler.similarity(one, other) >= _CLOSE or fuzz.ratio(one, other) >= _CLOSE_RATIO
    ):
        return Likeness.DOUBTFUL, (Reason.SIMILAR_NAME,)
    return Likeness.OTHER, (Reason.OTHER_LAST_NAME,)


def _compare_first(a: tuple[str, ...], b: tuple[str, ...]) -> _Result:
    if _equal_words(a, b):
        return Likeness.SAME, (Reason.SAME_NAME,)
    if len(a) == len(b) == 1:
        return _compare_first_words(a[0], b[0])
    # More words on one side: a middle name, an initial. Father and son often differ in nothing else.
    head = (Likeness.SAME, ()) if _equal_words(a[:1], b[:1]) else _compare_first_words(a[0], b[0])
    if head[0] is Likeness.OTHER:
        return head
    return Likeness.DOUBTFUL, (*head[1], Reason.MIDDLE_NAME)


def _compare_first_words(a: str, b: str) -> _Result:
    if len(a) == 1 or len(b) == 1:
        return (Likeness.DOUBTFUL, (Reason.INITIAL,)) if a[0] == b[0] else (Likeness.OTHER, (Reason.OTHER_NAME,))
    found = relation(a, b)
    if not found and _spelled_alike(a, b):
        return Likeness.SAME, (Reason.SAME_NAME,)
    if found == "short_form":
        return Likeness.SHORT_FORM, (Reason.SHORT_FORM,)
    if found == "loose_form":
        return Likeness.DOUBTFUL, (Reason.LOOSE_FORM,)
    if found == "gendered":
        return Likeness.DOUBTFUL, (Reason.GENDERED,)
    if found != "distinct" and min(len(a), len(b)) >= 3 and _could_be_a_slip(a, b):
        return Likeness.DOUBTFUL, (Reason.SIMILAR_NAME,)
    return Likeness.OTHER, (Reason.OTHER_NAME,)


def _could_be_a_slip(a: str, b: str) -> bool:
    if min(len(a), len(b)) == 3:
        return a.startswith(b) or b.startswith(a)
    return JaroWinkler.similarity(a, b) >= _CLOSE or fuzz.ratio(a, b) >= _CLOSE_RATIO


def compare_companies(ours: Person, theirs: Person) -> _Result:
    one, other = (
        tuple(word for word in words(person.name) if word not in LEGAL_FORMS) or words(person.name)
        for person in (ours, theirs)
    )
    if not one or not other:
        return Likeness.DOUBTFUL, (Reason.NO_NAME,)
    if _equal_words(one, other):
        return Likeness.SAME, (Reason.SAME_NAME,)
    if fuzz.token_set_ratio(" ".join(one), " ".join(other)) >= 85:
        return Likeness.DOUBTFUL, (Reason.SIMILAR_NAME,)
    return Likeness.OTHER, (Reason.OTHER_NAME,)


def _equal_words(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """The same letters, wherever the words are parted."""
    return "".join(a) == "".join(b)


def _spelled_alike(one: str, other: str) -> bool:
    """ "Mueller" is how "Müller" is written where there are no umlauts."""
    shorter, longer = sorted((one, other), key=len)
    for digraph, letter in DIGRAPHS:
        longer = longer.replace(digraph, letter) if digraph not in shorter else longer
    return shorter == longer


def _script(found: tuple[str, ...]) -> str:
    letter = next((letter for word in found for letter in word if letter.isalpha()), "a")
    return unicodedata.name(letter, "LATIN").partition(" ")[0]
