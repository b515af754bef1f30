"""Sales of every kind in the shop: what its tills and its salespeople have sold, given back, parked and cancelled.

Runs inside the shop. Amounts are Odoo's own: lines, taxes, totals, credit notes and refunds are made by its code.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

FACTS = "test.sales"
START = datetime.fromisoformat("2025-03-01 08:30:00")


def make_sales(env: Any, tills: int = 90, sales: int = 60) -> dict[str, Any]:
    """Ids of what a test looks at by name; they are kept in the shop's parameter FACTS too."""
    company = env.ref("base.main_company")
    context = {**env.context, "allowed_company_ids": company.ids, "tracking_disable": True, "mail_create_nolog": True}
    env = env(user=env.ref("base.user_admin"), context=context)
    kit = Kit(env, Random("sales"))
    at_tills, by_people = PosCases(kit), SaleCases(kit)
    facts = {"pos": at_tills.make(tills), "sale": by_people.make(sales), "company": company.id}
    facts["settled"] = at_tills.settle(by_people.ordered(sales + 8), sales + 9)
    facts["settled_too"] = at_tills.settle(by_people.ordered(sales + 11), sales + 12, also=kit.products[2])
    env["ir.config_parameter"].sudo().set_param(FACTS, json.dumps(facts))
    env.flush_all()
    return facts


class Kit:
    """Taxes, products, customers and methods that the sales are made of."""

    def __init__(self, env: Any, random: Random) -> None:
        self.env = env
        self.random = random
        self.included, self.excluded, self.second = env["account.tax"].create([
            {"name": name, "amount": amount, "type_tax_use": "sale", "price_include_override": f"tax_{kind}"}
            for name, amount, kind in (
                ("15% in the price", 15, "included"), ("8.25% on top", 8.25, "excluded"), ("2% levy", 2, "excluded"),
            )
        ])  # fmt: skip
        self.products = env["product.product"].create([
            {
                "name": f"Sold {number}",
                "list_price": price,
                "taxes_id": [(6, 0, taxes.ids)],
                "type": "consu",
                "available_in_pos": True,
            }
            for number, (price, taxes) in enumerate((
                (9.99, self.included), (3.33, self.excluded), (120, self.excluded | self.second),
                (0.35, env["account.tax"]), (47.11, self.included), (1.01, self.excluded),
            ))
        ])  # fmt: skip
        self.service = env["product.product"].create({
            "name": "An hour", "list_price": 80, "type": "service", "invoice_policy": "order",
            "taxes_id": [(6, 0, self.excluded.ids)],
        })  # fmt: skip
        choice = env["product.combo"].create({
            "name": "Your drink",
            "combo_item_ids": [(0, 0, {"product_id": product.id}) for product in self.products[:2]],
        })  # fmt: skip
        self.menu = env["product.product"].create({
            "name": "Menu of one", "type": "combo", "list_price": 12.5, "combo_ids": [(6, 0, choice.ids)],
            "taxes_id": [(6, 0, self.excluded.ids)],
        })  # fmt: skip
        company = env["res.partner"].create({"name": "Müller & Söhne", "is_company": True, "vat": "", "city": "Köln"})
        group = env["res.partner.category"].create({"name": "Regulars"})
        self.customers = env["res.partner"].create([
            {"name": "Tomás Condor", "phone": "+32 475 12 34 56", "email": "tomas@example.com", "zip": "1000",
             "country_id": env.ref("base.be").id, "category_id": [(6, 0, group.ids)],
             "comment": "<p>Likes <b>tea</b></p>"},
            {"name": "Ann Lee", "parent_id": company.id, "email": "ann@example.com"},
            {"name": "Prince", "email": "prince@example.com", "lang": "en_US"},
        ])  # fmt: skip
        env["mail.blacklist"]._add("prince@example.com")
        self.delivery = env["res.partner"].create({
            "name": "Back door", "type": "delivery", "parent_id": self.customers[0].id, "street": "Rue Haute 7",
        })  # fmt: skip
        program = env["loyalty.program"].create({"name": "Stamps", "program_type": "loyalty", "applies_on": "both"})
        env["loyalty.card"].create([
            {"program_id": program.id, "partner_id": self.customers[0].id, "points": points} for points in (12.5, 30)
        ])

    def customer(self) -> Any:
        return self.random.choice([*self.customers, self.env["res.partner"]])

    def moment(self, number: int) -> datetime:
        """Spread over a year, one of them at the last second of a month."""
        if number == 5:
            return datetime.fromisoformat("2025-04-30 23:59:59")
        return START + timedelta(days=number * 4 % 365, minutes=number * 37)


