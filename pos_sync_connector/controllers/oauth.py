import logging
import re

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from ..connectors.errors import Failure
from ..models.connection.authorization import CALLBACK

_QUERY = re.compile(rf"({re.escape(CALLBACK)})\?\S*")


class _WithoutCodes(logging.Filter):
    """What a system hands out in the address of its answer is a key for some minutes: no log keeps it."""

    def filter(self, record):
        if isinstance(record.args, tuple) and CALLBACK in str(record.args):
            record.args = tuple(
                _QUERY.sub(r"\1", value) if isinstance(value, str) else value for value in record.args
            )
        if isinstance(record.msg, str) and CALLBACK in record.msg:
            record.msg = _QUERY.sub(r"\1", record.msg)
        return True


logging.getLogger("werkzeug").addFilter(_WithoutCodes())


class PosSyncOAuth(http.Controller):
    @http.route(CALLBACK, type="http", auth="user", methods=["GET"])
    def callback(self, **_parameters):
        """A person comes back from a system's page. What it says is used once, and never shown or logged here."""
        parameters = request.httprequest.args.to_dict()
        connection = request.env["pos.sync.connection"]
        try:
            connection, redirect, verifier = request.env["pos.sync.authorization"]._take(parameters.get("state"))
            connection.check_access("write")
            connection._take_permission(parameters, redirect, verifier)
        except Failure as failure:
            return self._refused(connection, failure.sentence)
        except (AccessError, MissingError) as error:
            return self._refused(request.env["pos.sync.connection"], error.args[0])
        return request.redirect(connection._open_address())

    def _refused(self, connection, sentence):
        address = connection._open_address() if connection else "/odoo"
        answer = request.render("pos_sync_connector.oauth_refused", {"sentence": sentence, "address": address})
        answer.status_code = 403
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer
