"""What a business day comes to: its amounts by account, tax and kind, summed up over all its orders."""

from collections import defaultdict
from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL, formatLang

from ...connectors.records import ChargeKind
from ...models.sales.connection_sales import CHANNEL_TAX
from ..sales.sold import is_sold
from .credited import credited_by_hand

UNPAID = "unpaid"
ROUNDING = ChargeKind.ROUNDING.value
CASH_ROUNDING = "rounded:cash"
GIFT_CARD = ChargeKind.GIFT_CARD.value
# What is owed to somebody and no price: an amount that names nothing reduces none of it.
OWED = (ChargeKind.TIP.value, GIFT_CARD, ROUNDING, CHANNEL_TAX)


@dataclass(slots=True)
class DayAmount:
    """One line of the day's entry. `amount` is in the day's currency, positive where it is a debit.

    `worth` is the same in the company's currency, where it is not what the day's rate makes of it.
    `kind` is "sale", "refund", "tax", "payment", "unpaid" or the kind of a charge; gift cards are "gift_card_sold",
    "gift_card_used" and "gift_card_refunded". `account_id` is False where a person must still name it.
    """

    kind: str
    name: str
    account_id: int
    tax_ids: tuple = ()
    tag_ids: tuple = ()
    repartition_id: int = 0
    amount: float = 0.0
    channel: str = ""
    worth: float | None = None


@dataclass(slots=True)
class _Day:
    """What the amounts of one day are worked out with. `charges`: the kind of each service product. `problems`: why it
    can't be posted, {trace key: (name, sentence)}. `channels`: those of the orders, where the day is split by them;
    `channel`: that of what is being added."""

    day: object
    company: object
    charges: dict
    accounts: dict = field(default_factory=dict)
    shapes: dict = field(default_factory=dict)
    amounts: dict = field(default_factory=dict)
    problems: dict = field(default_factory=dict)
    channels: dict = field(default_factory=dict)
    channel: str = ""

    def amount(self, value):
        """An amount as a person reads it."""
        return formatLang(self.day.env, value, currency_obj=self.day.currency_id)

    def add(self, key, amount, **values):
        if self.channel:
            key = f"{key}@{self.channel}"
            values |= {"channel": self.channel, "name": f"{values['name']} ({self.channel})"}
        known = self.amounts.get(key)
        if known is None:
            known = self.amounts[key] = DayAmount(**values)
        known.amount += amount


