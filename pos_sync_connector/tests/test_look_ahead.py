"""The look before the first pull: it says what then happens, and leaves the database as it was."""

from datetime import date
from decimal import Decimal
from unittest.mock import patch

from psycopg2.errors import ReadOnlySqlTransaction

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..connectors.errors import RetryLater
from ..connectors.records import TaxRate
from ..sync.first_sync import look_ahead
from .common import combo, options, product, variant
from .sales_common import SalesCase, customer, line, order, tax_of


@tagged("post_install", "-at_install")
class TestLookAhead(SalesCase):
    def look(self, flow="products_pull", cursor=""):
        answer = self.connection.look_ahead(flow, cursor)
        self.assertEqual(answer["flow"], flow)
        return answer

    def counts_of(self, answer):
        return {group["code"]: group["count"] for group in answer["groups"]}

    def samples(self, answer, code):
        (group,) = (group for group in answer["groups"] if group["code"] == code)
        return [(sample["name"], sample["match"]) for sample in group["samples"]]

    def fill(self):
        """A business that has products and customers, and a system that knows some of them."""
        Product, Partner = self.env["product.product"], self.env["res.partner"]
        Product.create({"name": "Mug", "barcode": "mug-1"})
        Product.create({"name": "Bowl", "default_code": "BOWL"})
        Product.create([{"name": f"Twin {n}", "default_code": "TWIN"} for n in (1, 2)])
        Partner.create({"name": "Tom Condor", "email": "tom@example.com"})
        Partner.create({"name": "Daniela Rossi", "phone": "+1 212 555 0143"})
        self.world.put(
            product("mug", barcode="mug-1"),
            product("bowl", sku="BOWL"),
            product("twin", sku="TWIN"),
            product("untaxed", tax_ids=("nowhere",)),
            product(
                "shirt", variants=(variant("s", options=options(Size="S")), variant("l", options=options(Size="L")))
            ),
            combo("menu", main=("v-fork",)),
            product("fork"),
        )
        self.world.break_product("broken")
        self.world.know(
            customer("tom", "Tom", "Condor", email="tom@example.com"),
            customer("dan", "Daniel", "Rossi", phone="+1 212 555 0143"),
            customer("ada"),
        )
        self.world.sell(order("1"), order("2"), order("3"))

    def everything(self):
        """{table: (rows, checksum)} of the whole database, and how far its sequences are."""
        self.env.flush_all()
        tables = self.env.execute_query(
            SQL("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        )
        found = {}
        for (table,) in tables:
            found[table] = self.env.execute_query(
                SQL(
                    "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM %s t",
                    SQL.identifier(table),
                )
            )[0]
        found[""] = self.env.execute_query(
            SQL("SELECT md5(string_agg(sequencename || last_value, ',' ORDER BY sequencename)) FROM pg_sequences")
        )[0]
        return found

    def test_it_writes_nothing(self):
        self.fill()
        for review in (False, True):
            self.connection.review_new = review
            before = self.everything()
            for flow in ("products_pull", "customers_pull", "orders_pull"):
                self.assertTrue(self.counts_of(self.look(flow)), flow)
            after = self.everything()
            self.assertEqual({table for table in before if before[table] != after[table]}, set())
        self.assertGreater(len(before), 100)

    def test_the_database_itself_refuses_writes_meanwhile(self):
        """Whatever a matcher may come to do one day, it can't write here; and afterwards all is as before."""

        def write(look, stream, records):
            look.env["res.partner"].create({"name": "Somebody"})
            look.env.flush_all()

        Look = type(self.env["pos.sync.look_ahead"])
        with (
            patch.object(Look, "_look_at_customers_pull", write),
            self.assertLogs("odoo.sql_db", "ERROR"),
            self.assertRaises(ReadOnlySqlTransaction),
        ):
            self.look("customers_pull")
        self.env["res.partner"].create({"name": "Somebody"})
        self.env.flush_all()

    def test_products_come_as_it_says(self):
        self.fill()
        answer = self.look()
        said = self.counts_of(answer)
        self.assertEqual(
            said, {"known": 2, "barcode": 1, "reference": 1, "made": 3, "doubtful": 3}, "twin, untaxed and broken"
        )
        self.assertEqual((answer["read"], answer["total"], answer["cursor"]), (10, 10, ""))
        self.assertEqual(self.samples(answer, "barcode"), [("Product mug", "Mug")])
        run = self.pull(full=True)
        self.assertEqual((run.created_count, run.failed_count), (said["made"], said["doubtful"]))
        self.assertEqual(self.link("mug").linked_by, "barcode")
        self.assertEqual(self.link("bowl").linked_by, "reference")

    def test_products_in_a_living_business(self):
        self.fill()
        self.env["product.product"].create({"name": "Product  fork"})
        self.connection.review_new = True
        answer = self.look()
        said = self.counts_of(answer)
        self.assertEqual(said, {"known": 2, "barcode": 1, "reference": 1, "asked": 3, "similar": 1, "doubtful": 2})
        self.assertEqual(self.samples(answer, "similar"), [("Product fork", "Product  fork")])
        run = self.pull(full=True)
        self.assertEqual(run.created_count, 0)
        self.assertEqual(run.held_count, said["asked"] + said["similar"])

    def test_customers_come_as_it_says(self):
        self.fill()
        answer = self.look("customers_pull")
        self.assertEqual(self.counts_of(answer), {"name": 1, "similar": 1, "made": 1})
        self.assertEqual(self.samples(answer, "name"), [("Tom Condor", "Tom Condor")])
        self.assertEqual(self.samples(answer, "similar"), [("Daniel Rossi", "Daniela Rossi")])
        run = self.pull("customers_pull")
        self.assertEqual((run.created_count, run.updated_count), (2, 1), "who may be somebody comes as their own")
        self.assertEqual(self.connection.match_count, 1)
        self.assertEqual(self.counts_of(self.look("customers_pull")), {"known": 3})

    def test_orders_by_the_start_dates(self):
        self.fill()
        self.assertEqual(self.counts_of(self.look("orders_pull")), {"made": 3})
        self.connection.entries_from = date(2026, 4, 1)
        self.assertEqual(self.counts_of(self.look("orders_pull")), {"history": 3})
        self.connection.orders_from = date(2026, 4, 1)
        self.assertEqual(self.counts_of(self.look("orders_pull")), {"old": 3})
        self.pull("orders_pull")
        self.assertFalse(self.connection.order_count)

    def test_orders_wait_for_a_tax_that_is_not_matched(self):
        """One that Odoo has is matched by itself when the first order names it."""
        self.env["account.tax"].with_company(self.company).search([("type_tax_use", "=", "sale")]).active = False
        self.fill()
        for key, rate in (("known", 7), ("new", 9)):
            taxed = line(f"{key}-1", taxes=(tax_of(f"T{rate}", rate),), net="10.00", tax="0.90", gross="10.90")
            self.world.sell(order(key, taxed, gross="10.90", tax="0.90"))
        self.company.country_id = self.env.ref("base.us")
        self.env["pos.sync.tax"]._ensure_tax_group(self.company)
        tax = self.env["account.tax"].with_company(self.company).create({"name": "T7", "amount": 7})
        self.assertEqual(self.counts_of(self.look("orders_pull")), {"made": 4, "doubtful": 1})
        self.world.taxes = [TaxRate(external_id="T9", name="T9", rate=Decimal(9), from_orders=True)]
        self.pull("setup_pull")
        answer = self.look("orders_pull")
        self.assertEqual(self.samples(answer, "doubtful"), [("Nnew", "")])
        self.connection.tax_ids.filtered(lambda row: row.external_id == "T9").tax_id = tax
        self.assertEqual(self.counts_of(self.look("orders_pull")), {"made": 5})

    def test_it_ends_and_goes_on_from_there(self):
        self.world.put(*(product(f"many-{n}") for n in range(8)))
        self.world.page_size = 3
        self.patch_limits(records=5)
        first = self.look()
        self.assertEqual((first["read"], first["total"]), (6, 10))
        self.assertTrue(first["cursor"])
        second = self.look(cursor=first["cursor"])
        self.assertEqual((second["read"], second["cursor"]), (4, ""))
        self.patch_limits(seconds=0)
        self.assertEqual(self.look()["read"], 3, "at least a page")

    def patch_limits(self, records=500, seconds=60):
        self.patch(look_ahead, "_RECORDS", records)
        self.patch(look_ahead, "_SECONDS", seconds)

    def test_what_goes_wrong_is_a_sentence(self):
        self.world.plan["pull_products"] = [RetryLater("It is down.")]
        answer = self.look()
        self.assertEqual((answer["failure"], answer["read"], answer["groups"]), ("It is down.", 0, []))

    def test_only_a_manager_looks(self):
        accountant = new_test_user(
            self.env,
            login="accountant",
            groups="pos_sync_connector.group_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        with self.assertRaises(AccessError):
            self.connection.with_user(accountant).look_ahead("products_pull")
