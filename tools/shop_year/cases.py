"""The cases that tests look at by name, one of each; made after the rest, so that their ids are the highest."""
from __future__ import annotations

from typing import Any

from .moments import LAST_SECOND, START
from .people import People
from .sales import Sales
from .taken_back import TakenBack
from .till_orders import TillOrders, Wanted


class Cases:
    def __init__(self, till_orders: TillOrders, taken_back: TakenBack, sales: Sales, people: People) -> None:
        self._till_orders, self._taken_back, self._sales, self._people = till_orders, taken_back, sales, people
        self._env, self._shelf = sales.env, sales.shelf

    def make(self, at_tills: Any, by_people: Any) -> dict[str, Any]:
        return {"pos": self._at_tills(at_tills), "sale": self._by_people(by_people), "settled": self._settled(),
                "settled_too": self._settled(also=self._shelf.own[2])}  # fmt: skip

    # At tills

    def _at_tills(self, orders: Any) -> dict[str, Any]:
        untouched = orders.filtered(
            lambda order: order.state == "paid" and order.amount_total > 0 and not order.lines.refund_orderline_ids
        )
        till = self._till_orders.tills.own
        plain = untouched.filtered(lambda order: order.config_id == till)
        back = self._taken_back.of
        made = self._till_orders.add([
            back(untouched[0].lines),
            back(untouched[1].lines[:1], half=True),
            back(plain[2].lines | plain[3].lines[:1]),
            back(plain[4].lines[:1], also=self._shelf.own[4]),
            back(plain[5].lines[:1], pay=False),
            self._menu(),
        ])
        names = ("full", "partial", "several", "mixed", "parked", "combo")
        return {
            "orders": orders.ids, **dict(zip(names, made.ids, strict=True)), "several_of": [plain[2].id, plain[3].id],
        }  # fmt: skip

    def _menu(self) -> Wanted:
        order = Wanted(self._till_orders.tills.foreign, self._people.tomas, START, [])
        self._till_orders.add_menu(order, self._shelf.menus[0])
        return order

    # By people

    def _by_people(self, orders: Any) -> dict[str, Any]:
        people, shelf = self._people, self._shelf
        hours = self._sales.add([self._plain(shelf.service, product_uom_qty=2) for _hours in range(4)])
        deposit = self._sales.add([self._plain(shelf.own[0])])
        self._sales.confirm(hours | deposit)
        self._sales.invoice(hours[1])
        self._sales.invoice(hours[2], credits=[0.5])
        self._sales.invoice(hours[3], credits=[1], pay=True)
        self._env["sale.advance.payment.inv"].create({
            "sale_order_ids": [(6, 0, deposit.ids)], "advance_payment_method": "percentage", "amount": 30,
        }).create_invoices()  # fmt: skip
        return {
            "orders": orders.ids, "odd": self._odd().id, "menu": self._chosen().id, "hours": hours.ids,
            "deposit": deposit.id, "tomas": people.tomas.id, "ann": people.ann.id, "prince": people.prince.id,
        }  # fmt: skip

    def _plain(self, product: Any, **line: Any) -> dict[str, Any]:
        return self._sales.values(LAST_SECOND, [{"product_id": product.id, "product_uom_qty": 1, **line}])

    def _odd(self) -> Any:
        """A dozen as unit, a section and a note, a discount on the order, another address, the customer's number."""
        order = self._sales.add([self._sales.values(START, [
            {"display_type": "line_section", "name": "What you asked for"},
            {"product_id": self._shelf.own[1].id, "product_uom_id": self._env.ref("uom.product_uom_dozen").id,
             "product_uom_qty": 2, "price_unit": 36, "discount": 0, "name": "Eggs\nfrom the farm"},
            {"display_type": "line_note", "name": "Thank you"},
        ], partner_id=self._people.tomas.id)])  # fmt: skip
        order.partner_shipping_id = self._people.back_door
        order.client_order_ref = "PO-77"
        order.note = "<p>Leave it<br/>at the door</p>"
        self._env["sale.order.discount"].create({
            "sale_order_id": order.id, "discount_type": "so_discount", "discount_percentage": 0.1,
        }).action_apply_discount()  # fmt: skip
        return order

    def _chosen(self) -> Any:
        menu = self._shelf.menus[0]
        order = self._sales.add([self._sales.values(START, [{"product_id": menu.id, "product_uom_qty": 1}])])
        item = menu.combo_ids.combo_item_ids[0]
        order.order_line = [(0, 0, {
            "product_id": item.product_id.id, "product_uom_qty": 1, "combo_item_id": item.id,
            "linked_line_id": order.order_line.id,
        })]  # fmt: skip
        return order

    def _settled(self, also: Any = None) -> dict[str, int]:
        """A sale order that is paid at a till, with something else that is bought there, and later all taken back."""
        sale = self._sales.add([self._sales.values(
            START, [{"product_id": product.id, "product_uom_qty": 1} for product in self._shelf.own[1:4:2]], number=1,
        )])  # fmt: skip
        self._sales.confirm(sale)
        tills = self._till_orders.tills
        till = tills.foreign if sale.currency_id == tills.foreign.currency_id else tills.own
        lines = [
            self._till_orders.line(
                till, line.product_id, qty=line.product_uom_qty, price_unit=line.price_unit, discount=line.discount,
                tax_ids=[(6, 0, line.tax_ids.ids)], sale_order_origin_id=sale.id, sale_order_line_id=line.id,
            )
            for line in sale.order_line
        ]  # fmt: skip
        if also:
            lines.append(self._till_orders.line(till, also, qty=2, discount=0))
        settling = self._till_orders.add([Wanted(till, sale.partner_id, START, lines)])
        back = self._till_orders.add([self._taken_back.of(settling.lines)])
        return {"sale": sale.id, "pos": settling.id, "back": back.id}
