from odoo import models
from odoo.fields import Command
from odoo.tools import SQL

from .day_amounts import DayAmount


class PosSyncPostInvoices(models.AbstractModel):
    """Posts the business days whose orders are invoiced one by one: an invoice an order, a credit note a refund, and an
    entry a payment method that pays them. What a later change adds or takes back follows as one more of these."""

    _name = "pos.sync.post_invoices"
    _inherit = "pos.sync.post_days"
    _description = "POS Sync Posting of Invoices"

    def _post_day(self, day):
        if holds := self._holds(day, self._unmapped(day)):
            self._hold(day, holds)
            return
        quiet = self.with_company(day.company_id).with_context(tracking_disable=True, mail_create_nosubscribe=True)
        date = quiet._open_date(day, quiet._sales_journal(day), True)
        quiet._invoice(day, date)
        quiet.env["pos.sync.post_refunds"]._credit(day.with_env(quiet.env), date)
        quiet._pay(day)
        quiet._reconcile(day)
        self._note_posted(day)

    def _sales_journal(self, day):
        Journal = self.env["account.journal"]
        return Journal.search([*Journal._check_company_domain(day.company_id), ("type", "=", "sale")], limit=1)

    def _unmapped(self, day):
        """What the day uses and has no account, in the form that `_holds` reads."""
        found = {}
        self.env.cr.execute(
            SQL("SELECT DISTINCT method_id FROM pos_sync_payment WHERE day_id = %s", day.id),
        )
        for method in self.env["pos.sync.payment.method"].browse([row[0] for row in self.env.cr.fetchall()]):
            if not method.account_id:
                found[f"payment:{method.id}"] = DayAmount("payment", method.name, False)
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT charge.id FROM pos_sync_charge_product charge
                  JOIN sale_order_line line ON line.product_id = charge.product_id
                  JOIN sale_order sale ON sale.id = line.order_id
                 WHERE charge.connection_id = %s AND sale.pos_sync_day_id = %s
                """,
                day.connection_id.id,
                day.id,
            )
        )
        labels = dict(self.env["pos.sync.charge.product"]._select_kind())
        for row in self.env["pos.sync.charge.product"].browse([charge_id for (charge_id,) in self.env.cr.fetchall()]):
            if not row.account_id:
                found[row.kind] = DayAmount(row.kind, labels[row.kind], False)
        return found

    # Invoices

    def _invoice(self, day, date):
        """What the orders of the day have that is not invoiced yet."""
        orders = self.env["sale.order"].search(
            [("pos_sync_day_id", "=", day.id), ("invoice_status", "=", "to invoice")], order="date_order, id"
        )
        if not orders:
            return
        moves = orders.with_context(
            pos_sync_posting={"invoice_date": date, "pos_sync_day_id": day.id}
        )._create_invoices(grouped=True, final=True)
        self._bill_to_the_cent(moves)
        moves._post(soft=False)
        self._say_moved(day, moves, date)

    def _bill_to_the_cent(self, moves):
        """Taxes of an order and of what changes it later, each rounded, may come to a cent more or less than those of
        the changed order: its customer owes what the order says."""
        for move in moves:
            order = move.line_ids.sale_line_ids.order_id
            billed = (order.invoice_ids - move).filtered(lambda other: other.state == "posted")
            taxes = move.line_ids.filtered("tax_repartition_line_id")
            if len(order) != 1 or not billed or not taxes:
                continue
            total = sum((billed | move).mapped("amount_total_in_currency_signed"))
            rest = move.currency_id.round(order.amount_total - total)
            # More is no rounding, but something that is not invoiced yet.
            if rest and abs(rest) <= len(taxes) * len(billed | move) * move.currency_id.rounding:
                largest = max(taxes, key=lambda line: abs(line.amount_currency))
                move.line_ids = [Command.update(largest.id, {"amount_currency": largest.amount_currency - rest})]

    def _say_moved(self, day, moves, date):
        if date != day.date:
            for move in moves:
                self._say_locked(day, move, date)

    # Payments

    def _pay(self, day):
        """One entry a payment method: what came in, against what the order's customer owes."""
        owed = self._owed(day)
        for method, rows in self._unpaid(day).items():
            self._pay_method(day, method, rows, owed)

    def _owed(self, day):
        """{order or refund: [amount, the same in the company's currency]} of what the day bills in another currency.
        What pays it on the same day is worth the same, so that rounding makes no exchange difference."""
        owed = {}
        if day.currency_id == day.company_id.currency_id:
            return owed
        bills = [(order, order.invoice_ids) for order in day.order_ids]
        bills += [(refund, refund.move_id) for refund in day.refund_ids]
        for record, moves in bills:
            items = moves.filtered(lambda move: move.pos_sync_day_id == day and move.state == "posted").line_ids
            items = items.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled)
            owed[record] = [sum(items.mapped("amount_residual_currency")), sum(items.mapped("amount_residual"))]
        return owed

    def _unpaid(self, day):
        """{method: [(payment id, order id, refund id, amount)]} of what the day's entries do not hold yet. A payment
        that is no more is taken back."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT payment.id, payment.method_id, payment.order_id, payment.refund_id,
                       payment.amount + COALESCE(payment.tip, 0)
                  FROM pos_sync_payment payment
                  LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                 WHERE payment.day_id = %s AND refund.gone IS NOT TRUE ORDER BY payment.id
                """,
                day.id,
            )
        )
        wanted = {f"paid:{row[0]}": row for row in self.env.cr.fetchall()}
        posted = {}
        lines = self.env["account.move.line"].search(
            [
                ("move_id.pos_sync_day_id", "=", day.id),
                ("parent_state", "!=", "cancel"),
                ("pos_sync_key", "=like", "paid:%"),
            ]
        )
        for line in lines:
            known = posted.setdefault(line.pos_sync_key, [0.0, line])
            known[0] -= line.amount_currency
        rounded = day.currency_id.round
        by_method = {}
        Method = self.env["pos.sync.payment.method"]
        for key, row in wanted.items():
            if key not in posted and Method.browse(row[1]).account_id.account_type == "asset_receivable":
                # What is bought on account is paid by nothing: its invoice stays open.
                continue
            amount = rounded(float(row[4]) - posted.pop(key, (0.0, None))[0])
            if amount:
                by_method.setdefault(Method.browse(row[1]), []).append((key, row[2], row[3], amount, None))
        for key, (amount, line) in posted.items():
            if rounded(amount):
                by_method.setdefault(self._method_of(line), []).append((key, False, False, -rounded(amount), line))
        return by_method

    def _method_of(self, line):
        """The payment method that the entry of a payment is of."""
        keys = [key for key in line.move_id.line_ids.mapped("pos_sync_key") if key and key.startswith("payment:")]
        return self.env["pos.sync.payment.method"].browse(int(keys[0].partition(":")[2]))

    def _pay_method(self, day, method, rows, owed):
        """Makes the entry of the `rows` of `_unpaid`. A way to pay that is no till's and no bank's, as a gift card, has
        no journal of its own."""
        journal = method.journal_id or self.env["pos.sync.posting.period"]._ordinary_journal(day.company_id)
        date = self._open_date(day, journal, False)
        lines = [self._prepare_paid(day, method, row, owed) for row in rows]
        lines.append(
            {
                "name": method.name,
                "account_id": method.account_id.id,
                "pos_sync_key": f"payment:{method.id}",
                "currency_id": day.currency_id.id,
                "amount_currency": -day.currency_id.round(sum(vals["amount_currency"] for vals in lines)),
                "balance": -day.company_id.currency_id.round(sum(vals["balance"] for vals in lines)),
            }
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": day.company_id.id,
                "date": date,
                "ref": self._reference(day, False, date),
                "currency_id": day.currency_id.id,
                "pos_sync_day_id": day.id,
                "line_ids": [Command.create(vals) for vals in lines],
            }
        )
        move._post(soft=False)
        self._say_moved(day, move, date)
        made = {line.pos_sync_key: line for line in move.line_ids}
        for key, _order_id, _refund_id, _amount, former in rows:
            if former and former.account_id.reconcile:
                # What it has paid is open again.
                former.remove_move_reconcile()
                (former | made[key]).reconcile()

    def _prepare_paid(self, day, method, row, owed):
        key, order_id, refund_id, amount, former = row
        if former:
            partner, account = former.partner_id, former.account_id
            worth = day.company_id.currency_id.round(amount * former.balance / former.amount_currency)
        else:
            refund = self.env["pos.sync.refund"].browse(refund_id or ())
            order = self.env["sale.order"].browse(order_id or ()) or refund.order_id
            partner = order.partner_invoice_id.commercial_partner_id
            account = partner.with_company(day.company_id).property_account_receivable_id
            worth = self._worth(day, owed.get(refund or order), amount)
        return {
            "name": method.name,
            "account_id": account.id,
            "partner_id": partner.id,
            "pos_sync_key": key,
            "currency_id": day.currency_id.id,
            "amount_currency": -amount,
            "balance": -worth,
        }

    def _worth(self, day, owed, amount):
        """`amount` in the company's currency: its share of what is `owed`, else at the day's rate."""
        currency = day.company_id.currency_id
        if not owed or day.currency_id.is_zero(owed[0]):
            return day.currency_id._convert(amount, currency, day.company_id, day.date)
        worth = currency.round(amount * owed[1] / owed[0])
        owed[0] -= amount
        owed[1] -= worth
        return worth

    # What pays what

    def _reconcile(self, day):
        """The open items of each order with the open payments of it, and of each refund with what was given back."""
        orders = day.order_ids | day.payment_ids.order_id
        refunds = day.refund_ids | day.payment_ids.refund_id
        groups = [(order.invoice_ids, order.pos_sync_payment_ids) for order in orders]
        groups += [(refund.move_id, refund.payment_ids) for refund in refunds]
        paid = (
            self.env["account.move.line"]
            .search(
                [
                    (
                        "pos_sync_key",
                        "in",
                        [f"paid:{payment.id}" for _moves, payments in groups for payment in payments],
                    ),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("account_id.reconcile", "=", True),
                ]
            )
            .grouped("pos_sync_key")
        )
        plan = []
        for moves, payments in groups:
            lines = moves.line_ids.filtered(
                lambda line: (
                    line.account_type == "asset_receivable" and line.parent_state == "posted" and not line.reconciled
                )
            ).concat(*(paid[key] for payment in payments if (key := f"paid:{payment.id}") in paid))
            plan += [items for items in lines.grouped("account_id").values() if len(items) > 1]
        self.env["account.move.line"]._reconcile_plan(plan)