class PosCases:
    """Orders of two tills: one takes dollars and rounds to 5 cents, the other takes euros."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.env = kit.env
        env = kit.env
        tip = env["product.product"].create({
            "name": "Tip", "type": "service", "taxes_id": False, "sale_ok": False, "default_code": "OUR-TIP",
        })  # fmt: skip
        rounding = env["account.cash.rounding"].create({
            "name": "To 5 cents", "rounding": 0.05, "strategy": "add_invoice_line", "rounding_method": "HALF-UP",
            "profit_account_id": env["account.account"].search([("account_type", "=", "income")], limit=1).id,
            "loss_account_id": env["account.account"].search([("account_type", "=", "expense")], limit=1).id,
        })  # fmt: skip
        euro = env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
        euro.active = True
        self.dollars = self._till("Rounding till", env.company.currency_id, {
            "cash_rounding": True, "rounding_method": rounding.id, "iface_tipproduct": True, "tip_product_id": tip.id,
        })  # fmt: skip
        self.euros = self._till("Till in euros", euro, {})

    def _till(self, name: str, currency: Any, more: dict[str, Any]) -> Any:
        env = self.env
        own = {} if currency == env.company.currency_id else {"currency_id": currency.id}
        code = name[-5:].upper()
        sales, cash, bank = env["account.journal"].create([
            {"name": f"{name} {kind}", "type": kind, "code": f"{code[:3]}{position}", **own}
            for position, kind in enumerate(("general", "cash", "bank"))
        ])  # fmt: skip
        if own:
            pricelist = env["product.pricelist"].create({"name": f"For {name}", "currency_id": currency.id})
            more = {**more, "use_pricelist": True, "pricelist_id": pricelist.id,
                    "available_pricelist_ids": [(6, 0, pricelist.ids)]}  # fmt: skip
        methods = env["pos.payment.method"].create([
            {"name": f"{name} cash", "journal_id": cash.id}, {"name": f"{name} card", "journal_id": bank.id},
        ])  # fmt: skip
        till = env["pos.config"].create({
            "name": name, "journal_id": sales.id, "payment_method_ids": [(6, 0, methods.ids)], **more,
        })  # fmt: skip
        till.open_ui()
        return till

    def make(self, count: int) -> dict[str, Any]:
        random = self.kit.random
        orders = []
        for number in range(count):
            till = self.euros if number % 3 == 0 else self.dollars
            lines = [self._line(random.choice(self.kit.products)) for _line in range(random.randint(1, 5))]
            state = "draft" if number % 17 == 3 else "cancel" if number % 19 == 4 else "paid"
            tip = random.choice((0, 0, 1.5)) if till == self.dollars else 0
            orders.append(self._order(till, number, lines, state=state, tip=tip, change=number % 4 == 0))
        paid = [order for order in orders if order.state == "paid"]
        combo = self._combo(count)
        return {
            "combo": combo.id,
            "orders": [order.id for order in orders],
            "full": self._give_back(paid[0].lines, count + 1).id,
            "partial": self._give_back(paid[1].lines[:1], count + 2, half=True).id,
            "several": self._give_back(paid[3].lines | paid[6].lines[:1], count + 3).id,
            "several_of": [paid[3].id, paid[6].id],
            "mixed": self._give_back(paid[7].lines[:1], count + 4, also=self.kit.products[4]).id,
            "parked": self._give_back(paid[8].lines[:1], count + 5, pay=False).id,
        }

    def _line(self, product: Any, **more: Any) -> dict[str, Any]:
        random = self.kit.random
        return {
            "product_id": product.id,
            "full_product_name": product.name,
            "qty": random.choice((1, 1, 2, 3, 0.5, 12)),
            "price_unit": product.list_price,
            "discount": random.choice((0, 0, 0, 10, 33.33, 100)),
            "tax_ids": [(6, 0, product.taxes_id._filter_taxes_by_company(self.env.company).ids)],
            "customer_note": random.choice(("", "", "no ice")),
            "price_subtotal": 0,
            "price_subtotal_incl": 0,
            **more,
        }

    def _order(
        self, till: Any, number: int, lines: list[dict[str, Any]], *, state: str = "paid", tip: float = 0,
        change: bool = False, partner: Any = None,
    ) -> Any:  # fmt: skip
        if tip:
            values = {"qty": 1, "price_unit": tip, "discount": 0, "tax_ids": False, "customer_note": False}
            lines = [*lines, self._line(till.tip_product_id, **values)]
        order = self.env["pos.order"].create({
            "session_id": till.current_session_id.id,
            "partner_id": (self.kit.customer() if partner is None else partner).id,
            "date_order": self.kit.moment(number),
            "pricelist_id": till.pricelist_id.id,
            "lines": [(0, 0, {**line, "name": f"L{place}"}) for place, line in enumerate(lines)],
            "amount_total": 0, "amount_tax": 0, "amount_paid": 0, "amount_return": 0,
            "is_tipped": bool(tip), "tip_amount": tip,
            "general_customer_note": "Ring twice" if number % 7 == 0 else False,
        })  # fmt: skip
        self._settle(order, state, change)
        return order

    def _settle(self, order: Any, state: str, change: bool = False) -> None:
        for line in order.lines:
            line.write(line._compute_amount_line_all())
        order._compute_prices()
        if state == "cancel":
            order.state = "cancel"
        if state == "paid":
            self._pay(order, change)
            order.action_pos_order_paid()
            order.name = order._compute_order_name() if order.name == "/" else order.name

    def _pay(self, order: Any, change: bool) -> None:
        """Part by card, the rest in cash; or a larger note, and change."""
        cash, card = order.config_id.payment_method_ids.sorted(lambda method: not method.is_cash_count)
        total = order.amount_total
        at = {"pos_order_id": order.id, "payment_date": order.date_order + timedelta(minutes=3)}
        if change and total > 0:
            order.add_payment({**at, "payment_method_id": cash.id, "amount": total + 7.35})
            back = {"amount": -7.35, "is_change": True, "name": "return"}
            order.add_payment({**at, "payment_method_id": cash.id, **back})
        elif total > 20:
            part = order.currency_id.round(total / 3)
            order.add_payment({**at, "payment_method_id": card.id, "amount": part, "payment_ref_no": "AUTH-1"})
            order.add_payment({**at, "payment_method_id": cash.id, "amount": order.currency_id.round(total - part)})
        else:
            order.add_payment({**at, "payment_method_id": card.id, "amount": total})
        order._compute_prices()

    def _combo(self, number: int) -> Any:
        item = self.kit.menu.combo_ids.combo_item_ids[0]
        order = self._order(self.euros, number, [
            self._line(self.kit.menu, qty=1, price_unit=0, discount=0),
            self._line(item.product_id, qty=1, price_unit=12.5, discount=0, combo_item_id=item.id),
        ], state="draft")  # fmt: skip
        order.lines[1].combo_parent_id = order.lines[0]
        self._settle(order, "paid")
        return order

    def _give_back(self, lines: Any, number: int, half: bool = False, also: Any = None, pay: bool = True) -> Any:
        """An order that takes lines back, as Odoo's own button makes it."""
        till = lines[0].order_id.config_id
        values = [
            {
                **self._line(line.product_id, qty=-line.qty / (2 if half else 1), price_unit=line.price_unit),
                "discount": line.discount,
                "tax_ids": [(6, 0, line.tax_ids.ids)],
                "refunded_orderline_id": line.id,
            }
            for line in lines
        ]
        if also:
            values.append(self._line(also, qty=2, discount=0))
        order = self._order(till, number, values, state="draft", partner=lines[0].order_id.partner_id)
        order.is_refund = not also
        self._settle(order, "paid" if pay else "draft")
        return order

    def settle(self, sale: Any, number: int, also: Any = None) -> dict[str, int]:
        """A sale order that is paid at a till, with something else that is bought there, and later all taken back."""
        till = self.euros if sale.currency_id == self.euros.currency_id else self.dollars
        settling = self._order(till, number, [
            self._line(
                line.product_id, qty=line.product_uom_qty, price_unit=line.price_unit, discount=line.discount,
                sale_order_origin_id=sale.id, sale_order_line_id=line.id,
            )
            for line in sale.order_line
        ] + ([self._line(also, qty=2, discount=0)] if also else []), partner=sale.partner_id)  # fmt: skip
        return {"sale": sale.id, "pos": settling.id, "back": self._give_back(settling.lines, number + 1).id}


