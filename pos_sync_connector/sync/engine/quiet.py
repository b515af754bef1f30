from functools import wraps

from odoo import models

# What a model needs to know so that it keeps quiet about what is written: Odoo's own switches, and this addon's.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
    "loyalty_no_mail": True,
    "skip_sms": True,
    "pos_sync_quiet": True,
}
# The last doors on the way to a customer or a carrier, with what whoever knocks is answered. Many of these modules are
# installed by themselves, and some offer no switch of their own.
_DOORS = {
    "stock.picking": {"_send_confirmation_email": lambda records: None},
    "mail.thread": {"_notify_thread": lambda records: []},
    "mail.template": {
        "send_mail": lambda records: False,
        "send_mail_batch": lambda records: records.env["mail.mail"],
    },
    "sms.composer": {"_action_send_sms": lambda records: False},
    "snailmail.letter": {"_snailmail_print": lambda records: None},
    "whatsapp.composer": {"_send_whatsapp_template": lambda records: None},
    "ir.actions.server": {"_run_action_webhook": lambda records: None},
}


class PosSyncQuiet(models.AbstractModel):
    """Nothing that is imported texts, mails, prints a label or calls anybody: with `QUIET` as context the doors are
    shut, whatever modules are installed. Automation rules run and change Odoo; what they would send stays here."""

    _name = "pos.sync.quiet"
    _description = "POS Sync Quiet Import"

    def _register_hook(self):
        """Shuts the doors of the finished classes: no module that is loaded later comes before them."""
        super()._register_hook()
        for model, doors in _DOORS.items():
            for name, answer in doors.items():
                self._shut(self.env.registry.get(model), name, answer)

    def _shut(self, model, name, answer):
        method = getattr(model, name, None)
        if method is None or hasattr(method, "pos_sync_door"):
            return

        @wraps(method)
        def door(records, *args, **kwargs):
            if records.env.context.get("pos_sync_quiet"):
                return answer(records)
            return method(records, *args, **kwargs)

        door.pos_sync_door = True
        setattr(model, name, door)
