import time
from functools import partial

from odoo import models

from ...connectors.errors import Failure, RetryLater
from ..engine.base_importer import NEVER_SWEPT


class PosSyncMendDifferences(models.AbstractModel):
    """Mends what a person has asked for: reads orders and refunds again, and cancels what the system has no more."""

    _name = "pos.sync.mend_differences"
    _description = "POS Sync Mending of Differences"

    def _mend(self, connection, connector, until):
        """Mends at least one, and others until the time is over. Returns the dates on which something was mended, and
        whether something is left."""
        rows = self.env["pos.sync.difference"].search([("connection_id", "=", connection.id), ("mending", "=", True)])
        refunds = rows.filtered(lambda row: row.flow == "refunds_pull")
        orders = [(row.id, row.external_id, row.date) for row in rows - refunds]
        # A refund that came with its order goes with it.
        orders += [
            (row.id, row.order_id.pos_sync_external_id, row.date)
            for row in refunds
            if row.order_id.pos_sync_connection_id == connection
        ]
        dates = sorted({row.date for row in refunds})
        self.env.cr.commit()
        steps = [(date, partial(self._mend_order, connection, connector, *order)) for *order, date in orders]
        steps += [(date, partial(self._mend_refunds, connection, connector, date)) for date in dates]
        mended = set()
        for number, (date, step) in enumerate(steps):
            if number and time.monotonic() > until:
                return mended, True
            try:
                step()
            except RetryLater:
                # What was mended is looked at now; the next call meets what did not answer first.
                if not mended:
                    raise
                return mended, True
            mended.add(date)
        return mended, False

    # Orders

    def _mend_order(self, connection, connector, row_id, external_id):
        try:
            record = connector.get_order(external_id)
        except RetryLater:
            raise
        except Failure as failure:
            sentence = failure.sentence
            self._import(connection, lambda importer, stream: self._note(row_id, sentence))
            return
        self._import(connection, lambda importer, stream: self._take(importer, stream, external_id, record))

    def _note(self, row_id, sentence):
        self.env["pos.sync.difference"].browse(row_id).exists().write({"mending": False, "sentence": sentence})

    def _take(self, importer, stream, external_id, record):
        """The order as it is at the system now, whatever was changed here meanwhile."""
        mapping = importer.env["pos.sync.mapping"]._find(stream.connection_id, "order", [external_id]).get(external_id)
        rows = self.env["pos.sync.difference"].search(
            [("connection_id", "=", stream.connection_id.id), ("external_id", "=", external_id)]
        )
        if record is not None:
            if rows.filtered("restoring") and mapping.sale_order_id.state == "cancel":
                mapping.sale_order_id.with_context(skip_procurement=True).write({"state": "draft"})
            if mapping:
                mapping.digest = False
            importer._import_page(stream, [record])
        elif mapping and mapping.pushed:
            # Sold by Odoo or by another system, where it stays.
            mapping.gone = True
        elif mapping and mapping.sale_order_id:
            self._cancel(importer, stream, mapping)
        rows.write({"mending": False, "restoring": False})

    def _cancel(self, importer, stream, mapping):
        """What the system has no more is no sale any more; an invoiced order is corrected, never undone."""
        order = mapping.sale_order_id
        if importer._is_final(order):
            importer._correct_lines(order, [])
        else:
            order.with_context(skip_procurement=True)._action_cancel()
        order.pos_sync_payment_ids.unlink()
        order.pos_sync_refund_ids.gone = True
        order.write({"pos_sync_status": "cancelled", "pos_sync_paid": False})
        importer._import_page(stream, [], deleted=[mapping.external_id])
        self.env["pos.sync.award_points"]._settle(order)

    def _import(self, connection, work, flow="orders_pull"):
        run = self.env["pos.sync.run_stream"]
        importer = self.env[run._importer_name(flow)]
        stream = connection._stream(flow)
        return run._replayed(stream.id, lambda stream: work(importer._prepared(stream), stream), importer)

    # Refunds

    def _mend_refunds(self, connection, connector, date):
        """All that was given back since the day began, and what the system names no more."""
        reconcile = self.env["pos.sync.reconcile"]
        elsewhere, _places = reconcile._zones(connection)
        window = reconcile._window(date, elsewhere)
        if not connection._stream("refunds_pull") or not connector.implements("pull_refunds"):
            self._refund_rows(self._days(connection, date)).mending = False
            self.env.cr.commit()
            return
        self.env.cr.commit()
        named = set()
        for page in connector.refunds_in(window):
            named |= {record.external_id for record in page.records}
            self._import(
                connection,
                lambda importer, stream, page=page: importer._import_page(stream, page.records, page.malformed),
                "refunds_pull",
            )
        self._import(
            connection, lambda importer, stream: self._drop_refunds(importer, connection, date, named), "refunds_pull"
        )

    def _drop_refunds(self, importer, connection, date, named):
        days = self._days(connection, date)
        refunds = self.env["pos.sync.refund"].browse(self.env["pos.sync.count_days"]._refund_ids(days))
        # One that came with its order is named by that alone.
        gone = refunds.filtered(lambda refund: refund.external_id not in named and refund.seen != NEVER_SWEPT)
        gone.gone = True
        self.env["pos.sync.award_points"]._settle(gone.order_id)
        self._refund_rows(days).mending = False

    def _days(self, connection, date):
        return self.env["pos.sync.reconciliation"].search(
            [("connection_id", "=", connection.id), ("date", "=", date)]
        )

    def _refund_rows(self, days):
        return days.difference_ids.filtered(lambda row: row.flow == "refunds_pull")
