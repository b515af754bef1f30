"""The days as a workbook, by Odoo's own export of a list, as the accountant's browser asks for it."""

import json
from io import BytesIO

import openpyxl

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .posting_common import paid
from .reconcile_common import ReconcileCase
from .sales_common import SOLD_AT, line, order

COLUMNS = {
    "date": "Day",
    "connection_id/name": "Connection",
    "state": "Check",
    "system_gross": "System",
    "order_gross": "Orders",
    "sign_state": "Signature",
}


@tagged("post_install", "-at_install")
class TestExport(ReconcileCase, HttpCase):
    def test_days_as_a_workbook(self):
        new_test_user(
            self.env,
            login="exports",
            groups="pos_sync_connector.group_user,account.group_account_invoice,base.group_allow_export",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.sell(order("1", line("1-1", unit_price=12), payments=(paid("p1", 12),)))
        self.sell(order("2", line("2-1", unit_price=30), payments=(paid("p2", 30),)))
        self.edit("2", 33)
        days = self.check(SOLD_AT.date())
        data = {
            "model": days._name,
            "fields": [{"name": name, "label": label, "type": "char"} for name, label in COLUMNS.items()],
            "ids": days.ids,
            "domain": [],
            "import_compat": False,
            "groupby": [],
            "context": {"allowed_company_ids": self.company.ids},
        }
        self.authenticate("exports", "exports")
        answer = self.url_open("/web/export/xlsx", params={"data": json.dumps(data)})
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
        head, *rows = sheet.iter_rows(values_only=True)
        self.assertEqual(list(head), list(COLUMNS.values()))
        self.assertEqual(
            [(row[0].date(), row[1], row[3], row[4]) for row in rows],
            [(day.date, self.connection.name, 45, 42) for day in days],
        )
        self.assertEqual([(row[2], row[5]) for row in rows], [("Differs", "Not Signed")])

    def test_a_workbook_has_no_formula(self):
        """What a system calls a thing is text, in the rows and in the headings of groups."""
        new_test_user(self.env, login="exports", groups="base.group_user,base.group_allow_export")
        text = '=HYPERLINK("http://example.com","x")'
        partners = self.env["res.partner"].create(
            [{"name": text, "city": "=1+1"}, {"name": "http://example.com", "city": "=1+1"}]
        )
        data = {
            "model": "res.partner",
            "fields": [{"name": "name", "label": "=2+2", "type": "char"}],
            "ids": False,
            "domain": [["id", "in", partners.ids]],
            "import_compat": False,
            "context": {},
        }
        self.authenticate("exports", "exports")
        for groupby in ([], ["city"]):
            answer = self.url_open("/web/export/xlsx", params={"data": json.dumps({**data, "groupby": groupby})})
            sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
            cells = [cell for row in sheet for cell in row if cell.value]
            self.assertIn(text, [cell.value for cell in cells])
            self.assertEqual([cell.value for cell in cells if cell.data_type != "s" or cell.hyperlink], [])
