from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        result = super()._pre_dispatch(rule, args)
        if rule.endpoint.routing.get("pos_sync_raw_body"):
            # Reading a form takes the body away; a signature is over the body as it came.
            request.httprequest.get_data(cache=True)
        return result
