"""How long it takes to tell who a customer is among 100,000 partners; runs inside Odoo.

The partners are made up from a seed, with phones, e-mails and the commonest of names. The customers come in pages as a
pull brings them: some are there already under the same name or a short form, some share a phone with somebody else, the
rest are new. Only the matching is timed for `ms_per_customer`; the whole import is told beside it.
"""
from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from typing import Any

from odoo.addons.pos_sync_connector.connectors import records as rec
from odoo.addons.pos_sync_connector.connectors.answers import Account
from odoo.addons.pos_sync_connector.connectors.connector import Connector
from odoo.addons.pos_sync_connector.connectors.flows import Flow
from odoo.addons.pos_sync_connector.connectors.pages import Cursor, Page
from odoo.addons.pos_sync_connector.connectors.people.keys import email_key, name_key, phone_key
from odoo.addons.pos_sync_connector.connectors.registry import register
from odoo.addons.pos_sync_connector.sync.people.customer_resolver import CustomerResolver
from odoo.addons.pos_sync_connector.sync.people.match_customers import CustomerMatcher

PAGE = 200
PARTNERS = 100_000
_FIRST = (
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph "
    "Jessica Thomas Karen Christopher Sarah Daniel Lisa Matthew Nancy Anthony Sandra Mark Ashley Steven Emily Paul"
).split()
_LAST = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson "
    "Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson"
).split()
_SHORT = {"Robert": "Bob", "William": "Bill", "Michael": "Mike", "Thomas": "Tom", "Richard": "Rick", "Susan": "Sue"}


@register
class CustomerList(Connector):
    """A system that has customers; their pages are made here, without it."""

    code = "bench_customers"
    name = "List of customers"

    def check(self) -> Account:
        return Account(external_id="customers", name="List of customers")

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        return iter(())


def speed(env: Any, size: int, partners: int = PARTNERS) -> dict[str, Any]:
    """Milliseconds and queries a customer for `size` customers, beside `partners` partners."""
    people = _fill(env, partners)
    connection = _connection(env)
    stream = connection._stream(Flow.CUSTOMERS_PULL)
    importer = env["pos.sync.import_customers"]._prepared(stream)
    customers = _customers(people, size)
    pages = [customers[start : start + PAGE] for start in range(0, size, PAGE)]
    _match(importer, connection, pages[0])
    matching, queries, found = 0.0, 0, {"linked": 0, "asked": 0, "new": 0}
    importing = 0.0
    for page in pages:
        env.invalidate_all()
        before, started = env.cr.sql_log_count, time.perf_counter()
        plans = _match(importer, connection, page)
        matching += time.perf_counter() - started
        queries += env.cr.sql_log_count - before
        for plan in plans:
            found["new" if plan.is_new and not plan.asks else "asked" if plan.is_new else "linked"] += 1
        env.invalidate_all()
        started = time.perf_counter()
        outcome = importer._import_page(stream, page)
        importing += time.perf_counter() - started
        if outcome.failed or outcome.held:
            raise AssertionError(f"{outcome.failed} failed: {outcome.failures[:1]}")
    if not all(found.values()):
        raise AssertionError(f"the customers are not what they should be: {found}")
    return {
        "partners": partners,
        "customers": size,
        "ms_per_customer": 1000 * matching / size,
        "queries_per_page": queries / len(pages),
        "import_ms_per_customer": 1000 * importing / size,
        **found,
    }


def _match(importer: Any, connection: Any, page: list[rec.Customer]) -> list[Any]:
    resolver = CustomerResolver(importer.env, connection, page).load_links()
    changed = importer._drop_unchanged(resolver, page, None)
    resolver.load([record for record, _digest in changed])
    matcher = CustomerMatcher(importer.env, connection, resolver)
    return [matcher.plan(record, digest) for record, digest in changed]


def _connection(env: Any) -> Any:
    connection = env["pos.sync.connection"].create(
        {"name": "List", "system": CustomerList.code, "review_new": False, "share_customers": True}
    )
    env.cr.commit()
    return connection


def _fill(env: Any, count: int) -> list[tuple[str, str, str]]:
    """Copies one partner `count` times in the database, with names, phones and e-mails, as many seconds as Odoo would
    take minutes. Returns name, phone and e-mail of each."""
    random = Random(19)  # noqa: S311
    people = [
        (f"{random.choice(_FIRST)} {random.choice(_LAST)}", f"+1212{2000000 + number}", f"customer{number}@example.com")
        for number in range(count)
    ]
    env.company.country_id = env.ref("base.us")
    model = env["res.partner"].create({"name": "Model"})
    env.flush_all()
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'res_partner' AND "
        "table_schema = current_schema() AND is_generated = 'NEVER'"
    )
    changed = {
        "name": "v.name",
        "complete_name": "v.name",
        "phone": "v.phone",
        "email": "v.email",
        "email_normalized": "v.email",
        "pos_sync_name_key": "v.name_key",
        "pos_sync_phone_key": "v.phone_key",
        "pos_sync_email_key": "v.email_key",
    }
    columns = [name for (name,) in env.cr.fetchall() if name not in ("id", "commercial_partner_id")]
    listed = ", ".join(f'"{name}"' for name in columns)
    selected = ", ".join(changed.get(name, f'm."{name}"') for name in columns)
    env.cr.execute(
        f"INSERT INTO res_partner ({listed}) SELECT {selected} FROM res_partner m, "  # noqa: S608
        "unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) "
        "AS v(name, phone, email, name_key, phone_key, email_key) WHERE m.id = %s",
        [
            *map(list, zip(*people, strict=True)),
            [name_key(name) for name, _phone, _email in people],
            [phone_key(phone, "US") for _name, phone, _email in people],
            [email_key(email) for _name, _phone, email in people],
            model.id,
        ],
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL")
    env.cr.commit()
    env.cr.execute("ANALYZE res_partner")
    env.invalidate_all()
    _check_keys(env)
    return people


def _check_keys(env: Any) -> None:
    """What was copied must be what Odoo computes, or the figures say nothing."""
    names = ("pos_sync_name_key", "pos_sync_phone_key", "pos_sync_email_key")
    sample = env["res.partner"].search([("email", "like", "customer%@example.com")], limit=100)
    before = sample.read(names)
    for name in names:
        env.add_to_compute(sample._fields[name], sample)
    env.flush_all()
    if sample.read(names) != before:
        raise AssertionError("the keys are not those that Odoo computes")


def _customers(people: list[tuple[str, str, str]], count: int) -> list[rec.Customer]:
    random = Random(20)  # noqa: S311
    return [_customer(random, people, number) for number in range(count)]


def _customer(random: Random, people: list[tuple[str, str, str]], number: int) -> rec.Customer:
    name, phone, email = people[random.randrange(len(people))]
    first, _space, last = name.partition(" ")
    kind = random.random()
    if kind < 0.4:
        # There already, maybe under a short form.
        first = _SHORT.get(first, first) if kind < 0.1 else first
    elif kind < 0.5:
        # Somebody of the same household: another first name, the same phone.
        first, email = random.choice(_FIRST), f"other{number}@example.com"
    elif kind < 0.6:
        phone, email = "", ""
    else:
        phone, email = f"+1646{2000000 + number}", f"new{number}@example.com"
    return rec.Customer(external_id=f"c{number}", first_name=first, last_name=last, phone=phone, email=email)
