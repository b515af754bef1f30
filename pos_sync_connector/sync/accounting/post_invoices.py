from odoo import models
from odoo.fields import Command
from odoo.tools import SQL

from ..engine.quiet import QUIET
from ..sales.sold import is_sold
from .day_amounts import ROUNDING, DayAmount

# What the items of a payment's entry hold: what it pays, and its cash rounding.
PAID, ROUNDED = "paid:", "rounded:"


class PosSyncPostInvoices(models.AbstractModel):
    """Posts the business days whose orders are invoiced one by one: an invoice an order, a credit note a refund, and an
    entry a payment method that pays them. What a later change adds or takes back follows as one more of these."""

    _name = "pos.sync.post_invoices"
    _inherit = "pos.sync.post_days"
    _description = "POS Sync Posting of Invoices"

    def _post_day(self, day):
        Refunds = self.env["pos.sync.post_refunds"]
        work, found = Refunds._found(day)
        products = {item.product_id for items, _amount in found.values() for item in items}
        if holds := self._holds(day, self._unmapped(day, products), work.problems):
            self._hold(day, holds)
            return
        quiet = self.with_company(day.company_id).with_context(**QUIET)
        date = quiet._open_date(day, quiet._sales_journal(day), True)
        quiet._invoice(day, date)
        work.day = day.with_env(quiet.env)
        Refunds.with_env(quiet.env)._credit(work, date, found)
        quiet._pay(day)
        quiet._reconcile(day)
        self._note_posted(day)

    def _sales_journal(self, day):
        Journal = self.env["account.journal"]
        return Journal.search([*Journal._check_company_domain(day.company_id), ("type", "=", "sale")], limit=1)

    def _unmapped(self, day, products):
        """What the day uses and has no account, in the form that `_holds` reads; `products`: what its refunds are of.
        """
        found = {}
        self.env.cr.execute(
            SQL("SELECT method_id, bool_or(rounding <> 0) FROM pos_sync_payment WHERE day_id = %s GROUP BY 1", day.id),
        )
        rows = self.env.cr.fetchall()
        rounds = any(rounded for _method_id, rounded in rows)
        for method in self.env["pos.sync.payment.method"].browse([method_id for method_id, _rounded in rows]):
            if not method.account_id:
                found[f"payment:{method.id}"] = DayAmount("payment", method.name, False)
        self.env.cr.execute(
            SQL(
                """
                SELECT charge.id FROM pos_sync_charge_product charge
                 WHERE charge.connection_id = %(connection)s
                   AND (charge.product_id = ANY(%(products)s) OR (charge.kind = 'rounding' AND %(rounds)s)
                        OR EXISTS (SELECT FROM sale_order_line line JOIN sale_order sale ON sale.id = line.order_id
                                    WHERE line.product_id = charge.product_id AND sale.pos_sync_day_id = %(day)s))
                """,
                connection=day.connection_id.id,
                day=day.id,
                products=list(products),
                rounds=rounds,
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
        posting = {"invoice_date": date, "pos_sync_day_id": day.id}
        moves = self._invoice_cancelled(day, posting)
        if orders:
            moves |= orders.with_context(pos_sync_posting=posting)._create_invoices(grouped=True, final=True)
        if not moves:
            return
        self._bill_to_the_cent(moves)
        moves._post(soft=False)
        self._say_moved(day, moves, date)

    def _invoice_cancelled(self, day, posting):
        """Drafts for what was sold and cancelled before it was invoiced: its refunds get their credit notes. Odoo
        itself invoices no cancelled order."""
        self.env.cr.execute(
            SQL(
                "SELECT sale.id FROM sale_order sale WHERE sale.pos_sync_day_id = %s AND sale.state = 'cancel' AND %s",
                day.id,
                is_sold(),
            )
        )
        orders = self.env["sale.order"].browse([row[0] for row in self.env.cr.fetchall()])
        return self.env["account.move"].create(
            [
                {
                    **order.with_context(pos_sync_posting=posting)._prepare_invoice(),
                    "invoice_line_ids": [
                        Command.create(line._prepare_invoice_line(quantity=line.product_uom_qty))
                        for line in order.order_line
                        if line.product_uom_qty
                    ],
                }
                for order in orders
                if all(invoice.state == "cancel" for invoice in order.invoice_ids)
            ]
        )

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
        """{method: [(key, order id, refund id, amount, posted item)]} of what the day's entries do not hold yet:
        what is paid, and what cash rounding adds to it. A payment that is no more is reversed."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT payment.id, payment.method_id, payment.order_id, payment.refund_id,
                       payment.amount + COALESCE(payment.tip, 0), COALESCE(payment.rounding, 0)
                  FROM pos_sync_payment payment
                  LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                 WHERE payment.day_id = %s AND refund.gone IS NOT TRUE ORDER BY payment.id
                """,
                day.id,
            )
        )
        wanted = {}
        for payment_id, *row, amount, rounding in self.env.cr.fetchall():
            wanted[f"{PAID}{payment_id}"] = (*row, amount)
            if rounding:
                wanted[f"{ROUNDED}{payment_id}"] = (*row, rounding)
        posted = {}
        lines = self.env["account.move.line"].search(
            [
                ("move_id.pos_sync_day_id", "=", day.id),
                ("parent_state", "!=", "cancel"),
                "|",
                ("pos_sync_key", "=like", f"{PAID}%"),
                ("pos_sync_key", "=like", f"{ROUNDED}%"),
            ]
        )
        methods = {move: self._method_of(move) for move in lines.move_id}
        for line in lines:
            known = posted.setdefault((line.pos_sync_key, methods[line.move_id]), [0.0, line])
            known[0] -= line.amount_currency
        rounded = day.currency_id.round
        by_method = {}
        Method = self.env["pos.sync.payment.method"]
        for key, (method_id, order_id, refund_id, amount) in wanted.items():
            method = Method.browse(method_id)
            if (key, method) not in posted and method.account_id.account_type == "asset_receivable":
                # What is bought on account is paid by nothing: its invoice stays open.
                continue
            missing = rounded(float(amount) - posted.pop((key, method), (0.0, None))[0])
            if missing:
                by_method.setdefault(method, []).append((key, order_id, refund_id, missing, None))
        for (key, method), (amount, line) in posted.items():
            if rounded(amount):
                by_method.setdefault(method, []).append((key, False, False, -rounded(amount), line))
        return by_method

    def _method_of(self, move):
        """The payment method that the entry of payments is of."""
        keys = [key for key in move.line_ids.mapped("pos_sync_key") if key and key.startswith("payment:")]
        return self.env["pos.sync.payment.method"].browse(int(keys[0].partition(":")[2]))

    def _pay_method(self, day, method, rows, owed):
        """Makes the entry of the `rows` of `_unpaid`. A way to pay that is no till's and no bank's, as a gift card, has
        no journal of its own."""
        journal = method.journal_id or self.env["pos.sync.posting.period"]._ordinary_journal(day.company_id)
        date = self._open_date(day, journal, False)
        lines = [self._prepare_paid(day, method, row, owed) for row in rows]
        key = f"payment:{method.id}"
        # What is posted keeps its account, for what is added to it and taken back.
        posted = self.env["pos.sync.post_payouts"]._posted_money(day, [key])
        lines.append(
            {
                "name": method.name,
                "account_id": posted[day.id, key][0] if posted else method.account_id.id,
                "pos_sync_key": key,
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
        elif key.startswith(ROUNDED):
            charges = day.connection_id.sudo().charge_product_ids
            account = charges.filtered(lambda row: row.kind == ROUNDING).account_id
            partner = self.env["res.partner"]
            worth = self._worth(day, None, amount)
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
        """The open items of each order with the open payments of it, and of each refund with what was refunded; then
        what is still open of an order with what is of its refunds, as after an edit or a deposit that was returned."""
        orders = day.order_ids | day.payment_ids.order_id | day.refund_ids.order_id
        refunds = day.refund_ids | day.payment_ids.refund_id
        groups = [(order.invoice_ids, order.pos_sync_payment_ids) for order in orders]
        groups += [(refund.move_id, refund.payment_ids) for refund in refunds]
        self._reconcile_groups(groups)
        self._reconcile_groups(
            [
                (
                    order.invoice_ids | order.pos_sync_refund_ids.move_id,
                    order.pos_sync_payment_ids | order.pos_sync_refund_ids.payment_ids,
                )
                for order in orders
                if order.pos_sync_refund_ids
            ]
        )

    def _reconcile_groups(self, groups):
        """`groups` of bills and payments."""
        items = self.env["account.move.line"].search(
            [
                ("pos_sync_key", "in", [f"{PAID}{payment.id}" for _moves, payments in groups for payment in payments]),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("account_id.reconcile", "=", True),
            ]
        )
        paid = items.grouped("pos_sync_key")
        plan = []
        for moves, payments in groups:
            lines = moves.line_ids.filtered(
                lambda line: (
                    line.account_type == "asset_receivable" and line.parent_state == "posted" and not line.reconciled
                )
            ).concat(*(paid[key] for payment in payments if (key := f"{PAID}{payment.id}") in paid))
            plan += [
                items
                for items in lines.grouped("account_id").values()
                if min(items.mapped("amount_residual")) < 0 < max(items.mapped("amount_residual"))
            ]
        self.env["account.move.line"]._reconcile_plan(plan)
