"""Customers of Shopify's: the address and the number that they have, and what is sent so that Shopify takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import records as rec
from connectors.markup import plain
from connectors.people.reachable import email_to_send, phone_to_send
from connectors.registry import registry
from sandbox.shopify import ShopifySandbox, make_shop


@pytest.fixture(scope="module")
def account() -> Iterator[ShopifySandbox]:
    with ShopifySandbox(make_shop(0.002, orders=0)) as running:
        yield running


@pytest.fixture(scope="module")
def connector(account: ShopifySandbox) -> Any:
    return registry.get("shopify")(account.settings())


def place(key: int, street: str, **more: Any) -> dict[str, Any]:
    return {"id": f"gid://shopify/MailingAddress/{key}", "address1": street, "countryCodeV2": "US", **more}


def read(connector: Any, account: ShopifySandbox, **values: Any) -> rec.Customer:
    row = next(iter(account.shop.customers.values()))
    row |= {"defaultAddress": None, "defaultPhoneNumber": None, "addressesV2": [], **values}
    return connector.get_customer(row["legacyResourceId"])


def test_a_customer_without_a_default_address_has_the_first(connector, account) -> None:
    found = read(connector, account, addressesV2=[place(1, "8 Dale End"), place(2, "1 Main St")])
    assert [(item.kind.value, item.street) for item in found.addresses] == [
        ("contact", "8 Dale End"), ("delivery", "1 Main St"),
    ]  # fmt: skip
    chosen = read(connector, account, addressesV2=[place(1, "8 Dale End"), place(2, "1 Main St")],
                  defaultAddress=place(2, "1 Main St"))  # fmt: skip
    assert [item.street for item in chosen.addresses] == ["1 Main St", "8 Dale End"]


def test_all_addresses_are_read(connector, account) -> None:
    found = read(connector, account, addressesV2=[place(number, f"{number} Long Road") for number in range(1, 26)])
    assert [item.street for item in found.addresses] == [f"{number} Long Road" for number in range(1, 26)]


def test_the_number_of_the_address_is_the_customers(connector, account) -> None:
    home = place(1, "1 Main St", phone="+12125550144")
    assert read(connector, account, defaultAddress=home).phone == "+12125550144"
    own = {"phoneNumber": "+12125550199"}
    assert read(connector, account, defaultAddress=home, defaultPhoneNumber=own).phone == "+12125550199"


SENT = {
    "a British number": ("020 7946 0018", "GB", "+442079460018"),
    "an extension": ("+1 212-555-0144 ext. 91234", "US", "+12125550144"),
    "no country to read it with": ("020 7946 0018", "", ""),
    "no number": ("ask Ann", "US", ""),
    "with its country, in another": ("+44 20 7946 0018", "US", "+442079460018"),
}


@pytest.mark.parametrize(("phone", "country", "wanted"), SENT.values(), ids=SENT)
def test_a_number_is_sent_with_its_country(connector, account, phone: str, country: str, wanted: str) -> None:
    assert phone_to_send(country, phone) == wanted
    home = rec.Address(street="1 High Street", country=country, phone=phone)
    name = {"first_name": "Amy", "last_name": country or "None"}
    customer = rec.Customer(external_id="1", **name, phone=phone, addresses=(home,))
    made = connector.push_customer(customer, key=f"phone {phone} {country}")
    row = account.shop.customers[f"gid://shopify/Customer/{made.external_id}"]
    assert ((row["defaultPhoneNumber"] or {}).get("phoneNumber") or "") == wanted
    assert (row["defaultAddress"]["phone"] or "") == wanted
    account.shop.customers.pop(row["id"])


MAIL = {
    "two": ("orders@example.com, billing@example.com", "orders@example.com"),
    "two with a semicolon": ("orders@example.com;billing@example.com", "orders@example.com"),
    "with a name": ("Orders <Orders@example.com>", "Orders@example.com"),
    "the first is none": ("n/a, billing@example.com", "billing@example.com"),
    "none": ("none", ""),
}


@pytest.mark.parametrize(("field", "wanted"), MAIL.values(), ids=MAIL)
def test_one_mailbox_is_sent(connector, account, field: str, wanted: str) -> None:
    assert email_to_send(field) == wanted
    customer = rec.Customer(external_id="1", company_name="Millbrook Works", email=field)
    made = connector.push_customer(customer, key=f"mail {field}")
    row = account.shop.customers.pop(f"gid://shopify/Customer/{made.external_id}")
    assert ((row["defaultEmailAddress"] or {}).get("emailAddress") or "") == wanted


def test_a_description_is_plain(connector, account) -> None:
    html = "<p>Soft &amp; warm<br>100&nbsp;% cotton</p><ul><li>Washable</li></ul><style>p {}</style>"
    assert plain(html) == "Soft & warm\n100 % cotton\nWashable"
    row = next(iter(account.shop.products.values()))
    row["descriptionHtml"] = "Soft &amp; warm, &lt;not&gt; wet"
    found = connector.get_product(row["id"].rpartition("/")[2])
    assert found.description == "Soft & warm, <not> wet"
