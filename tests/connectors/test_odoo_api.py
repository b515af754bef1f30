"""What the system "Odoo" does without asking: rich texts, names, money shared between orders."""

from decimal import Decimal

import pytest

import connectors  # noqa: F401 - registers the systems
from connectors.markup import plain_if_rich
from connectors.records import Payment
from connectors.systems.odoo.customers import _names
from connectors.systems.odoo.shares import share, split


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (False, ""),
        ("", ""),
        ("as\nit was", "as\nit was"),
        ("<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"),
        ("<div>a<br/>b</div><ul><li>c</li><li>d <b>e</b></li></ul>", "a\nb\nc\nd e"),
        ("<p>  many \n\n spaces&nbsp; </p>", "many spaces"),
        ("<style>p {}</style><script>alert(1)</script><p>seen</p>", "seen"),
        ("<p><br></p>", ""),
    ],
)
def test_rich_texts(html, words):
    assert plain_if_rich(html) == words


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({"name": "Tom Condor"}, ("Tom", "Condor", "")),
        ({"name": "Anna Maria de Souza"}, ("Anna Maria de", "Souza", "")),
        ({"name": "Condor, Tom"}, ("Tom", "Condor", "")),
        ({"name": "Condor, Tom, Jr."}, ("Condor, Tom,", "Jr.", "")),
        ({"name": "Prince"}, ("Prince", "", "")),
        ({"name": False}, ("", "", "")),
        ({"name": "  Tom   Condor "}, ("Tom", "Condor", "")),
        ({"name": "Tom Condor", "commercial_company_name": "Birds"}, ("Tom", "Condor", "Birds")),
        ({"name": "Birds & Sons", "is_company": True}, ("", "", "Birds & Sons")),
        ({"name": "de Souza Anna", "firstname": "Anna", "lastname": "de Souza"}, ("Anna", "de Souza", "")),
    ],
)
def test_names(row, names):
    assert _names({"is_company": False, **row}) == names


def payment(number, amount):
    return Payment(external_id=str(number), amount=Decimal(amount))


@pytest.mark.parametrize(
    ("amounts", "payments", "expected"),
    [
        (("5", "7"), ("12",), [[("1/A", 5)], [("1/B", 7)]]),
        (("5", "7"), ("4", "8"), [[("1/A", 4), ("2/A", 1)], [("2/B", 7)]]),
        (("5", "7"), ("5", "7"), [[("1/A", 5)], [("2/B", 7)]]),
        (("5", "7"), ("6",), [[("1/A", 5)], [("1/B", 1)]]),
        (("12",), ("4", "8"), [[("1", 4), ("2", 8)]]),
        (("5", "7"), (), [[], []]),
    ],
)
def test_money_for_several_orders(amounts, payments, expected):
    lines = [{"price_subtotal_incl": amount, "of": of} for amount, of in zip(amounts, "ABC", strict=False)]
    parts = split({"lines": lines}, lambda line: line["of"])
    paid = tuple(payment(number, amount) for number, amount in enumerate(payments, 1))
    assert [[(item.external_id, item.amount) for item in share(paid, part)] for part in parts] == expected
    assert [part["origin"] for part in parts] == list("ABC"[: len(amounts)])
