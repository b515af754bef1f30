"""A shop as an Odoo of any version keeps it: each row holds what it is called in all of them, a version shows its own.

Tea for 11.90 with 19 % in it. S1 was invoiced, half of it paid online; S2 came by the web with a reward, paid with a
gift card; S3 is a quotation. At the till: O50 was paid in cash and by card, with a tip; O51 took one tea of O50 back;
O52 is a combo to take away.
"""

from __future__ import annotations

from typing import Any

from tests.connectors.odoo_rows import Row

WRITTEN = "2024-05-06 07:08:09"
SOLD, BACK = "2024-05-05 10:00:00", "2024-05-06 09:00:00"
# External ids are the same in all versions.
TEA, BOX, TIP, DISCOUNT, CARD, MENU = 100, 101, 102, 103, 104, 105


def _product(number: int, name: str, price: float, **more: Any) -> list[tuple[str, Row]]:
    template = {
        "id": number - 90, "name": name, "type": "consu", "detailed_type": "consu", "list_price": price,
        "currency_id": 1, "cost_currency_id": 1, "categ_id": 2, "uom_id": 1, "taxes_id": [5], "active": True,
        "sale_ok": True, "is_published": True, "website_published": True, "weight_uom_name": "kg",
        "write_date": WRITTEN, **more,
    }  # fmt: skip
    variant = {
        "id": number, "product_tmpl_id": number - 90, "default_code": name.upper(), "active": True,
        "lst_price": price, "standard_price": 1.5, "write_date": WRITTEN,
    }  # fmt: skip
    return [("product.template", template), ("product.product", variant)]


def _sale_line(number: int, order: int, product: int, price: float, **more: Any) -> tuple[str, Row]:
    net = round(price / 1.19, 2)
    return "sale.order.line", {
        "id": number, "order_id": order, "sequence": number, "product_id": product, "name": "Tee",
        "product_uom_qty": 1.0, "product_uom": 1, "product_uom_id": 1, "price_unit": price, "tax_id": [5],
        "tax_ids": [5], "price_subtotal": net, "price_total": price, "write_date": WRITTEN, **more,
    }  # fmt: skip


def _sale(number: int, state: str, total: float, **more: Any) -> tuple[str, Row]:
    net = round(total / 1.19, 2)
    return "sale.order", {
        "id": number, "name": f"S{number}", "state": state, "company_id": 3, "partner_id": 20,
        "partner_invoice_id": 20, "partner_shipping_id": 21, "date_order": SOLD, "user_id": 7, "warehouse_id": 1,
        "currency_id": 1, "pricelist_id": 2, "amount_untaxed": net, "amount_tax": round(total - net, 2),
        "amount_total": total, "invoice_status": "no", "note": "Danke", "write_date": WRITTEN, **more,
    }  # fmt: skip


def _till_line(number: int, order: int, product: int, gross: float, net: float, **more: Any) -> tuple[str, Row]:
    return "pos.order.line", {
        "id": number, "order_id": order, "product_id": product, "full_product_name": "Tee", "name": f"Main/{number}",
        "qty": 1.0, "price_unit": gross, "price_subtotal": net, "price_subtotal_incl": gross,
        "tax_ids_after_fiscal_position": [5], "write_date": WRITTEN, **more,
    }  # fmt: skip


def _till_order(number: int, total: float, tax: float, **more: Any) -> tuple[str, Row]:
    return "pos.order", {
        "id": number, "name": f"Kasse/{number}", "state": "done", "company_id": 3, "config_id": 1, "session_id": 1,
        "date_order": SOLD, "pos_reference": f"Order {number}", "user_id": 7, "currency_id": 1,
        "amount_total": total, "amount_tax": tax, "amount_paid": total, "note": "Heiß", "general_note": "Heiß",
        "general_customer_note": "Heiß", "write_date": WRITTEN, **more,
    }  # fmt: skip


def _paid(number: int, order: int, method: int, amount: float, at: str = SOLD) -> tuple[str, Row]:
    return "pos.payment", {
        "id": number, "pos_order_id": order, "payment_method_id": method, "amount": amount, "payment_date": at,
        "currency_id": 1, "write_date": WRITTEN,
    }  # fmt: skip


def _note(number: int, kind: str, total: float, **more: Any) -> tuple[str, Row]:
    net = round(total / 1.19, 2)
    return "account.move", {
        "id": number, "name": f"INV/{number}", "move_type": kind, "state": "posted", "payment_state": "paid",
        "invoice_date": "2024-05-06", "currency_id": 1, "amount_untaxed": net, "amount_tax": round(total - net, 2),
        "amount_total": total, "company_id": 3, "partner_id": 20, "write_date": WRITTEN, **more,
    }  # fmt: skip


def _note_line(number: int, move: int, gross: float, **more: Any) -> tuple[str, Row]:
    return "account.move.line", {
        "id": number, "move_id": move, "display_type": "product", "product_id": TEA, "name": "Tee", "quantity": 1.0,
        "price_subtotal": round(gross / 1.19, 2), "price_total": gross, "sale_line_ids": [30], "product_uom_id": 1,
        "write_date": WRITTEN, **more,
    }  # fmt: skip


