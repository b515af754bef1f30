"""A table of pairs: who is the same person, who is not, and who must be asked about."""

from datetime import date

import pytest

from connectors.people.keys import email_key, name_key, phone_key
from connectors.people.names import relation
from connectors.people.person import Person, Reason
from connectors.people.same_person import Choice, MatchBy, Verdict, choose, judge

PHONE, EMAIL, BOTH = "phone", "email", "both"


def person(text: str, *, shares: str = "", side: str = "", **more) -> Person:
    """ "Tom|Condor" has first and last stated, "Tom Condor" is one name; `shares` says what both sides have alike."""
    first, bar, last = text.partition("|")
    names = {"first": first, "last": last} if bar else {"name": text}
    phone = "+12125550143" if shares in (PHONE, BOTH) else f"+1212555019{side}"
    email = "shared@example.com" if shares in (EMAIL, BOTH) else f"{side}@example.com"
    return Person(**names, **{"phones": frozenset({phone}), "email": email, **more})


# The name at the system, the name in Odoo, what both share beside it, the verdict, a reason that must be given.
PAIRS = [
    # The same name with the same phone or e-mail
    ("Tom|Condor", "Tom Condor", PHONE, "same", Reason.SAME_NAME),
    ("Tom|Condor", "Tom Condor", EMAIL, "same", Reason.SAME_EMAIL),
    ("Tom|Condor", "Tom Condor", BOTH, "same", Reason.SAME_PHONE),
    ("Tomás|Condor", "Tomas Condor", PHONE, "same", Reason.SAME_NAME),
    ("TOM|CONDOR", "tom condor", EMAIL, "same", Reason.SAME_NAME),
    ("Tom|Condor", "Condor, Tom", PHONE, "same", Reason.SAME_NAME),
    ("Tom|Condor", "Condor Tom", PHONE, "same", Reason.NAME_ORDER),
    ("Mary Jane|Watson", "Mary Jane Watson", PHONE, "same", Reason.SAME_NAME),
    ("Mary|Jane Watson", "Mary Jane Watson", PHONE, "same", Reason.SAME_NAME),
    ("Jean-Luc|Picard", "Jean Luc Picard", EMAIL, "same", Reason.SAME_NAME),
    ("Sean|O'Brien", "Sean OBrien", PHONE, "same", Reason.SAME_NAME),
    ("Seán|O’Brien", "Sean O Brien", PHONE, "same", Reason.SAME_NAME),
    ("Ludwig|van der Berg", "Ludwig van der Berg", PHONE, "same", Reason.SAME_NAME),
    ("Anna|Müller", "Anna Mueller", PHONE, "same", Reason.SAME_NAME),
    ("Jürgen|Groß", "Juergen Gross", EMAIL, "same", Reason.SAME_NAME),
    ("Søren|Ångström", "Soren Angstrom", PHONE, "same", Reason.SAME_NAME),
    ("Łukasz|Żak", "Lukasz Zak", EMAIL, "same", Reason.SAME_NAME),
    ("José|García López", "Jose Garcia Lopez", PHONE, "same", Reason.SAME_NAME),
    ("Mr. Tom|Condor", "Tom Condor", PHONE, "same", Reason.SAME_NAME),
    # Another spelling or the usual short form, with nothing against it
    ("Tom|Condor", "Tomás Condor", BOTH, "same", Reason.SHORT_FORM),
    ("Tom|Condor", "Thomas Condor", BOTH, "same", Reason.SHORT_FORM),
    ("Bob|Miller", "Robert Miller", BOTH, "same", Reason.SHORT_FORM),
    ("Elizabeth|Bennet", "Liz Bennet", BOTH, "same", Reason.SHORT_FORM),
    ("Bill|Gray", "William Gray", BOTH, "same", Reason.SHORT_FORM),
    ("Mike|Ross", "Michael Ross", BOTH, "same", Reason.SHORT_FORM),
    ("Kate|Moss", "Katherine Moss", BOTH, "same", Reason.SHORT_FORM),
    ("Katherine|Moss", "Kathryn Moss", BOTH, "same", Reason.SHORT_FORM),
    ("Steven|King", "Stephen King", BOTH, "same", Reason.SHORT_FORM),
    ("Jim|Kirk", "James Kirk", BOTH, "same", Reason.SHORT_FORM),
    ("Becky|Sharp", "Rebecca Sharp", BOTH, "same", Reason.SHORT_FORM),
    ("Pepe|García", "José García", BOTH, "same", Reason.SHORT_FORM),
    ("Hans|Maier", "Johannes Maier", BOTH, "same", Reason.SHORT_FORM),
    # A short form while the other detail differs
    ("Tom|Condor", "Thomas Condor", PHONE, "ask", Reason.OTHER_EMAIL),
    ("Bob|Miller", "Robert Miller", EMAIL, "ask", Reason.OTHER_PHONE),
    # Names that may be one
    ("Daniel|Weber", "Daniela Weber", PHONE, "ask", Reason.GENDERED),
    ("Daniel|Weber", "Daniela Weber", BOTH, "ask", Reason.GENDERED),
    ("Daniel|Weber", "Danielle Weber", BOTH, "ask", Reason.GENDERED),
    ("Mario|Rossi", "Maria Rossi", PHONE, "ask", Reason.GENDERED),
    ("Paul|Braun", "Paula Braun", BOTH, "ask", Reason.GENDERED),
    ("Francis|Bacon", "Frances Bacon", BOTH, "ask", Reason.GENDERED),
    ("Simon|Petit", "Simone Petit", BOTH, "ask", Reason.GENDERED),
    ("Christian|Lang", "Christina Lang", BOTH, "ask", Reason.GENDERED),
    ("Andreas|Huber", "Andrea Huber", BOTH, "ask", Reason.GENDERED),
    ("Alex|Stone", "Alexandra Stone", BOTH, "ask", Reason.LOOSE_FORM),
    ("Alex|Stone", "Alexander Stone", BOTH, "ask", Reason.LOOSE_FORM),
    ("Sam|Green", "Samantha Green", BOTH, "ask", Reason.LOOSE_FORM),
    ("Pat|Hill", "Patricia Hill", BOTH, "ask", Reason.LOOSE_FORM),
    ("Ludwig|Stone", "Lewis Stone", BOTH, "ask", Reason.LOOSE_FORM),
    ("Sandra|Stone", "Alexandra Stone", BOTH, "ask", Reason.LOOSE_FORM),
    ("Jan|Novak", "Janice Novak", BOTH, "ask", Reason.LOOSE_FORM),
    ("Jack|Ryan", "John Ryan", BOTH, "ask", Reason.LOOSE_FORM),
    ("Ed|Wood", "Ted Wood", PHONE, "ask", Reason.LOOSE_FORM),
    ("Jan|Novak", "Jon Novak", PHONE, "ask", Reason.LOOSE_FORM),
    ("Tommy|Condor", "Thomas Condor", BOTH, "ask", Reason.LOOSE_FORM),
    ("Tom|Condor", "Tommy Condor", BOTH, "ask", Reason.LOOSE_FORM),
    ("Jonh|Smith", "John Smith", PHONE, "ask", Reason.SIMILAR_NAME),
    ("Shannon|Cole", "Shanon Cole", PHONE, "ask", Reason.SIMILAR_NAME),
    ("Tom|Condor", "Tom Kondor", PHONE, "ask", Reason.SIMILAR_NAME),
    ("T.|Condor", "Tom Condor", PHONE, "ask", Reason.INITIAL),
    ("John|Kennedy", "John F. Kennedy", PHONE, "ask", Reason.MIDDLE_NAME),
    ("Juan|García", "Juan García López", BOTH, "ask", Reason.MIDDLE_NAME),
    ("Anna|Schmidt-Lang", "Anna Schmidt", PHONE, "ask", Reason.MIDDLE_NAME),
    ("Anna|Schmidt", "Anna Lang", EMAIL, "ask", Reason.OTHER_LAST_NAME),
    ("Tom|", "Tom", BOTH, "ask", Reason.ONE_NAME),
    ("Tom|", "Tom Condor", BOTH, "ask", Reason.ONE_NAME),
    ("|Condor", "Tom Condor", PHONE, "ask", Reason.ONE_NAME),
    ("|", "Tom Condor", BOTH, "ask", Reason.NO_NAME),
    ("Ivan|Petrov", "Иван Петров", PHONE, "ask", Reason.OTHER_SCRIPT),
    ("小明|王", "王小明", PHONE, "ask", Reason.ONE_NAME),
    ("Иван|Петров", "Петров Иван", PHONE, "ask", Reason.NAME_ORDER),
    ("Wei|Ming", "Ming Wei", PHONE, "ask", Reason.NAME_ORDER),
    ("James|Thomas", "Thomas James", PHONE, "ask", Reason.NAME_ORDER),
    ("John|Smith", "John Smith Jr.", PHONE, "ask", Reason.OTHER_GENERATION),
    ("Mr. A|Smith", "Mrs. A Smith", PHONE, "ask", Reason.OTHER_TITLE),
    # Two people
    ("Tom|Condor", "Tom Condor", "", "different", Reason.OTHER_PHONE),
    ("Tom|Condor", "Tom Condor", "", "different", Reason.OTHER_EMAIL),
    ("Tom|Condor", "Tim Condor", PHONE, "different", Reason.OTHER_NAME),
    ("Tom|Condor", "Tim Condor", BOTH, "different", Reason.OTHER_NAME),
    ("Tom|Condor", "Emma Condor", PHONE, "different", Reason.OTHER_NAME),
    ("Robert|Smith", "Emily Smith", BOTH, "different", Reason.OTHER_NAME),
    ("John|Smith Jr.", "John Smith Sr.", PHONE, "different", Reason.OTHER_GENERATION),
    ("John|Smith II", "John Smith III", BOTH, "different", Reason.OTHER_GENERATION),
    ("Ann|Lee", "Amy Lee", BOTH, "different", Reason.OTHER_NAME),
    ("Mark|Twain", "Mary Twain", BOTH, "different", Reason.OTHER_NAME),
    ("Eric|Blair", "Erin Blair", PHONE, "different", Reason.OTHER_NAME),
    ("Laura|Palmer", "Lara Palmer", "", "different", Reason.OTHER_PHONE),
    ("Brian|May", "Brenda May", PHONE, "different", Reason.OTHER_NAME),
    ("Tom|Condor", "Tom Miller", PHONE, "different", Reason.OTHER_LAST_NAME),
    ("Tom|Condor", "Lucy Miller", BOTH, "different", Reason.OTHER_NAME),
    ("Martin|Luther", "Martha Luther", BOTH, "different", Reason.OTHER_NAME),
    ("Oliver|Twist", "Olivia Twist", PHONE, "different", Reason.OTHER_NAME),
    ("Joseph|Fry", "Joshua Fry", PHONE, "different", Reason.OTHER_NAME),
    ("Harold|Wood", "Howard Wood", PHONE, "different", Reason.OTHER_NAME),
    ("Tom|Condor", "Tomatina Condor", "", "different", Reason.OTHER_PHONE),
]


