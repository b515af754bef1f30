from odoo import SUPERUSER_ID, http
from odoo.http import request

from ..models.connection.connection_webhook import ROUTE

# Systems stay far below this; whatever is larger is none of theirs.
MOST_BYTES = 1024 * 1024


class PosSyncWebhook(http.Controller):
    @http.route(
        f"{ROUTE}/<string:token>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MOST_BYTES,
        pos_sync_raw_body=True,
    )
    def receive(self, token, **_parameters):
        """The raw body is what is signed; the answer holds nothing that a stranger could learn from."""
        taken = request.env["pos.sync.receive_webhook"].with_user(SUPERUSER_ID)
        body = request.httprequest.get_data(cache=True)
        status = taken._receive(token, dict(request.httprequest.headers), body)
        return request.make_response("", status=status)
