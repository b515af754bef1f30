from odoo import api, fields, models

from ...connectors.flows import FLOWS, Flow


class PosSyncConnection(models.Model):
    """What a person has still to do for a connection, until everything is mapped and nothing waits."""

    _inherit = "pos.sync.connection"

    todo_items = fields.Json(compute="_compute_todo_items", string="Still to Do")
    todo_count = fields.Integer(compute="_compute_todo_items", string="Things to Do")

    def _compute_todo_items(self):
        for connection in self:
            items = connection._todo_items()
            connection.todo_items = items
            connection.todo_count = len([item for item in items if item["level"] != "note"])

    def _todo_items(self):
        """What is still to do, the most pressing first: a list of {"code", "text", "count", "action", "button",
        "level", "confirm"}.

        `action` names the method of this connection (`type="object"`) that opens the place where it is done, `button`
        is its label, `confirm` what is asked before, or "". `level`: "danger" stops the connection, "warning" keeps
        something from coming, "note" may stay.
        """
        self.ensure_one()
        if self.state == "off":
            return list(self._todo_of_pending())
        return [
            *self._todo_of_access(),
            *self._todo_of_mapping(),
            *self._todo_of_reviews(),
            *self._todo_of_pending(),
            *self._todo_of_flows(),
            *self._todo_of_webhooks(),
        ]

    @api.model
    def _todo(self, code, text, action, button, *, count=1, level="warning", confirm=""):
        return {
            "code": code,
            "text": text,
            "count": count,
            "action": action,
            "button": button,
            "level": level,
            "confirm": confirm,
        }

    def _todo_of_access(self):
        if self.is_copy:
            yield self._todo(
                "copy",
                self._copy_sentence(),
                "action_confirm_database",
                self.env._("This is the real database"),
                level="danger",
                confirm=self.env._("Only one of the two databases may work with the system. Is this the one?"),
            )
        elif self.setup_step:
            yield self._todo(
                "setup", self.env._("The set-up is not finished."), "action_open", self.env._("Go on"), level="danger"
            )
        elif self.state == "refused":
            sentence = self.state_message or self.env._("The system refuses the credentials.")
            yield self._todo(
                "credentials", sentence, "action_view_access", self.env._("Enter credentials"), level="danger"
            )
        elif empty := self.setting_ids.filtered(lambda setting: not setting.filled):
            text = self.env._("Settings still to be filled in: %s.", ", ".join(empty.mapped("label")))
            yield self._todo(
                "settings", text, "action_view_access", self.env._("Fill in"), count=len(empty), level="danger"
            )
        elif self.state == "draft":
            yield self._todo(
                "test",
                self.env._("The connection was never tested."),
                "action_test",
                self.env._("Test"),
                level="danger",
            )

    def _todo_of_mapping(self):
        if count := self.unmapped_location_count:
            text = self.env._("Locations still to be matched: %s. Their stock does not come until then.", count)
            yield self._todo("locations", text, "action_view_locations", self.env._("Match locations"), count=count)
        if count := self.unmapped_tax_count:
            text = self.env._("Taxes still to be matched: %s. Products and orders with them wait until then.", count)
            yield self._todo("taxes", text, "action_view_taxes", self.env._("Match taxes"), count=count)
        gone = self.sudo().setting_ids.filtered(lambda row: row.kind == "choice" and row.value and not row.choice_id)
        if self.tested_at and gone:
            text = self.env._("The system does not offer what was chosen for: %s.", ", ".join(gone.mapped("label")))
            yield self._todo("choices", text, "action_view_access", self.env._("Choose again"), count=len(gone))
        if count := self.stale_count:
            text = self.env._(
                "Records made with former settings: %s. They stay as they are until they are read again.", count
            )
            yield self._todo(
                "stale", text, "action_pull_stale", self.env._("Read them again"), count=count, level="note"
            )

    def _todo_of_reviews(self):
        if self.review_new and (count := self.first_sync_asked):
            text = self.env._("First sync: %s records wait for an answer, whether to link or to make them.", count)
            yield self._todo("first_sync", text, "action_view_first_sync", self.env._("Look at them"), count=count)
        if count := self.match_count:
            text = self.env._("Customers to review: %s may be somebody who is in Odoo already.", count)
            yield self._todo("customers", text, "action_view_matches", self.env._("Review customers"), count=count)
        asked = self.first_sync_asked if self.review_new else 0
        if (count := self.message_count - asked) > 0:
            text = self.env._("Failures that need attention: %s.", count)
            yield self._todo("failures", text, "action_view_failures", self.env._("Look at them"), count=count)

    def _todo_of_flows(self):
        labels = dict(self.env["pos.sync.stream"]._fields["flow"]._description_selection(self.env))
        off = self.stream_ids.filtered(lambda stream: not stream.enabled and not FLOWS[Flow(stream.flow)].push)
        if off and not self.setup_step:
            names = ", ".join(labels[stream.flow] for stream in off)
            text = self.env._("Flows that are off: %s.", names)
            yield self._todo("flows", text, "action_view_streams", self.env._("Flows"), count=len(off), level="note")

    def _todo_of_pending(self):
        if count := sum(self._pending_streams().mapped("pending_count")):
            text = self.env._("%s wait to be sent by flows that are off. Switch these on, or drop what waits.", count)
            yield self._todo("pending", text, "action_view_pending", self.env._("Look at them"), count=count)

    def _pending_streams(self):
        """The flows that have something to send and do not send it, because they or the whole connection are off."""
        return self.stream_ids.filtered(
            lambda stream: (not stream.enabled or self.state == "off") and stream.pending_count
        )

    # Where it is done

    def _rows_action(self, xml_id):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"pos_sync_connector.{xml_id}")
        return {**action, "domain": [("connection_id", "in", self.ids)], "context": {}}

    def action_view_locations(self):
        return self._rows_action("pos_sync_location_action")

    def action_view_taxes(self):
        return self._rows_action("pos_sync_tax_action")

    def action_view_pending(self):
        """Flows that are off and have something to send: the flow where it is one."""
        streams = self._pending_streams()
        action = self._rows_action("pos_sync_stream_action")
        if len(streams) == 1:
            return {**action, "res_id": streams.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", streams.ids)]}

    def action_view_streams(self):
        return self._rows_action("pos_sync_stream_action")