@pytest.mark.parametrize(
    ("ours", "theirs", "shares", "verdict", "reason"), PAIRS, ids=[f"{p[0]} / {p[1]} ({p[2] or '-'})" for p in PAIRS]
)
def test_pairs(ours, theirs, shares, verdict, reason):
    found = judge(person(ours, shares=shares, side="1"), person(theirs, shares=shares, side="2"))
    assert (found.verdict.value, reason in found.reasons) == (verdict, True), found


@pytest.mark.parametrize(
    ("ours", "theirs", "shares", "verdict"),
    [(p[0], p[1], p[2], p[3]) for p in PAIRS],
    ids=[f"{p[0]} / {p[1]}" for p in PAIRS],
)
def test_the_other_way_round(ours, theirs, shares, verdict):
    """It makes no difference which side is asked first."""
    found = judge(person(theirs, shares=shares, side="2"), person(ours, shares=shares, side="1"))
    assert found.verdict.value == verdict, found


DETAILS = [
    # A detail that one side lacks speaks neither for nor against.
    ({"email": ""}, {}, PHONE, "Tom|Condor", "Tomás Condor", "same"),
    ({}, {"phones": frozenset()}, EMAIL, "Tom|Condor", "Tomás Condor", "same"),
    ({"birthday": date(1970, 1, 2)}, {"birthday": date(1970, 1, 2)}, PHONE, "Tom|Condor", "Tom Condor", "same"),
    ({"birthday": date(1970, 1, 2)}, {"birthday": date(1999, 1, 2)}, PHONE, "Tom|Condor", "Tom Condor", "ask"),
    ({"birthday": date(1970, 1, 2)}, {"birthday": date(1999, 1, 2)}, BOTH, "Tom|Condor", "Thomas Condor", "ask"),
    # Nothing that could be compared: the name alone asks, unless it is a single word.
    ({"email": ""}, {"phones": frozenset()}, "", "Tom|Condor", "Tom Condor", "ask"),
    ({"email": ""}, {"phones": frozenset()}, "", "Tom|", "Tom", "different"),
    ({"email": ""}, {"phones": frozenset()}, "", "Tom|Condor", "Thomas Condor", "different"),
    ({}, {"archived": True}, BOTH, "Tom|Condor", "Tom Condor", "ask"),
    ({}, {"company": True}, BOTH, "Tom|Condor", "Tom Condor", "ask"),
    ({}, {"company": True}, BOTH, "Tom|Condor", "Condor Trading", "different"),
    ({"company": True}, {"company": True}, EMAIL, "Condor Ltd.", "CONDOR Limited", "same"),
    ({"company": True}, {"company": True}, BOTH, "Condor Trading", "Condor Trading Berlin", "ask"),
    ({"company": True}, {"company": True}, BOTH, "Condor Trading", "Eagle Bakery", "different"),
    (
        {"company": True, "tax_id": "DE 123.456.788"},
        {"company": True, "tax_id": "de123456788"},
        "",
        "Condor GmbH",
        "Condor",
        "same",
    ),
]