def _provider(**more: Any) -> Row:
    return {"id": 6, "name": "Überweisung", "state": "enabled", "company_id": 3, **more}


_ROWS: list[tuple[str, Row]] = [
    ("res.users", {"id": 7, "name": "Ann", "login": "ann", "partner_id": 19, "company_id": 3, "company_ids": [3]}),
    ("res.company", {
        "id": 3, "name": "Altes Haus", "currency_id": 1, "partner_id": 18, "sale_discount_product_id": DISCOUNT,
    }),
    ("res.currency", {"id": 1, "name": "EUR", "rate": 1.0, "active": True}),
    ("res.lang", {"id": 1, "code": "de_DE", "active": True}),
    ("res.country", {"id": 1, "code": "DE", "name": "Deutschland"}),
    ("res.partner.category", {"id": 4, "name": "Stammgast"}),
    ("ir.config_parameter", {"id": 1, "key": "database.uuid", "value": "u-u-i-d"}),
    ("ir.attachment", {
        "id": 1, "res_model": "product.template", "res_field": "image_1920", "res_id": 10, "checksum": "c0ffee",
    }),
    ("res.partner", {"id": 18, "name": "Altes Haus", "is_company": True, "active": True, "partner_share": True}),
    ("res.partner", {"id": 19, "name": "Ann", "type": "contact", "active": True}),
    ("res.partner", {
        "id": 20, "name": "Tom Condor", "type": "contact", "email": "tom@example.com", "phone": "030 1",
        "mobile": "0171 1", "category_id": [4], "country_id": 1, "active": True, "partner_share": True,
        "lang": "de_DE", "is_blacklisted": True, "email_normalized": "tom@example.com", "write_date": WRITTEN,
    }),
    ("res.partner", {
        "id": 21, "name": "Hintertür", "type": "delivery", "parent_id": 20, "street": "Hof 1", "active": True,
        "partner_share": True,
    }),
    ("mail.blacklist", {"id": 1, "email": "tom@example.com", "active": True, "write_date": WRITTEN}),
    ("account.journal", {"id": 1, "name": "Bank", "type": "bank", "company_id": 3, "active": True}),
    ("account.tax", {
        "id": 5, "name": "19 %", "amount": 19.0, "amount_type": "percent", "price_include": True,
        "type_tax_use": "sale", "active": True, "company_id": 3,
    }),
    ("product.category", {"id": 2, "name": "Tea"}),
    ("product.tag", {"id": 9, "name": "Bio"}),
    ("uom.uom", {"id": 1, "name": "Units", "factor": 1.0, "category_id": 1, "uom_type": "reference"}),
    ("product.pricelist", {"id": 2, "name": "Public", "currency_id": 1, "active": True, "sequence": 1}),
    *_product(TEA, "Tee", 11.9, type="product", detailed_type="product", is_storable=True, product_tag_ids=[9]),
    *_product(BOX, "Dose", 2.38),
    *_product(TIP, "Trinkgeld", 1.0, type="service", detailed_type="service"),
    *_product(DISCOUNT, "Rabatt", 0.0, type="service", detailed_type="service"),
    *_product(CARD, "Gutschein", 10.0, type="service", detailed_type="gift"),
    *_product(MENU, "Menü", 14.28, type="combo", detailed_type="combo", combo_ids=[40]),
    ("pos.combo", {"id": 40, "name": "Getränk", "base_price": 11.9}),
    ("pos.combo.line", {"id": 41, "combo_id": 40, "product_id": TEA, "combo_price": 2.38}),
    ("product.combo", {"id": 40, "name": "Getränk", "base_price": 11.9, "qty_free": 1, "qty_max": 1}),
    ("product.combo.item", {"id": 41, "combo_id": 40, "product_id": TEA, "extra_price": 2.38}),
    ("stock.warehouse", {"id": 1, "name": "Laden", "active": True, "view_location_id": 8, "company_id": 3}),
    ("stock.location", {"id": 8, "complete_name": "Laden/Lager", "active": True, "usage": "internal", "company_id": 3}),
    ("stock.location", {"id": 9, "complete_name": "Kunden", "active": True, "usage": "customer"}),
    ("stock.picking.type", {"id": 1, "warehouse_id": 1}),
    # What is promised and redeemed.
    ("loyalty.program", {"id": 1, "program_type": "loyalty"}),
    ("loyalty.program", {"id": 2, "program_type": "gift_card", "trigger_product_ids": [CARD]}),
    ("loyalty.reward", {"id": 1, "program_id": 1, "program_type": "loyalty", "discount_line_product_id": DISCOUNT}),
    ("loyalty.reward", {"id": 2, "program_id": 2, "program_type": "gift_card", "discount_line_product_id": CARD}),
    ("loyalty.card", {
        "id": 1, "partner_id": 20, "program_id": 1, "program_type": "loyalty", "points": 12.0, "active": True,
    }),
    ("loyalty.card", {"id": 2, "program_id": 2, "program_type": "gift_card", "code": "G-1", "active": True}),
    ("gift.card", {"id": 2, "code": "G-1"}),
    ("coupon.coupon", {"id": 3, "code": "C-3"}),
    # Sales.
    _sale(1, "sale", 23.8, invoice_status="invoiced", delivery_status="full", transaction_ids=[1], invoice_ids=[70]),
    _sale_line(30, 1, TEA, 23.8, product_uom_qty=2.0, price_unit=11.9, qty_delivered=2.0),
    _sale(2, "sale", 11.9, delivery_status="pending", invoice_status="invoiced", client_order_ref="WEB-2"),
    _sale_line(31, 2, TEA, 11.9),
    _sale_line(32, 2, DISCOUNT, -2.38, is_reward_line=True, reward_id=1, name="10 % off"),
    _sale_line(33, 2, CARD, -5.0, is_reward_line=False, reward_id=2, coupon_id=2, gift_card_id=2, name="Gutschein"),
    _sale(3, "draft", 0.0),
    ("stock.picking", {
        "id": 1, "name": "OUT/1", "state": "done", "sale_id": 1, "picking_type_code": "outgoing", "picking_type_id": 1,
        "carrier_tracking_ref": "T-1", "write_date": WRITTEN, "location_id": 8, "location_dest_id": 9,
    }),
    ("stock.move", {
        "id": 1, "picking_id": 1, "state": "done", "product_id": TEA, "product_uom": 1, "product_uom_qty": 2.0,
        "sale_line_id": 30, "location_id": 8, "location_dest_id": 9, "quantity": 2.0, "quantity_done": 2.0,
    }),
    ("stock.picking", {
        "id": 2, "name": "OUT/2", "state": "assigned", "sale_id": 2, "picking_type_code": "outgoing",
        "picking_type_id": 1, "write_date": WRITTEN, "location_id": 8, "location_dest_id": 9,
    }),
    ("payment.provider", _provider(code="custom")),
    ("payment.acquirer", _provider(provider="transfer")),
    ("payment.transaction", {
        "id": 1, "reference": "S1", "amount": 11.9, "currency_id": 1, "state": "done", "provider_id": 6,
        "acquirer_id": 6, "provider_code": "custom", "provider": "transfer", "provider_reference": "X-1",
        "acquirer_reference": "X-1", "last_state_change": SOLD, "date": SOLD, "sale_order_ids": [1],
        "write_date": WRITTEN,
    }),
    _note(70, "out_invoice", 23.8),
    _note_line(71, 70, 23.8, quantity=2.0),
    _note_line(72, 70, 0.0, exclude_from_invoice_tab=True, display_type="payment_term", sale_line_ids=[]),
    _note(75, "out_refund", 11.9, reversed_entry_id=70, ref="Kalt"),
    _note_line(76, 75, 11.9),
    _note_line(77, 75, 0.0, exclude_from_invoice_tab=True, display_type="payment_term", sale_line_ids=[]),
    # Tills.
    ("pos.config", {
        "id": 1, "name": "Kasse", "active": True, "currency_id": 1, "company_id": 3, "picking_type_id": 1,
        "tip_product_id": TIP,
    }),
    ("pos.session", {"id": 1, "config_id": 1}),
    ("pos.payment.method", {"id": 1, "name": "Bar", "type": "cash", "is_cash_count": True}),
    ("pos.payment.method", {"id": 2, "name": "Karte", "type": "bank"}),
    _till_order(50, 24.8, 3.8),
    _till_line(60, 50, TEA, 23.8, 20.0, qty=2.0, price_unit=11.9),
    _till_line(61, 50, TIP, 1.0, 1.0),
    _paid(1, 50, 1, 20.0), _paid(2, 50, 2, 4.8),
    _till_order(
        51, -11.9, -1.9, name="Kasse/50 REFUND", pos_reference="Order 50", date_order=BACK, refunded_order_id=50
    ),
    _till_line(62, 51, TEA, -11.9, -10.0, qty=-1.0, price_unit=11.9, name="Main/60 REFUND", refunded_orderline_id=60),
    _paid(3, 51, 1, -11.9, BACK),
    _till_order(52, 14.28, 2.28, takeaway=True, take_away=True),
    _till_line(63, 52, MENU, 0.0, 0.0),
    _till_line(64, 52, TEA, 14.28, 12.0, combo_parent_id=63, combo_item_id=41),
    _paid(4, 52, 2, 14.28),
]  # fmt: skip

# Models without a row, of apps that are there all the same.
_EMPTY = (
    "res.currency.rate res.country.state product.attribute product.attribute.value product.template.attribute.line "
    "product.template.attribute.value product.image product.pricelist.item stock.quant stock.move.line "
    "delivery.carrier account.payment account.payment.register sale.advance.payment.inv pos.preset"
).split()

SHOP: dict[str, list[Row]] = {name: [] for name in _EMPTY}
for _model, _row in _ROWS:
    SHOP.setdefault(_model, []).append(_row)
