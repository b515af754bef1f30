"""What a person invoiced or credited: it is in the books, and no day repeats it."""

from odoo.tools import SQL


def credited_by_hand(refunds):
    return refunds.filtered(lambda refund: refund.move_id.state == "posted" and not refund.move_id.pos_sync_day_id)


def is_credited_by_hand():
    """The same, of the table `refund`."""
    return SQL(
        """
        EXISTS (SELECT FROM account_move note
                 WHERE note.id = refund.move_id AND note.state = 'posted' AND note.pos_sync_day_id IS NULL)
        """
    )


def invoiced_by_hand(amount):
    """What invoices that a person made have of the order of the table `sale`; `amount`: of their table `item`. Such an
    order is never with a summary."""
    return SQL(
        """
        CASE (SELECT mode FROM pos_sync_day WHERE id = sale.pos_sync_day_id) WHEN 'invoice' THEN
             COALESCE((SELECT sum(%s) FROM account_move_line item
                         JOIN account_move bill ON bill.id = item.move_id AND bill.state = 'posted'
                          AND bill.move_type IN ('out_invoice', 'out_receipt') AND bill.pos_sync_day_id IS NULL
                        WHERE item.id IN (SELECT rel.invoice_line_id FROM sale_order_line_invoice_rel rel
                                            JOIN sale_order_line line ON line.id = rel.order_line_id
                                           WHERE line.order_id = sale.id)), 0)
             ELSE 0 END
        """,
        amount,
    )