@pytest.mark.parametrize(("ours", "theirs", "shares", "name", "other_name", "verdict"), DETAILS)
def test_details(ours, theirs, shares, name, other_name, verdict):
    found = judge(person(name, shares=shares, side="1", **ours), person(other_name, shares=shares, side="2", **theirs))
    assert found.verdict.value == verdict, found


@pytest.mark.parametrize(
    ("by", "shares", "verdict"),
    [
        (MatchBy.PHONE, PHONE, "same"),
        (MatchBy.PHONE, EMAIL, "ask"),
        (MatchBy.EMAIL, EMAIL, "same"),
        (MatchBy.EMAIL, PHONE, "ask"),
        (MatchBy.EMAIL, BOTH, "same"),
    ],
)
def test_the_setting_says_which_detail_counts(by, shares, verdict):
    found = judge(person("Tom|Condor", shares=shares, side="1"), person("Tom Condor", shares=shares, side="2"), by)
    assert found.verdict.value == verdict


def test_a_score_alone_never_decides():
    """Names that score higher than a pair that is the same, and still aren't."""
    bill, william = person("Bill|Gray", shares=PHONE, email=""), person("William Gray", shares=PHONE, email="")
    jill = person("Jill Gray", shares=PHONE, email="")
    assert judge(bill, jill).score > judge(bill, william).score
    assert (judge(bill, jill).verdict, judge(bill, william).verdict) == (Verdict.DIFFERENT, Verdict.SAME)


