"""What came of a case: the books by role, orders, products and customers, compared with what must be found."""

from __future__ import annotations

from odoo.tools import html2plaintext


class Found:
    """Each kind of thing has its `look_at_...`, each field of an order, product or customer a method."""

    def do_look(self, found):
        self.look(found)

    def look(self, found):
        for what, expected in found.items():
            getattr(self, f"look_at_{what}")(expected)

    def why(self):
        """What a person would read, for the message of a test that fails."""
        held = self.env["pos.sync.message"].search(
            [("connection_id", "=", self.case_connection.id), ("state", "in", ("waiting", "held", "failed"))]
        )
        return "\n".join([*self.sentences, *(f"{item.external_id}: {item.sentence}" for item in held)])

    def look_at_book(self, expected, until=None, only=False):
        found = self.books.balances(until)
        wanted = {role: amount for role, amount in expected.items() if amount}
        if only:
            found = {role: amount for role, amount in found.items() if role in expected}
        self.assertEqual(found, wanted, self.why())

    def look_at_part(self, expected):
        self.look_at_book(expected, only=True)

    def look_at_book_on(self, expected):
        for date, book in expected.items():
            self.look_at_book(book, date)

    def look_at_part_on(self, expected):
        for date, book in expected.items():
            self.look_at_book(book, date, only=True)

    def sale(self, key):
        return self.link(key, "order", self.case_connection).sale_order_id

    def look_at_orders(self, expected):
        for key, wanted in expected.items():
            order = self.sale(key)
            found = {name: getattr(self, f"order_{name}")(order, value) for name, value in wanted.items()}
            self.assertEqual(found, dict(wanted), f"order {key}: {self.why()}")

    def order_there(self, order, _wanted):
        return bool(order)

    def order_customer(self, order, _wanted):
        return order.partner_id.name

    def order_walk_in(self, order, _wanted):
        return order.partner_id == self.case_connection.walk_in_partner_id

    def order_ship_to(self, order, wanted):
        return {name: order.partner_shipping_id[name] for name in wanted}

    def order_invoice_to(self, order, wanted):
        return {name: order.partner_invoice_id[name] for name in wanted}

    def order_reference(self, order, _wanted):
        return order.client_order_ref

    def order_day(self, order, _wanted):
        return str(order.pos_sync_day_id.date)

    def order_state(self, order, _wanted):
        return order.state

    def order_total(self, order, _wanted):
        return round(order.amount_total, 2)

    def order_tax(self, order, _wanted):
        return round(order.amount_tax, 2)

    def order_lines(self, order, _wanted):
        return [(line.product_id.name, line.product_uom_qty) for line in order.order_line]

    def moved(self, order, usage):
        moves = order.order_line.move_ids.filtered(lambda move: move.state == "done")
        return sum(moves.filtered(lambda move: move[usage].usage == "customer").mapped("quantity"))

    def order_delivered(self, order, _wanted):
        return self.moved(order, "location_dest_id")

    def order_put_back(self, order, _wanted):
        return self.moved(order, "location_id")

    def order_to_deliver(self, order, _wanted):
        return bool(order.picking_ids)

    def order_copies(self, order, _wanted):
        return self.env["sale.order"].search_count([("name", "=", order.name), ("company_id", "=", self.company.id)])

    def order_note(self, order, wanted):
        stored = [name for name, field in order._fields.items() if field.store and order[name]]
        plain = [order[name] for name in stored if order._fields[name].type in ("char", "text")]
        marked = [order[name] for name in stored if order._fields[name].type == "html"]
        read = "\n".join([*plain, *map(html2plaintext, [*marked, *order.message_ids.mapped("body")])])
        return [text for text in wanted if text in read]

    def order_terms_lack(self, order, wanted):
        invoice = order._create_invoices()
        terms = "\n".join(html2plaintext(text or "") for text in (order.note, invoice.narration))
        return [text for text in wanted if text not in terms]

    def look_at_products(self, expected):
        for key, wanted in expected.items():
            template = self.link(key, connection=self.case_connection).with_context(active_test=False).product_tmpl_id
            found = {name: getattr(self, f"product_{name}")(template, value) for name, value in wanted.items()}
            self.assertEqual(found, dict(wanted), f"product {key}: {self.why()}")

    def product_same(self, template, wanted):
        return wanted if template and self.made[wanted].product_tmpl_id == template else template.name

    def product_other(self, template, wanted):
        return wanted if template and self.made[wanted].product_tmpl_id != template else template.name

    def product_active(self, template, _wanted):
        return template.active

    def product_price(self, template, _wanted):
        return template.list_price

    def product_taxes(self, template, _wanted):
        return template.taxes_id.mapped("amount")

    def product_options(self, template, _wanted):
        values = template.product_variant_ids.product_template_variant_value_ids
        return sorted(values.mapped("name"))

    def product_variants(self, template, _wanted):
        return len(template.product_variant_ids)

    def product_text_has(self, template, wanted):
        return [text for text in wanted if text in (template.description_sale or "")]

    def product_text_lacks(self, template, wanted):
        return [text for text in wanted if text not in (template.description_sale or "")]

    def look_at_customers(self, expected):
        for key, wanted in expected.items():
            partner = self.link(key, "customer", self.case_connection).partner_id
            found = {name: getattr(self, f"customer_{name}")(partner, value) for name, value in wanted.items()}
            self.assertEqual(found, dict(wanted), f"customer {key}: {self.why()}")

    def customer_name(self, partner, _wanted):
        return partner.name

    def customer_street(self, partner, _wanted):
        return partner.street

    def customer_city(self, partner, _wanted):
        return partner.city

    def customer_same(self, partner, wanted):
        return wanted if partner and partner == self.made[wanted] else partner.name

    def customer_company_name(self, partner, _wanted):
        return partner.company_name or partner.parent_id.name

    def customer_phone_digits(self, partner, wanted):
        digits = "".join(sign for sign in partner.phone or "" if sign.isdigit())
        return wanted if wanted in digits else digits

    def customer_points(self, partner, _wanted):
        return sum(self.env["loyalty.card"].search([("partner_id", "=", partner.id)]).mapped("points"))

    def look_at_sent(self, expected):
        _what, given = self.shop.sent[-1]
        self.assertEqual({name: given["input"].get(name) for name in expected}, expected)

    def look_at_waiting(self, flows):
        """Nothing of these flows waits for something that may never come."""
        for flow in flows:
            self.assertFalse(self.messages(flow, self.case_connection, ("waiting",)), self.why())

    def look_at_booked_or_told(self, expected):
        for key, book in expected.items():
            told = self.message(key, flow="refunds_pull", connection=self.case_connection).sentence
            self.assertTrue(told or self.books.balances() == book, f"refund {key} is nowhere")
