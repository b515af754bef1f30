"""Short ways to pull customers of the selling test system and to look at what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from odoo.tools import SQL

from .sales_common import SalesCase, SalesSystem, SalesWorld, customer

TOM = {"first": "Tom", "last": "Condor", "phone": "+1 212 555 0143", "email": "tom@example.com"}


def at(day: int, hour: int = 12) -> datetime:
    """A moment in March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=timezone.utc)


def tom(external_id="1", **values):
    """Tom Condor with phone and e-mail, unless `values` say otherwise."""
    return customer(external_id, **{**TOM, **values})


class CustomersCase(SalesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.us")

    def setUp(self):
        super().setUp()
        self.connection.owns_contact = True

    def bring(self, *customers, full=False):
        """The system has these now; pulls what has changed. Returns the run."""
        self.world.know(*customers)
        run = self.pull("customers_pull", full=full)
        self.assertNothingFailed("customers_pull")
        return run

    def bring_again(self):
        """A pull from reset cursors."""
        return self.pull("customers_pull", full=True)

    def second_system(self, account="second", **values):
        """Another connection of the same kind, with its world."""
        world = SalesWorld()
        world.account = replace(world.account, external_id=f"account-{account}")
        connection = self.connect(account, world, system=SalesSystem.code, **values)
        return connection, world

    def customer_link(self, external_id, connection=None):
        return self.link(external_id, "customer", connection)

    def partner(self, external_id, connection=None):
        return self.customer_link(external_id, connection).partner_id

    def make_partner(self, name="Tom Condor", **values):
        return self.env["res.partner"].create({"name": name, **values})

    def matches(self, *states, kind="same_person"):
        return self.env["pos.sync.match"].search(
            [
                ("connection_id.company_id", "=", self.company.id),
                ("kind", "=", kind),
                ("state", "in", states or ("open", "same", "different")),
            ]
        )

    def everything_about_customers(self):
        """What a pull that brings nothing new must leave as it is, down to the moments of writing."""
        self.env.flush_all()
        rows = []
        for table, order in (
            ("res_partner", "id"),
            ("pos_sync_mapping", "id"),
            ("pos_sync_match", "id"),
            ("mail_blacklist", "id"),
            ("res_partner_res_partner_category_rel", "partner_id, category_id"),
            ("mail_message", "id"),
        ):
            # A full pass is noted on every link that it has named, without a write.
            rows.append(
                self.env.execute_query(
                    SQL("SELECT to_jsonb(t) - 'seen' FROM %s t ORDER BY %s", SQL.identifier(table), SQL(order))
                )
            )
        return rows
