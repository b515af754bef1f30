from decimal import Decimal

from odoo import fields, models
from odoo.tools import html2plaintext

from ...connectors import records as rec
from ...connectors.codec import as_decimal
from ...connectors.errors import NeedsFixing, Skip
from ..engine.base_importer import NEVER_SWEPT
from ..engine.outcome import Waits
from .export_customers import _moment

_GIFT_CARDS = ("gift_card", "ewallet")


class MissingProduct(Waits):
    """A line has a product that the target is not known to have."""

    def __init__(self, sentence, *, product_id, fix):
        super().__init__(sentence, fix=fix, code="missing-product", trace=f"missing-product:{product_id}")
        self.product_id = product_id


class PosSyncExportOrders(models.AbstractModel):
    """Makes `Order` records from sale orders, in the words of the target: its products, taxes, customers, places."""

    _name = "pos.sync.export_orders"
    _inherit = "pos.sync.exporter"
    _description = "POS Sync Export of Orders"

    def _record_to_send(self, stream, message):
        """The order of a message as it is now; None where the target has it already. Raises `Skip`, `NeedsFixing`."""
        order, connection = message.order_id, stream.connection_id
        if not order.exists():
            raise Skip(self.env._("The order was deleted."), code="deleted-in-odoo")
        if order.state == "cancel" and not message.attempts:
            raise Skip(self.env._("The order was cancelled before it was sent."), code="cancelled")
        link = self._link(connection, order)
        # One that came back in a pull before the answer came may lack steps.
        if link and (link.pushed_at or not link.pushed):
            return None
        return rec.Order(**self._prepare_order(stream, message, order))

    def _link(self, connection, order):
        return self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", connection.id),
                ("entity", "=", "order"),
                ("sale_order_id", "=", order.id),
                ("gone", "=", False),
            ],
            limit=1,
        )

    def _prepare_order(self, stream, message, order):
        connection = stream.connection_id
        status, paid = self._status(stream, order)
        lines, charges = self._prepare_lines(connection, order)
        export = self.env["pos.sync.export_customers"]
        customer = export._customer_of(order)
        customer_id = ""
        if customer:
            customer_id = export._external_id(connection, customer) or message.candidate_external_id or ""
        return {
            "external_id": f"sale.order,{order.id}",
            "number": order.name,
            "status": status,
            "paid": paid,
            "currency": order.currency_id.name,
            "channel": order.pos_sync_channel or "odoo",
            "customer_id": customer_id,
            "customer": export._record(customer) if customer else None,
            "location_id": self._location_id(connection, order),
            "staff": order.pos_sync_staff or order.user_id.name or "",
            "note": self._note(order),
            "purchase_order": order.client_order_ref or "",
            "tags": tuple(order.tag_ids.mapped("name")),
            "source_reference": message.idempotency_key,
            "price_includes_tax": any(order.order_line.tax_ids.mapped("price_include")),
            "lines": lines,
            "charges": charges,
            "payments": tuple(self._prepare_payments(order)) if paid else (),
            "billing_address": self._own_address(order, customer, order.partner_invoice_id, rec.AddressKind.INVOICE),
            "shipping_address": self._own_address(order, customer, order.partner_shipping_id, rec.AddressKind.DELIVERY),
            "totals": rec.OrderTotals(
                gross=_money(order, order.amount_total),
                net=_money(order, order.amount_untaxed),
                tax=_money(order, order.amount_tax),
            ),
            "due_at": _moment(order.commitment_date),
            "created_at": _moment(order.date_order),
            "closed_at": _moment(order.pos_sync_closed_at),
            "updated_at": _moment(order.write_date),
        }

    def _status(self, stream, order):
        """Status and whether it is paid, as the order shall arrive."""
        if order.state == "cancel":
            return rec.OrderStatus.CANCELLED, False
        if order.state in ("draft", "sent") or stream._push_as() == "draft":
            return rec.OrderStatus.DRAFT, False
        if stream._push_as() == "open" or not order._pos_sync_is_paid():
            return rec.OrderStatus.OPEN, False
        delivered = order.pos_sync_status == "completed" or order.delivery_status == "full"
        return (rec.OrderStatus.COMPLETED if delivered else rec.OrderStatus.PAID), True

    def _location_id(self, connection, order):
        """The place of the target that our warehouse is mapped to."""
        places = connection.location_ids.filtered(
            lambda place: not place.ignored and place.warehouse_id and place.warehouse_id == order.warehouse_id
        )
        return (places.filtered("takes_orders") or places)[:1].external_id or ""

    def _own_address(self, order, customer, partner, kind):
        """An address that is not the customer's own; None where it is."""
        if not partner or partner in (customer, order.partner_id):
            return None
        return self.env["pos.sync.export_customers"]._address(partner, kind)

    def _note(self, order):
        """What the buyer wrote; the terms and conditions of an order made in Odoo are ours."""
        if order.pos_sync_connection_id:
            return order.pos_sync_note or ""
        return html2plaintext(order.note or "").strip()

    # Lines

    def _prepare_lines(self, connection, order):
        """Order lines and charges. Raises `MissingProduct` or `NeedsFixing` for what the target can't have."""
        charge_products = {row.product_id: row.kind for row in order.pos_sync_connection_id.sudo().charge_product_ids}
        sold = order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
        variants = self._variants(connection, sold.product_id)
        taxes = self._taxes(connection, sold.tax_ids)
        lines, charges = [], []
        for line in sold:
            kind = self._charge_kind(line, charge_products)
            line_taxes = tuple(self._prepare_tax(taxes, tax) for tax in line.tax_ids)
            if kind and kind != "unknown":
                charges.append(rec.Charge(**self._prepare_charge(line, kind, line_taxes)))
                continue
            variant_id = "" if kind else variants.get(line.product_id.id, "")
            if not variant_id and not kind:
                raise MissingProduct(
                    self.env._(
                        "“%(product)s” is not linked to a product of “%(connection)s”.",
                        product=line.product_id.display_name or line.name,
                        connection=connection.name,
                    ),
                    product_id=line.product_id.id,
                    fix=self.env._("Link the product, or pull the products of the connection. The order follows then."),
                )
            lines.append(rec.OrderLine(**self._prepare_line(line, variant_id, line_taxes)))
        return tuple(lines), tuple(charges)

    def _variants(self, connection, products):
        """{product id: external id at the target}"""
        rows = self.env["pos.sync.mapping"].search_read(
            [
                ("connection_id", "=", connection.id),
                ("entity", "=", "variant"),
                ("product_id", "in", products.ids),
                ("gone", "=", False),
            ],
            ["product_id", "external_id"],
            order="id desc",
            load=None,
        )
        return {row["product_id"]: row["external_id"] for row in rows}

    def _taxes(self, connection, taxes):
        """{tax id: row of the tax at the target}"""
        rows = self.env["pos.sync.tax"].search(
            [("connection_id", "=", connection.id), ("tax_id", "in", taxes.ids)], order="id desc"
        )
        return {row.tax_id.id: row for row in rows}

    def _prepare_tax(self, taxes, tax):
        row = taxes.get(tax.id)
        if row is None:
            raise NeedsFixing(
                self.env._("The tax “%s” is mapped to none of the system.", tax.name),
                fix=self.env._("Map it in the taxes of the connection, then retry."),
                code="unmapped-tax",
                trace=f"unmapped-tax:{tax.id}",
            )
        return rec.LineTax(
            tax_id=row.external_id,
            name=tax.name,
            rate=as_decimal(tax.amount) if tax.amount_type == "percent" else None,
            inclusive=tax.price_include,
        )

    def _charge_kind(self, line, charge_products):
        """The kind of charge that a line stands for; "unknown" for a line without a product of its own; else None."""
        if line.product_id in charge_products:
            return charge_products[line.product_id]
        if "is_delivery" in line._fields and line.is_delivery:
            return rec.ChargeKind.SHIPPING.value
        if line.is_reward_line and line.product_id == line.reward_id.discount_line_product_id:
            on_card = line.reward_id.program_type in _GIFT_CARDS
            return (rec.ChargeKind.GIFT_CARD if on_card else rec.ChargeKind.DISCOUNT).value
        if line.product_id == line.company_id.sale_discount_product_id and line.product_id:
            return rec.ChargeKind.DISCOUNT.value
        return None

    def _prepare_charge(self, line, kind, taxes):
        included = any(line.tax_ids.mapped("price_include"))
        return {
            "external_id": f"sale.order.line,{line.id}",
            "kind": rec.ChargeKind(kind),
            "name": line.name or "",
            "amount": _money(line, line.price_total if included else line.price_subtotal),
            "taxes": taxes,
            "net": _money(line, line.price_subtotal),
            "tax": _money(line, line.price_tax),
        }

    def _prepare_line(self, line, variant_id, taxes):
        """In the product's own unit, which both sides are linked by."""
        unit = line.product_id.uom_id or line.product_uom_id
        exact = line.pos_sync_quantity or line.product_uom_qty
        quantity, price = exact, line.price_unit
        if line.product_uom_id != unit:
            quantity = line.product_uom_id._compute_quantity(exact, unit, round=False)
            price = line.product_uom_id._compute_price(line.price_unit, unit)
        name, _break, note = (line.name or line.product_id.display_name).partition("\n")
        combo = bool(line.combo_item_id and line.linked_line_id)
        return {
            "external_id": f"sale.order.line,{line.id}",
            "variant_id": variant_id,
            "sku": line.product_id.default_code or "",
            "name": name,
            "quantity": as_decimal(quantity),
            "unit": unit.name or "",
            "unit_price": as_decimal(price),
            "discount": as_decimal(exact) * as_decimal(line.price_unit) * as_decimal(line.discount) / 100,
            "taxes": taxes,
            "net": _money(line, line.price_subtotal),
            "tax": _money(line, line.price_tax),
            "gross": _money(line, line.price_total),
            "parent_id": f"sale.order.line,{line.linked_line_id.id}" if combo else "",
            "note": note.strip(),
        }

    # Payments

    def _prepare_payments(self, order):
        """As the system states them where the order comes from one; else what came in online and on its invoices, or
        where nothing did what a system took that it was sent to."""
        own = [] if order.pos_sync_connection_id else list(self._prepare_own_payments(order))
        return own or list(self._prepare_stated_payments(order))

    def _prepare_stated_payments(self, order):
        for row in order.pos_sync_payment_ids:
            yield rec.Payment(
                external_id=f"pos.sync.payment,{row.id}",
                method_name=row.method_name or "",
                kind=rec.PaymentKind(row.kind),
                amount=_money(order, row.amount),
                tip=_money(order, row.tip),
                currency=row.currency_id.name or order.currency_id.name,
                reference=row.reference or "",
                paid_at=_moment(row.paid_at),
            )

    def _prepare_own_payments(self, order):
        online = order.sudo().transaction_ids.filtered(lambda item: item.state == "done")
        for item in online:
            yield rec.Payment(
                external_id=f"payment.transaction,{item.id}",
                method_name=item.provider_id.name,
                kind=rec.PaymentKind.BANK if item.provider_code == "custom" else rec.PaymentKind.CARD,
                amount=_money(order, item.amount),
                currency=item.currency_id.name,
                reference=item.provider_reference or item.reference or "",
                paid_at=_moment(item.last_state_change),
            )
        bills = order.sudo().invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        for payment in (bills._get_reconciled_payments() | bills.matched_payment_ids) - online.payment_id:
            yield rec.Payment(
                external_id=f"account.payment,{payment.id}",
                method_name=payment.journal_id.name,
                kind=rec.PaymentKind.CASH if payment.journal_id.type == "cash" else rec.PaymentKind.BANK,
                amount=min(_money(order, payment.amount), _money(order, order.amount_total)),
                currency=payment.currency_id.name,
                reference=payment.memo or "",
                paid_at=_moment(fields.Datetime.to_datetime(payment.date)),
            )

    # Links

    def _write_link(self, connection, message, pushed):
        """Links the order with what the target made. The next pull knows it by that."""
        Mapping = self.env["pos.sync.mapping"]
        order = message.order_id
        vals = {
            "sale_order_id": order.id,
            "name": pushed.number or pushed.external_id,
            "pushed": True,
            "gone": False,
            "remote_url": pushed.url or False,
            "remote_lines": dict(pushed.lines) or False,
            "pushed_at": fields.Datetime.now(),
            "sent_digest": order._pos_sync_lines_digest(),
        }
        known = Mapping._find(connection, "order", [pushed.external_id]).get(pushed.external_id)
        if known:
            known.write(vals)
        else:
            Mapping.create(
                {
                    **vals,
                    "connection_id": connection.id,
                    "entity": "order",
                    "external_id": pushed.external_id,
                    "linked_by": "sent",
                    "seen": NEVER_SWEPT,
                }
            )
        order._message_log(
            body=self.env._("Sent to %(connection)s as %(number)s", connection=connection.name, number=vals["name"])
        )

    # The call

    def _send(self, connector, parcel):
        if parcel.again and connector.implements("find_pushed_order"):
            found = connector.find_pushed_order(parcel.key)
            if found and found.complete:
                return found
        return connector.push_order(parcel.record, key=parcel.key)

    def _written(self, connection, message, answer, record):
        self._write_link(connection, message, answer)
        message.external_id = answer.external_id


def _money(record, amount) -> Decimal:
    return as_decimal(record.currency_id.round(amount)) if record.currency_id else as_decimal(amount)
