from datetime import timedelta

from odoo import api, fields, models

from ...connectors.errors import NeedsFixing

COUNTS = ("created", "updated", "unchanged", "skipped", "held", "failed", "deleted")
_KEPT_DAYS = 90
# Deleted records and filters leave some pages empty, but not so many in a row.
MOST_IDLE_PAGES = 200


class PosSyncRun(models.Model):
    """One execution of a stream: a pass over what changed, or over everything."""

    _name = "pos.sync.run"
    _description = "POS Sync Run"
    _order = "id desc"

    stream_id = fields.Many2one("pos.sync.stream", required=True, ondelete="cascade", index=True)
    connection_id = fields.Many2one(related="stream_id.connection_id", store=True, index=True)
    company_id = fields.Many2one(related="stream_id.company_id", store=True, index=True)
    flow = fields.Selection(related="stream_id.flow", store=True)
    full = fields.Boolean(string="Everything")
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("failed", "Failed"), ("stopped", "Stopped")],
        default="running",
        required=True,
    )
    started_at = fields.Datetime(default=fields.Datetime.now, required=True)
    ended_at = fields.Datetime()
    seconds = fields.Float(string="Seconds of Work", digits=(16, 1))
    page_count = fields.Integer(string="Pages")
    total = fields.Integer(string="Expected", help="How many records the system says there are; 0: it does not say.")
    read_count = fields.Integer(string="Read")
    created_count = fields.Integer(string="Created")
    updated_count = fields.Integer(string="Updated")
    unchanged_count = fields.Integer(string="Unchanged")
    skipped_count = fields.Integer(string="Skipped")
    held_count = fields.Integer(string="Waiting for Others")
    failed_count = fields.Integer(string="Failed")
    deleted_count = fields.Integer(string="Deleted")
    idle_pages = fields.Integer(help="How many pages in a row brought nothing new.")
    idle_records = fields.Integer(help="How many records those pages had.")
    sentence = fields.Char(string="What Went Wrong")
    details = fields.Text()

    def _compute_display_name(self):
        for run in self:
            run.display_name = f"{run.stream_id.display_name} #{run.id}"

    def _count(self, outcome, read=0):
        """Adds an outcome. A record that had failed or waited and arrives now is taken off those counts."""
        self.ensure_one()
        vals = {"read_count": self.read_count + read}
        for name in COUNTS:
            number = getattr(outcome, name)
            if number:
                vals[f"{name}_count"] = self[f"{name}_count"] + number
        self.write(vals)

    def _check_moves_on(self, outcome, records):
        """Raises NeedsFixing where page follows page and none brings anything that is not known. A pass over what has
        not changed reads no more records than are known; some pages may be empty."""
        self.ensure_one()
        new = any(getattr(outcome, name) > 0 for name in COUNTS if name != "unchanged")
        pages, count = (0, 0) if new else (self.idle_pages + 1, self.idle_records + records)
        self.write({"idle_pages": pages, "idle_records": count})
        if pages <= MOST_IDLE_PAGES:
            return
        known = self.env["pos.sync.mapping"].search_count([("connection_id", "=", self.connection_id.id)])
        if not records or count > 2 * known + MOST_IDLE_PAGES:
            raise NeedsFixing(
                self.env._(
                    "The system names one more page again and again, and %s of them brought nothing new. Tell its "
                    "support that its paging does not end. The next pull begins anew.",
                    pages,
                ),
                code="paging-endless",
            )

    def _end(self, state, sentence="", details=""):
        for run in self:
            run.write({"state": state, "ended_at": fields.Datetime.now(), "sentence": sentence, "details": details})

    def _summary(self):
        """The counts that are not zero, in a line."""
        self.ensure_one()
        labels = {
            "created": self.env._("sent") if self.stream_id.is_push else self.env._("created"),
            "updated": self.env._("updated"),
            "unchanged": self.env._("unchanged"),
            "skipped": self.env._("skipped"),
            "held": self.env._("waiting"),
            "failed": self.env._("failed"),
            "deleted": self.env._("deleted"),
        }
        parts = [f"{self[f'{name}_count']} {label}" for name, label in labels.items() if self[f"{name}_count"]]
        return ", ".join(parts) or self.env._("nothing new")

    def _is_worth_keeping(self):
        """A poll that found nothing new is no history."""
        self.ensure_one()
        return self.full or any(self[f"{name}_count"] for name in COUNTS if name != "unchanged")

    def _progress(self):
        self.ensure_one()
        if self.state == "done":
            return 100
        return min(99, round(100 * self.read_count / self.total)) if self.total else 0

    @api.autovacuum
    def _gc_runs(self):
        limit = fields.Datetime.now() - timedelta(days=_KEPT_DAYS)
        self.search([("started_at", "<", limit), ("state", "!=", "running")]).unlink()
