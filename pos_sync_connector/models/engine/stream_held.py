from odoo import models
from odoo.tools import SQL

# As long as a transaction may take that links products, such as a large page; what was held later has seen it.
_MEANWHILE = "10 minutes"


class PosSyncStream(models.Model):
    """What was held while somebody matched or linked what it lacks: neither transaction saw the other."""

    _inherit = "pos.sync.stream"

    def _queue_held_in_vain(self):
        """Queues what lacked a tax or the link of a product that is there by now, before a run of the stream."""
        self.ensure_one()
        for model in ("pos.sync.message", "pos.sync.tax", "pos.sync.mapping"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.id FROM pos_sync_message message
                 WHERE message.stream_id = %(stream)s AND message.state IN ('held', 'failed')
                   AND (EXISTS (
                        SELECT FROM pos_sync_tax tax
                         WHERE tax.connection_id = message.connection_id AND (tax.ignored OR tax.tax_id IS NOT NULL)
                           AND message.trace_key = 'missing-tax:' || tax.external_id
                           AND tax.write_date > message.last_failed_at - %(meanwhile)s::interval)
                    OR EXISTS (
                        SELECT FROM pos_sync_mapping mapping
                         WHERE mapping.connection_id = message.connection_id AND NOT COALESCE(mapping.gone, FALSE)
                           AND mapping.product_id = message.missing_product_id AND mapping.entity = 'variant'
                           AND mapping.write_date > message.last_failed_at - %(meanwhile)s::interval))
                """,
                stream=self.id,
                meanwhile=_MEANWHILE,
            )
        )
        # No wake: this is the beginning of a run.
        self.env["pos.sync.message"].browse([message_id for (message_id,) in rows]).write({"state": "waiting"})
