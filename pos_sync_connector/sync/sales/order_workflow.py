from dataclasses import dataclass, replace

from odoo import models
from odoo.exceptions import UserError

from ...connectors.records import OrderStatus
from ...models.sales.workflow import DEFAULTS


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done with an order. `state`: that of Odoo's order; `parcels`: what of it left there."""

    state: str
    deliver: bool = False
    invoice: bool = False
    pay: bool = False
    template_id: int = 0
    parcels: tuple = ()


class PosSyncImportOrders(models.AbstractModel):
    """Each step of the connection's workflow, once: what is done already is seen on the order itself."""

    _inherit = "pos.sync.import_orders"

    def _steps(self, connection, record):
        """As the record that came in says."""
        methods = {payment.method_id or payment.method_name or payment.kind.value for payment in record.payments}
        steps = self._steps_for(
            connection, record.status.value, record.paid, methods, self._is_history(connection, record)
        )
        return replace(steps, parcels=self._parcels_that_left(record, steps))

    def _steps_of(self, order):
        """As the order's own fields say."""
        rows = order.pos_sync_payment_ids
        methods = {_method_key(row) for row in rows}
        return self._steps_for(
            order.pos_sync_connection_id, order.pos_sync_status, order.pos_sync_paid, methods, order.pos_sync_history
        )

    def _steps_for(self, connection, status, paid, methods, is_history):
        if status == OrderStatus.CANCELLED.value:
            return Steps("cancel")
        rows = connection.sudo().workflow_ids
        row = next((row for row in rows if not is_history and row._fits(status, paid, methods)), None)
        if row is None:
            confirm, deliver = DEFAULTS.get(status, (False, False))
            return Steps("sale" if confirm else "draft", deliver)
        confirm = row.confirm or row.deliver or row.invoice or row.pay
        return Steps(
            "sale" if confirm else "draft", row.deliver, row.invoice or row.pay, row.pay, row.template_id.id
        )

    def _finish(self, stream, created, updated):
        """Invoice, payment and e-mail, once what the system states of the order is in place."""
        connection = stream.connection_id
        for pairs, is_new in ((created, True), (updated, False)):
            for order, record in pairs:
                steps = self._steps(connection, record)
                own = order.pos_sync_connection_id == connection and not order.pos_sync_hold
                if not own or not (steps.invoice or steps.template_id):
                    continue
                if order.state == "sale" and steps.invoice:
                    self._invoice_once(order, steps)
                if steps.template_id and not self.env["pos.sync.reach_milestones"]._is_history(stream, record, is_new):
                    self._mail_once(order, steps.template_id)

    def _invoice_once(self, order, steps):
        """One that can't be invoiced or paid says why on the order, and holds nothing."""
        if self._is_posted_otherwise(order):
            return
        for step in (self._bill_once, *([self._pay_once] if steps.pay else [])):
            try:
                with self.env.cr.savepoint():
                    step(order)
            except UserError as error:
                order._message_log(body=self.env._("The order could not be invoiced or paid: %s", str(error)))
                return

    def _bill_once(self, order):
        if order.invoice_status == "to invoice" and not self._bills(order):
            bills = order._create_invoices()
            bills.write({"invoice_date": order.date_order.date()})
            bills.action_post()

    def _bills(self, order):
        return order.invoice_ids.filtered(lambda move: move.state != "cancel" and move.move_type == "out_invoice")

    def _is_posted_otherwise(self, order):
        """Whether invoices or day entries are made by the connection's posting."""
        period = self.env["pos.sync.posting.period"].search(
            [
                ("connection_id", "=", order.pos_sync_connection_id.id),
                ("date_from", "<=", order.date_order.date()),
            ],
            order="date_from desc",
            limit=1,
        )
        return bool(order.pos_sync_day_id.move_ids) or period.mode in ("invoice", "summary")

    def _pay_once(self, order):
        """What came in, payment by payment; each is known by its id in the memo."""
        methods = self._payment_methods(order)
        for row in order.pos_sync_payment_ids.filtered(lambda row: row.amount > 0):
            bill = self._bills(order).filtered(lambda move: move.state == "posted" and move.amount_residual > 0)[:1]
            memo = f"{order.name} {row.external_id}"
            if not bill or self.env["account.payment"].search_count([("memo", "=", memo)], limit=1):
                continue
            method = methods.get(_method_key(row))
            if not method or not method.journal_id:
                raise UserError(
                    self.env._("Choose a journal for the payment method “%s” of the connection.", row.method_name)
                )
            Register = self.env["account.payment.register"]
            Register.with_context(active_model="account.move", active_ids=bill.ids).create(
                {
                    "journal_id": method.journal_id.id,
                    "amount": row.amount + row.tip,
                    "payment_date": (row.paid_at or order.date_order).date(),
                    "communication": memo,
                }
            ).action_create_payments()

    def _payment_methods(self, order):
        """{key: method}; those that are new are listed with the days."""
        Method = self.env["pos.sync.payment.method"]
        connection = order.pos_sync_connection_id
        found = {row.external_id: row for row in Method.search([("connection_id", "=", connection.id)])}
        if {_method_key(row) for row in order.pos_sync_payment_ids} - found.keys():
            self.env["pos.sync.gather_days"]._gather(connection)
            found = {row.external_id: row for row in Method.search([("connection_id", "=", connection.id)])}
        return found

    def _mail_once(self, order, template_id):
        reach = self.env["pos.sync.reach_milestones"]
        if not order.partner_id.email or order.partner_id in self.env["pos.sync.award_points"]._walk_ins(
            order.pos_sync_connection_id
        ):
            return
        if reach._add(order, f"workflow-{template_id}"):
            reach._send(order, self.env["mail.template"].browse(template_id))


def _method_key(row):
    return row.method_external_id or row.method_name or row.kind
