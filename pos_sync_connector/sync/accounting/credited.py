"""Refunds whose credit note a person made: it is in the books, and no day repeats it."""

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