class SaleCases:
    """Sale orders in all states, in two currencies, delivered, invoiced, paid and credited."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.env = kit.env
        euro = self.env["res.currency"].search([("name", "=", "EUR")])
        self.pricelists = self.env["product.pricelist"].create([
            {"name": f"Sales in {currency.name}", "currency_id": currency.id}
            for currency in (self.env.company.currency_id, euro)
        ])

    def make(self, count: int) -> dict[str, Any]:
        random = self.kit.random
        orders = []
        for number in range(count):
            products = [random.choice(self.kit.products) for _line in range(random.randint(1, 4))]
            order = self._order(number, [self._line(product) for product in products])
            if number % 7 == 1:
                order.action_quotation_sent()
            elif number % 11 == 2:
                order._action_cancel()
            elif number % 7 != 2:
                self._confirm(order, deliver=number % 3 != 0)
            orders.append(order)
        odd = self._order(count, [
            {"display_type": "line_section", "name": "What you asked for"},
            {**self._line(self.kit.products[1]), "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
             "product_uom_qty": 2, "price_unit": 36, "discount": 0, "name": "Eggs\nfrom the farm"},
            {"display_type": "line_note", "name": "Thank you"},
        ])  # fmt: skip
        odd.partner_id = self.kit.customers[0]
        odd.partner_shipping_id = self.kit.delivery
        odd.client_order_ref = "PO-77"
        odd.note = "<p>Leave it<br/>at the door</p>"
        self.env["sale.order.discount"].create({
            "sale_order_id": odd.id, "discount_type": "so_discount", "discount_percentage": 0.1,
        }).action_apply_discount()  # fmt: skip
        menu = self._order(count + 1, [{"product_id": self.kit.menu.id, "product_uom_qty": 1}])
        item = self.kit.menu.combo_ids.combo_item_ids[0]
        menu.order_line = [(0, 0, {
            "product_id": item.product_id.id, "product_uom_qty": 1, "combo_item_id": item.id,
            "linked_line_id": menu.order_line.id,
        })]  # fmt: skip
        hours = [self._hours(count + 2 + place) for place in range(4)]
        self._invoice(hours[1])
        self._invoice(hours[2], credit=0.5)
        self._invoice(hours[3], credit=1, pay=True)
        deposit = self._order(count + 6, [self._line(self.kit.products[0])])
        self._confirm(deposit, deliver=False)
        self.env["sale.advance.payment.inv"].create({
            "sale_order_ids": [(6, 0, deposit.ids)], "advance_payment_method": "percentage", "amount": 30,
        }).create_invoices()  # fmt: skip
        return {
            "orders": [order.id for order in orders], "odd": odd.id, "menu": menu.id,
            "hours": [order.id for order in hours], "deposit": deposit.id,
            "tomas": self.kit.customers[0].id, "ann": self.kit.customers[1].id, "prince": self.kit.customers[2].id,
        }  # fmt: skip

    def ordered(self, number: int) -> Any:
        order = self._order(number | 1, [{"product_id": product.id} for product in self.kit.products[1:4:2]])
        self._confirm(order, deliver=False)
        return order

    def _line(self, product: Any) -> dict[str, Any]:
        random = self.kit.random
        quantity, discount = random.choice((1, 2, 5, 0.25)), random.choice((0, 0, 5, 12.5))
        return {"product_id": product.id, "product_uom_qty": quantity, "discount": discount}

    def _order(self, number: int, lines: list[dict[str, Any]]) -> Any:
        return self.env["sale.order"].create({
            "partner_id": (self.kit.customer() or self.kit.customers[2]).id,
            "date_order": self.kit.moment(number),
            "pricelist_id": self.pricelists[number % 2].id,
            "order_line": [(0, 0, line) for line in lines],
        })  # fmt: skip

    def _confirm(self, order: Any, deliver: bool) -> None:
        asked_at = order.date_order
        order.action_confirm()
        order.date_order = asked_at
        for picking in order.picking_ids if deliver else ():
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.move_ids.picked = True
            picking._action_done()

    def _hours(self, number: int) -> Any:
        order = self._order(number, [{"product_id": self.kit.service.id, "product_uom_qty": 2}])
        self._confirm(order, deliver=False)
        return order

    def _invoice(self, order: Any, credit: float = 0, pay: bool = False) -> None:
        invoice = order._create_invoices()
        invoice.invoice_date = order.date_order.date()
        invoice.action_post()
        if pay:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({}).action_create_payments()
        if credit:
            note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date, "ref": "Too much"}])
            note.invoice_line_ids.quantity = 2 * credit
            note.action_post()