class PosSyncDayAmounts(models.AbstractModel):
    """Adds up a day. Taxes are worked out order by order, as on the orders themselves; what Odoo's total of an order
    says beyond that is a rounding of its own. The number of queries does not grow with the orders."""

    _name = "pos.sync.day_amounts"
    _description = "POS Sync Amounts of a Day"

    def _amounts(self, day):
        """{key: DayAmount} of all that the day's entries together have to hold. They add up to 0; none of them is 0."""
        return self._worked_out(day).amounts

    def _worked_out(self, day):
        """The same, with the problems that keep the day from being posted."""
        this, work = self._begin(day)
        this._add_orders(work)
        this._add_refunds(work)
        this._add_payments(work)
        work.amounts = this._balanced(work)
        return work

    def _begin(self, day):
        company = day.company_id
        # A receipt's language is the company's: what an entry says does not depend on who posts it.
        this = self.with_company(company).with_context(lang=company.partner_id.lang, active_test=False)
        charges = {row.product_id.id: row.kind for row in day.connection_id.sudo().charge_product_ids}
        return this, _Day(day.with_env(this.env), company.with_env(this.env), charges)

    def _balanced(self, work):
        """What was sold and not paid for on the same day is owed by customers; what was paid and not sold, to them."""
        rounded = work.day.currency_id.round
        amounts = {}
        for key, amount in work.amounts.items():
            amount.amount = rounded(amount.amount)
            if amount.amount:
                amounts[key] = amount
        owed = rounded(-sum(amount.amount for amount in amounts.values()))
        if owed:
            amounts[UNPAID] = DayAmount(
                UNPAID, self.env._("Not paid on the day"), self._receivable(work).id, amount=owed
            )
        return amounts

    def _receivable(self, work):
        partner = work.day.connection_id.walk_in_partner_id or work.company.partner_id
        return partner.with_company(work.company).property_account_receivable_id

    # Orders

    def _add_orders(self, work):
        orders = defaultdict(list)
        totals = {}
        for row in self._order_lines(SQL("sale.pos_sync_day_id = %s AND %s", work.day.id, is_sold())):
            orders[row["order_id"]].append(row)
            totals[row["order_id"]] = row["amount_total"]
        self._find_accounts(work, orders.values())
        for order_id, rows in orders.items():
            work.channel = work.channels.get(order_id, "")
            lines = [
                (
                    row["product_id"],
                    row["fiscal_position_id"],
                    tuple(row["tax_ids"]),
                    row["price_unit"],
                    row["product_uom_qty"],
                    row["discount"],
                    row["product_uom_qty"] < 0,
                    False,
                )
                for row in rows
            ]
            if rest := self._add_lines(work, lines, totals[order_id]):
                order = self.env["sale.order"].browse(order_id)
                work.problems[f"rounding:{order_id}"] = (order.name, self._too_much(work, order.name, rest))
        work.channel = ""

    def _order_lines(self, which):
        taxes = self.env["sale.order.line"]._fields["tax_ids"]
        self.env.cr.execute(
            SQL(
                """
                SELECT sale.id AS order_id, sale.amount_total, sale.fiscal_position_id, line.id, line.product_id,
                       line.name, line.pos_sync_line_id, line.price_unit, line.product_uom_qty,
                       COALESCE(line.discount, 0) AS discount, line.price_total,
                       COALESCE(array_agg(tax.id ORDER BY tax.sequence, tax.id) FILTER (WHERE tax.id IS NOT NULL),
                                '{}') AS tax_ids
                  FROM sale_order sale
                  JOIN sale_order_line line ON line.order_id = sale.id
                  LEFT JOIN %(relation)s link ON link.%(line)s = line.id
                  LEFT JOIN account_tax tax ON tax.id = link.%(tax)s
                 WHERE line.display_type IS NULL AND %(which)s
                 GROUP BY sale.id, line.id
                 ORDER BY sale.id, line.sequence, line.id
                """,
                relation=SQL.identifier(taxes.relation),
                line=SQL.identifier(taxes.column1),
                tax=SQL.identifier(taxes.column2),
                which=which,
            )
        )
        return [
            {
                **row,
                "amount_total": float(row["amount_total"] or 0),
                "price_total": float(row["price_total"] or 0),
                "price_unit": float(row["price_unit"] or 0),
                "product_uom_qty": float(row["product_uom_qty"] or 0),
                "discount": float(row["discount"] or 0),
            }
            for row in self.env.cr.dictfetchall()
        ]

    def _find_accounts(self, work, orders):
        """The income account of each product under each fiscal position that the orders have."""
        pairs = {(row["product_id"], row["fiscal_position_id"]) for rows in orders for row in rows} - set(work.accounts)
        known = self.env["pos.sync.charge.product"].sudo().search([("connection_id", "=", work.day.connection_id.id)])
        charges = {row.product_id.id: row.account_id.id for row in known}
        products = self.env["product.product"].browse({product_id for product_id, _position in pairs})
        accounts = {product.id: product._get_product_accounts()["income"] for product in products}
        for product_id, position_id in pairs:
            position = self.env["account.fiscal.position"].browse(position_id or ())
            account_id = charges.get(product_id, accounts[product_id].id)
            account = self.env["account.account"].browse(account_id or ())
            work.accounts[product_id, position_id] = position.map_account(account).id if account else False

    def _add_lines(self, work, lines, total):
        """Adds what belongs together: an order or a refund, whose amounts come to `total`. Returns what is too much for
        a rounding."""
        found = self._worked_out_lines(work, lines)
        for key, amount, values in found:
            work.add(key, amount, **values)
        rest = work.day.currency_id.round(total + sum(amount for _key, amount, _values in found))
        if abs(rest) > self._tolerance(work, len(lines)):
            return rest
        if rest:
            work.add(ROUNDING, -rest, **self._rounding(work))
        return 0.0

    def _worked_out_lines(self, work, lines):
        shape = tuple(lines)
        found = work.shapes.get(shape)
        if found is None:
            found = work.shapes[shape] = self._work_out(work, lines)
        return found

    def _tolerance(self, work, count):
        """How much rounding may take of what has `count` lines."""
        return work.day.connection_id._tolerance(work.day.currency_id, count) + 1e-6

    def _too_much(self, work, name, rest):
        return self.env._(
            "%(name)s comes to %(rest)s more or less than its lines: too much for a rounding. Correct its lines, or "
            "raise the tolerance of the connection.",
            name=name,
            rest=work.amount(abs(rest)),
        )

    def _rounding(self, work):
        row = work.day.connection_id.sudo().charge_product_ids.filtered(lambda item: item.kind == ROUNDING)
        return {"kind": ROUNDING, "name": self._label(ROUNDING), "account_id": row.account_id.id}

    def _work_out(self, work, lines):
        """[(key, amount, values of `DayAmount`)] of lines that are taxed together."""
        Tax = self.env["account.tax"]
        base_lines = []
        for product_id, position_id, tax_ids, price_unit, quantity, discount, returned, included in lines:
            base_lines.append(
                Tax._prepare_base_line_for_taxes_computation(
                    {},
                    product_id=self.env["product.product"].browse(product_id or ()),
                    tax_ids=Tax.browse(tax_ids),
                    price_unit=price_unit,
                    quantity=quantity,
                    discount=discount,
                    currency_id=work.day.currency_id,
                    account_id=self.env["account.account"].browse(work.accounts.get((product_id, position_id)) or ()),
                    sign=-1.0,
                    is_refund=returned,
                    special_mode="total_included" if included else False,
                )
            )
        Tax._add_tax_details_in_base_lines(base_lines, work.company)
        Tax._round_base_lines_tax_details(base_lines, work.company)
        Tax._add_accounting_data_in_base_lines_tax_details(base_lines, work.company, include_caba_tags=True)
        results = Tax._prepare_tax_lines(base_lines, work.company)
        found = []
        for base_line, values in results["base_lines_to_update"]:
            found.append(self._base_amount(work, base_line, values))
        for values in results["tax_lines_to_add"]:
            found.append(self._tax_amount(values))
        return found

    def _base_amount(self, work, base_line, values):
        kind = work.charges.get(base_line["product_id"].id, "sale")
        kind = "sale" if kind == "unknown" else kind
        amount = values["amount_currency"]
        if kind == GIFT_CARD:
            used = "gift_card_refunded" if base_line["is_refund"] else "gift_card_used"
            kind = used if amount > 0 else "gift_card_sold"
        elif base_line["is_refund"] and kind not in OWED:
            kind = "refund"
        account_id = base_line["account_id"].id
        tax_ids, tag_ids = tuple(base_line["tax_ids"].ids), tuple(sorted(base_line["tax_tag_ids"].ids))
        where = account_id if kind in ("sale", "refund") else ""
        key = f"{kind}:{where}:{_joined(tax_ids)}:{_joined(tag_ids)}"
        name = self._label(kind, ", ".join(base_line["tax_ids"].mapped("name")))
        return (
            key,
            amount,
            {
                "kind": kind,
                "name": name,
                "account_id": account_id,
                "tax_ids": tax_ids,
                "tag_ids": tag_ids,
            },
        )

    def _tax_amount(self, values):
        repartition_id = values["tax_repartition_line_id"]
        tag_ids = tuple(sorted(values["tax_tag_ids"][0][2]))
        tax_ids = tuple(values["tax_ids"][0][2]) if values.get("tax_ids") else ()
        key = f"tax:{repartition_id}:{values['account_id']}:{_joined(tax_ids)}:{_joined(tag_ids)}"
        return (
            key,
            values["amount_currency"],
            {
                "kind": "tax",
                "name": values["name"],
                "account_id": values["account_id"],
                "tax_ids": tax_ids,
                "tag_ids": tag_ids,
                "repartition_id": repartition_id,
            },
        )

    def _label(self, kind, taxes=""):
        names = {
            **dict(self.env["pos.sync.charge.product"]._select_kind()),
            "sale": self.env._("Sales"),
            "refund": self.env._("Refunds"),
            "gift_card_sold": self.env._("Gift cards sold"),
            "gift_card_used": self.env._("Gift cards used"),
            "gift_card_refunded": self.env._("Gift cards refunded"),
        }
        return self.env._("%(what)s with %(taxes)s", what=names[kind], taxes=taxes) if taxes else names[kind]

    # Refunds

    def _add_refunds(self, work):
        refunds = work.day.refund_ids
        for refund, (items, amount) in self._refund_items(work, refunds - credited_by_hand(refunds)).items():
            work.channel = work.channels.get(refund.order_id.id, "")
            rest = self._add_lines(work, [item.line for item in items], -amount)
            if rest and refund._trace_key() not in work.problems:
                work.problems[refund._trace_key()] = (refund.number, self._too_much(work, refund.number, rest))
        work.channel = ""

    # Payments

    def _add_payments(self, work):
        self.env.cr.execute(
            SQL(
                """
                SELECT payment.method_id,
                       sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0)),
                       sum(COALESCE(payment.rounding, 0))
                  FROM pos_sync_payment payment
                  LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                 WHERE payment.day_id = %s AND refund.gone IS NOT TRUE
                 GROUP BY payment.method_id ORDER BY payment.method_id
                """,
                work.day.id,
            )
        )
        found = self.env.cr.fetchall()
        methods = self.env["pos.sync.payment.method"].browse([method_id for method_id, _amount, _rounded in found])
        for method, (_method_id, amount, rounded) in zip(methods, found, strict=True):
            work.add(
                f"payment:{method.id}", float(amount), kind="payment", name=method.name, account_id=method.account_id.id
            )
            if rounded:
                # Stated by the system, and no difference between its figures and Odoo's.
                name = self.env._("Cash rounding")
                work.add(CASH_ROUNDING, -float(rounded), **{**self._rounding(work), "name": name})


def _joined(ids):
    return ",".join(map(str, ids))
