from odoo import api, models
from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS

from ...connectors.door import clean_text


class PosSyncGuarded(models.AbstractModel):
    """What the screens only show is written by the addon alone: read-only in a form binds nobody who calls by RPC, and
    the right to change a record is not one to change its state, its account or its company. Code that has checked
    what a person may do writes it through sudo."""

    _name = "pos.sync.guarded"
    _description = "POS Sync Guarded Fields"

    # What is shown only and still comes with a new record.
    _given_at_creation = ()

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        vals_list = [_clean(vals) for vals in vals_list]
        guarded = self._guarded_names() - set(self._given_at_creation)
        self._check_guarded(guarded & set().union(*vals_list))
        defaults = {f"default_{name}" for name in guarded}
        context = {key: value for key, value in self.env.context.items() if key not in defaults}
        # Keys are taken out, which `with_context` of keywords can't do.
        return super(PosSyncGuarded, self.with_context(context)).create(vals_list)  # pylint: disable=context-overridden

    def write(self, vals):
        if not self.env.su:
            self._check_guarded(self._guarded_names() & set(vals))
            vals = _clean(vals)
        return super().write(vals)

    @api.model
    def _guarded_names(self):
        return {
            name
            for name, field in self._fields.items()
            if field.store and field.readonly and not field.manual and name not in MAGIC_COLUMNS
        }

    @api.model
    def _check_guarded(self, names):
        if names:
            labels = sorted(self._fields[name]._description_string(self.env) for name in names)
            raise AccessError(
                self.env._(
                    "%(fields)s of “%(model)s” can't be entered: POS Sync writes it by itself.",
                    fields=", ".join(labels),
                    model=self.env["ir.model"]._get(self._name).name,
                )
            )


def _clean(vals):
    """Without what no database stores, which Odoo answers with an error of the server."""
    return {name: clean_text(value) if isinstance(value, str) else value for name, value in vals.items()}