# Several candidates --------------------------------------------------------------------------------------------------


def outcome(choice: Choice):
    return choice.same, sorted(key for key, _judgement in choice.ask)


def test_nobody_is_alike():
    assert outcome(choose([(1, person("Tim Condor", shares=PHONE))], person("Tom|Condor", shares=PHONE))) == (None, [])


def test_the_same_name_wins_over_a_short_form():
    candidates = [(1, person("Thomas Condor", shares=PHONE)), (2, person("Tom Condor", shares=PHONE))]
    assert outcome(choose(candidates, person("Tom|Condor", shares=PHONE))) == (2, [])


def test_a_short_form_links_only_where_it_is_alone():
    candidates = [
        (1, person("Thomas Condor", shares=PHONE, email="")),
        (2, person("Tommy Condor", shares=PHONE, email="")),
    ]
    choice = choose(candidates, person("Tom|Condor", shares=PHONE, email=""))
    assert outcome(choice) == (None, [1, 2])
    assert all(Reason.SEVERAL in judgement.reasons for _key, judgement in choice.ask)


def test_two_of_one_name_are_told_apart_by_both_details():
    candidates = [(1, person("Tom Condor", shares=PHONE, side="5")), (2, person("Tom Condor", shares=BOTH))]
    assert outcome(choose(candidates, person("Tom|Condor", shares=BOTH))) == (2, [])


