from odoo import fields, models


class PosSyncLock(models.Model):
    """A row a company that whoever makes partners, cards or products updates first.

    Under REPEATABLE READ the second of two such transactions fails to serialize and is replayed on a new snapshot, in
    which it sees what the first one made.
    """

    _name = "pos.sync.lock"
    _description = "POS Sync Lock"
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    turn = fields.Integer()

    _company_uniq = models.Constraint("UNIQUE(company_id)", "A company has one lock.")

    def _take(self, company):
        """Must come before the transaction reads what it is about to make."""
        cr = self.env.cr
        cr.execute("UPDATE pos_sync_lock SET turn = turn + 1 WHERE company_id = %s", [company.id])
        if not cr.rowcount:
            cr.execute(
                "INSERT INTO pos_sync_lock (company_id, turn) VALUES (%s, 1) "
                "ON CONFLICT (company_id) DO UPDATE SET turn = pos_sync_lock.turn + 1",
                [company.id],
            )
