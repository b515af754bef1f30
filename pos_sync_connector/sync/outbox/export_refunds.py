from collections import defaultdict
from decimal import Decimal

from odoo import models

from ...connectors import records as rec
from ...connectors.codec import as_decimal
from ...connectors.errors import Skip
from ...connectors.flows import Flow
from .export_customers import _moment
from .export_orders import _money


class PosSyncExportRefunds(models.AbstractModel):
    """Makes `Refund` records from what was given back in Odoo: the money of a credit note, the goods of returns."""

    _name = "pos.sync.export_refunds"
    _inherit = "pos.sync.exporter"
    _description = "POS Sync Export of Refunds"

    def _record_to_send(self, stream, message):
        """The refund of a message as it is now. Raises `Skip` where there is nothing to give back any more."""
        order, note, connection = message.order_id, message.credit_note_id, stream.connection_id
        if note and note.state != "posted":
            raise Skip(self.env._("The credit note was taken back before it was sent."), code="cancelled")
        link = self.env["pos.sync.export_orders"]._link(connection, order)
        if not link:
            raise Skip(self.env._("The order is not at the system."), code="not-there")
        lines = self._prepare_lines(connection, link, message)
        amounts = self._amounts(message, lines)
        if not amounts["gross"] and not any(line.restock for line in lines):
            raise Skip(self.env._("Neither money nor goods are to be refunded."), code="nothing")
        return rec.Refund(**self._prepare_refund(connection, link, message, lines, amounts))

    def _prepare_refund(self, connection, link, message, lines, amounts):
        order, source = message.order_id, message.credit_note_id or message.return_ids[:1]
        return {
            "external_id": f"{source._name},{source.id}",
            "order_id": link.external_id,
            "number": source.name,
            "source_reference": message.idempotency_key,
            "currency": (message.credit_note_id.currency_id or order.currency_id).name,
            **amounts,
            "lines": lines,
            "reason": source.name,
            "location_id": self._location_id(connection, order),
            "refunded_at": _moment(message.create_date),
        }

    def _amounts(self, message, lines):
        """Of the credit note; of one that is about several orders, what the lines of this one come to."""
        note = message.credit_note_id
        if note and len(self.env["pos.sync.notice_refunds"]._orders_of(note)) == 1:
            gross, net = _money(note, note.amount_total), _money(note, note.amount_untaxed)
        else:
            gross = sum((line.gross for line in lines), Decimal(0))
            net = sum((line.net for line in lines), Decimal(0))
        return {"gross": gross, "net": net, "tax": gross - net}

    def _location_id(self, connection, order):
        own = order.pos_sync_location_id
        if own.connection_id == connection:
            return own.external_id
        return self.env["pos.sync.export_orders"]._location_id(connection, order)

    # Lines

    def _prepare_lines(self, connection, link, message):
        """Each line with what came back of it told apart from what did not."""
        money = self._money_by_line(link, message)
        back = self._goods_by_line(message)
        told = connection._stream(Flow.STOCK_PUSH).enabled
        if connection.return_policy == "none" or told:
            # Odoo tells the system its counts, which have what came back in them.
            back = {}
        elif connection.return_policy == "all":
            back = {line: many for line, (many, _net, _gross) in money.items() if line.product_id.type == "consu"}
        variants = self.env["pos.sync.export_orders"]._variants(connection, message.order_id.order_line.product_id)
        lines = []
        for line in dict.fromkeys([*money, *back]):
            many, net, gross = money.get(line, (Decimal(0), Decimal(0), Decimal(0)))
            there = back.get(line, Decimal(0))
            for part, restock in ((min(many, there), True), (many - there, False)):
                if part <= 0:
                    continue
                rest = part == many
                share = (net, gross) if rest else [_money(line, float(amount * part / many)) for amount in (net, gross)]
                lines.append(self._prepare_line(link, line, variants, part, *share, restock))
            if many <= 0 and gross:
                lines.append(self._prepare_line(link, line, variants, many, net, gross, False))
            if there > many:
                lines.append(self._prepare_line(link, line, variants, there - many, Decimal(0), Decimal(0), True))
        return (*lines, *self._prepare_other_lines(message))

    def _prepare_line(self, link, line, variants, quantity, net, gross, restock):
        """In the product's own unit, by the target's ids."""
        if line.order_id.pos_sync_connection_id == link.connection_id:
            theirs = line.pos_sync_line_id or ""
        else:
            theirs = (link.remote_lines or {}).get(f"sale.order.line,{line.id}", "")
        return rec.RefundLine(
            order_line_id=theirs,
            variant_id=variants.get(line.product_id.id, ""),
            name=(line.name or line.product_id.display_name).partition("\n")[0],
            quantity=quantity,
            net=net,
            tax=gross - net,
            gross=gross,
            restock=restock,
        )

    def _prepare_other_lines(self, message):
        """What a credit note gives back beside the lines of the order."""
        note = message.credit_note_id
        if len(self.env["pos.sync.notice_refunds"]._orders_of(note)) > 1:
            return
        for line in note.invoice_line_ids.filtered(lambda item: item.display_type == "product"):
            if not line.sale_line_ids and line.price_total:
                yield rec.RefundLine(
                    name=(line.name or "").partition("\n")[0],
                    quantity=as_decimal(line.quantity),
                    net=_money(note, line.price_subtotal),
                    tax=_money(note, line.price_total) - _money(note, line.price_subtotal),
                    gross=_money(note, line.price_total),
                    restock=False,
                )

    # What was given back of each line of the order

    def _money_by_line(self, link, message):
        """{line: (quantity, net, gross)}"""
        found = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
        note = message.credit_note_id
        for line in note.invoice_line_ids.filtered(lambda item: item.display_type == "product"):
            sold = line.sale_line_ids.filtered(lambda item: item.order_id == message.order_id)[:1]
            if sold:
                many = line.product_uom_id._compute_quantity(line.quantity, self._unit(sold), round=False)
                for place, amount in enumerate((many, line.price_subtotal, line.price_total)):
                    found[sold][place] += as_decimal(amount) if not place else _money(note, amount)
        if not note and self._is_paid(link, message.order_id):
            for line, many in self._goods_by_line(message, refunded=True).items():
                sold = line.product_uom_id._compute_quantity(line.product_uom_qty, self._unit(line), round=False)
                part = min(many / as_decimal(sold), Decimal(1)) if sold else Decimal(0)
                whole = (as_decimal(line.price_subtotal), as_decimal(line.price_total))
                found[line] = [many, *(_money(line, float(amount * part)) for amount in whole)]
        return {line: tuple(row) for line, row in found.items()}

    def _goods_by_line(self, message, refunded=False):
        """{line: quantity that came back}; `refunded`: without what was only exchanged."""
        found = defaultdict(Decimal)
        for picking in message.return_ids:
            for move in self.env["pos.sync.notice_refunds"]._came_back(picking):
                line = move.sale_line_id
                # The parts of a kit tell not how many kits there are.
                if line.order_id != message.order_id or move.product_id != line.product_id:
                    continue
                if move.to_refund or not refunded:
                    many = move.product_uom._compute_quantity(move.quantity, self._unit(line), round=False)
                    found[line] += as_decimal(many)
        return dict(found)

    def _unit(self, line):
        return line.product_id.uom_id or line.product_uom_id

    def _is_paid(self, link, order):
        if order.pos_sync_connection_id == link.connection_id:
            return order.pos_sync_paid
        return link.remote_paid or order._pos_sync_is_paid()

    # What the system made of it

    def _write_sent(self, connection, message, told):
        """Keeps the refunds that the system tells, as a pull would."""
        stream = connection._stream(Flow.REFUNDS_PULL)
        order = message.order_id
        self.env["pos.sync.import_refunds"]._write_refunds(
            connection, [(order, record) for record in told], stream.sweep or stream.sweep_last or 0
        )
        self.env["pos.sync.reconciliation"]._note_touched(connection, [record.refunded_at for record in told])
        self.env["pos.sync.award_points"]._settle(order)
        source = message.credit_note_id or message.return_ids[:1]
        source._message_log(body=self.env._("Sent to %s", connection.name))

    def _send(self, connector, parcel):
        return connector.push_refund(parcel.record, key=parcel.key)

    def _written(self, connection, message, answer, record):
        self._write_sent(connection, message, answer)