def test_two_that_can_not_be_told_apart_are_asked_about():
    candidates = [(1, person("Tom Condor", shares=BOTH)), (2, person("Tom Condor", shares=BOTH))]
    assert outcome(choose(candidates, person("Tom|Condor", shares=BOTH))) == (None, [1, 2])


def test_the_likeliest_is_asked_first():
    candidates = [(1, person("Tom C. Condor-Miller", shares=PHONE)), (2, person("Tom C. Condor", shares=PHONE))]
    choice = choose(candidates, person("Tom|Condor", shares=PHONE))
    assert [key for key, _judgement in choice.ask] == [2, 1]


# Keys ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "country", "key"),
    [
        ("(212) 555-0143", "US", "+12125550143"),
        ("+1 212 555 0143", "", "+12125550143"),
        ("001 212 555 0143", "DE", "+12125550143"),
        ("030 901820", "DE", "+4930901820"),
        ("+49 (0)30 901820", "US", "+4930901820"),
        ("0000000000", "US", ""),
        ("1234567890", "US", ""),
        ("call me", "US", ""),
        ("", "US", ""),
        ("212 555 0143", "", "2125550143"),
    ],
)
def test_phone_keys(phone, country, key):
    assert phone_key(phone, country) == key


@pytest.mark.parametrize(
    ("email", "key"),
    [
        (" Tom.Condor@Example.COM ", "tom.condor@example.com"),
        ('"Tom, Condor" <tom@example.com>', ""),
        ("Tom <tom@example.com>", "tom@example.com"),
        ("tom@example.com; other@example.com", "tom@example.com"),
        ("t.o.m+shop@googlemail.com", "tom@gmail.com"),
        ("no-email@shop.example.com", ""),
        ("none@none.com", ""),
        ("tom@localhost", ""),
        ("tom", ""),
        ("", ""),
    ],
)
def test_email_keys(email, key):
    assert email_key(email) == key


def test_name_keys_are_equal_whatever_the_order():
    assert len({name_key(name) for name in ("Tomás Müller", "Mueller, Tomas", "Herr TOMÁS MÜLLER")}) == 1
    assert name_key("Tom Condor") != name_key("Tim Condor")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("tom", "thomas", "short_form"),
        ("thomas", "tomas", "short_form"),
        ("chris", "christina", "loose_form"),
        ("tom", "tim", "distinct"),
        ("victor", "victoria", "gendered"),
        ("mandla", "mandli", ""),
    ],
)
def test_relations_of_first_names(one, other, expected):
    assert relation(one, other) == relation(other, one) == expected
