from odoo import models


class PosSyncExporter(models.AbstractModel):
    """What is the own of a flow that sends: the record of a message, the call, and what becomes of its answer."""

    _name = "pos.sync.exporter"
    _description = "POS Sync Exporter"

    def _record_to_send(self, stream, message):
        """What is sent for a message, as it is at that moment; None where nothing is to be sent any more. Raises
        `Skip` and `NeedsFixing`."""
        raise NotImplementedError

    def _send(self, connector, parcel):
        """The target's answer. No transaction is open."""
        raise NotImplementedError

    def _written(self, connection, message, answer, record):
        """Keeps what the target has answered."""
