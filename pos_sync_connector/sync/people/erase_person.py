from dataclasses import fields as dataclass_fields
from dataclasses import replace

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...connectors import codec
from ...connectors.erasure import Traces
from ...connectors.flows import Flow
from ..engine.receive_webhook import NUDGE

# What these hold is the system's catalogue and set-up, not its customers.
_NOT_ABOUT_PEOPLE = frozenset(
    "pos.sync.connection pos.sync.setting pos.sync.setting.choice pos.sync.location pos.sync.tax pos.sync.mapping "
    "pos.sync.charge.product pos.sync.tombstone pos.sync.message".split()
)
_CUSTOMER_FLOWS = (Flow.CUSTOMERS_PULL.value, Flow.CUSTOMERS_PUSH.value)
_MESSAGE_TEXTS = ("name", "sentence", "fix", "details", "payload")
_TEXT = ("char", "text", "html")
# What an order says of its customer.
_TOLD = {"customer": None, "billing_address": None, "shipping_address": None, "note": "", "raw": None}
# Not about the person, but about the sale: an order keeps these whoever made it.
_CLEARED = (
    "email phone street street2 city zip state_id country_id vat comment website function company_name barcode ref "
    "image_1920 category_id partner_latitude partner_longitude"
).split()


class PosSyncErasePerson(models.AbstractModel):
    """Erases a customer: nothing in Odoo's contact or in this addon tells any more who it was.

    Their orders stay, with a nameless contact. A hashed tombstone keeps the next full pull from bringing them back.
    """

    _name = "pos.sync.erase_person"
    _description = "POS Sync Erasure"

    def _erase(self, partners):
        """Erases these for good. Raises UserError for one who has a login."""
        quiet = self.sudo().with_context(active_test=False, tracking_disable=True, mail_notrack=True, lang=None)
        partners = partners.with_env(quiet.env)
        for partner in partners._pos_sync_protected():
            raise UserError(
                self.env._(
                    "“%s” has a login or is a company of yours. Delete the user first, then erase the contact.",
                    partner.display_name,
                )
            )
        for partner in partners:
            quiet._erase_one(partner)

    def _erase_one(self, partner):
        duplicates = self.env["res.partner"].search([("pos_sync_replaced_by_id", "=", partner.id)])
        everybody = partner | duplicates
        contacts = everybody | self.env["res.partner"].search(
            [("parent_id", "in", everybody.ids), ("type", "!=", "contact")]
        )
        mappings = self.env["pos.sync.mapping"].search(
            [("entity", "=", "customer"), ("partner_id", "in", everybody.ids)]
        )
        matches = self.env["pos.sync.match"].search([("candidate_id", "in", everybody.ids)])
        matches |= self._of_customers("pos.sync.match", mappings, "external_id")
        traces = self._traces(contacts, mappings, matches)
        marks = self._leave_tombstones(partner, mappings)
        self._redact_messages(traces, mappings)
        points = self._of_customers("pos.sync.points", mappings, "customer_external_id")
        for row in points:
            row.customer_external_id = marks[row.connection_id, row.customer_external_id]
        matches.unlink()
        mappings.unlink()
        self._redact_others(traces)
        self._clear_contacts(contacts)
        self.env.flush_all()

    def _erase_unlinked(self, connection, external_id):
        """Erases what tells of a customer who is no contact: messages that failed. A later pull leaves them out."""
        quiet = self.sudo().with_context(active_test=False, tracking_disable=True)
        unlinked = quiet.env["pos.sync.mapping"].new(
            {"connection_id": connection.id, "entity": "customer", "external_id": external_id}
        )
        if not quiet.env["pos.sync.tombstone"]._find(connection, "customer", [external_id]):
            quiet._leave_tombstones(quiet.env["res.partner"], unlinked)
        quiet._redact_messages(Traces.of((), (), (), ()), unlinked)

    def _erase_all_unlinked(self, connection):
        """Erases all who are told of by messages that failed, and are no contacts."""
        messages = self.sudo().env["pos.sync.message"].search(
            [("connection_id", "=", connection.id), ("direction", "=", "in")]
        )
        of_customers = messages.filtered(lambda message: message.flow in _CUSTOMER_FLOWS)
        named = set(of_customers.mapped("external_id"))
        for message in messages - of_customers:
            try:
                data = codec.loads(message.payload)
            except ValueError:
                continue
            named.add(data.get("customer_id") if isinstance(data, dict) else None)
        linked = self.sudo().env["pos.sync.mapping"].search(
            [("connection_id", "=", connection.id), ("entity", "=", "customer")]
        )
        for external_id in named - {None, False, "", NUDGE, *linked.mapped("external_id")}:
            self._erase_unlinked(connection, external_id)

    def _of_customers(self, model, mappings, name):
        """The rows of a model that name one of these customers by the id at the system."""
        domain = Domain.OR(
            Domain("connection_id", "=", connection.id) & Domain(name, "in", links.mapped("external_id"))
            for connection, links in mappings.grouped("connection_id").items()
        )
        return self.env[model].search(domain) if mappings else self.env[model]

    def _traces(self, contacts, mappings, matches):
        changes = [match.proposed or {} for match in matches]
        return Traces.of(
            full_names=[
                *contacts.mapped("name"),
                *mappings.mapped("name"),
                *(f"{mapping.first_name or ''} {mapping.last_name or ''}" for mapping in mappings),
                *(change.get("name") for change in changes),
            ],
            names=[*mappings.mapped("first_name"), *mappings.mapped("last_name")],
            emails=[
                *contacts.mapped("email"),
                *mappings.mapped("agreed_email"),
                *(change.get("email") for change in changes),
            ],
            phones=[
                *contacts.mapped("phone"),
                *mappings.mapped("agreed_phone"),
                *mappings.mapped("other_phone"),
                *(change.get("phone") for change in changes),
            ],
        )

    def _leave_tombstones(self, partner, mappings):
        """{(connection, external id): its mark}"""
        Tombstone = self.env["pos.sync.tombstone"]
        marks = {
            (mapping.connection_id, mapping.external_id): Tombstone._mark(
                mapping.connection_id, mapping.entity, mapping.external_id
            )
            for mapping in mappings
        }
        Tombstone.create(
            [
                {"connection_id": connection.id, "entity": "customer", "mark": mark, "partner_id": partner.id}
                for (connection, _external_id), mark in marks.items()
            ]
        )
        return marks

    # Texts

    def _redact_messages(self, traces, mappings):
        """Messages of the customer go; those of their orders stay, and may be retried, without saying who it was."""
        self._of_customers("pos.sync.message", mappings, "external_id").filtered(
            lambda message: message.flow in _CUSTOMER_FLOWS
        ).unlink()
        ids = {(mapping.connection_id, mapping.external_id) for mapping in mappings}
        named = [f'%"customer_id":{codec.dumps(external_id)}%' for _connection, external_id in ids]
        Message = self.env["pos.sync.message"]
        found = self._search_texts(Message, _MESSAGE_TEXTS, traces)
        if named:
            found |= Message.search(Domain.OR(Domain("payload", "=like", pattern) for pattern in named))
        for message in found:
            try:
                data = codec.loads(message.payload)
            except ValueError:
                data = None
            customer_id = data.get("customer_id") if isinstance(data, dict) else None
            theirs = (message.connection_id, customer_id) in ids
            if message.flow in _CUSTOMER_FLOWS or (customer_id and not theirs):
                # Somebody else of that name.
                continue
            if theirs:
                data = {**data, **_TOLD}
            vals = {name: traces.redact(message[name] or "", theirs) or False for name in _MESSAGE_TEXTS}
            if message.payload:
                vals["payload"] = codec.dumps(traces.redact_all(data, about_them=True)) if data else False
            message.write(vals)

    def _redact_others(self, traces):
        """Takes the person out of all other texts of the addon."""
        for model, names in self._telling_fields():
            for row in self._search_texts(model, names, traces):
                vals = {name: traces.redact(row[name]) or False for name in names if row[name]}
                row.write({name: value for name, value in vals.items() if value != row[name]})

    def _search_texts(self, model, names, traces):
        patterns = traces.patterns()
        if not patterns:
            return model.browse()
        self.env.flush_all()
        where = SQL(" OR ").join(SQL("%s ~* ANY(%s)", SQL.identifier(name), patterns) for name in names)
        rows = self.env.execute_query(SQL("SELECT id FROM %s WHERE %s", SQL.identifier(model._table), where))
        return model.browse([row_id for (row_id,) in rows])

    def _telling_fields(self):
        """Pairs of model and the names of its stored texts in which a person could be named."""
        for name, model in self.env.items():
            if model._abstract or model._transient or not model._auto:
                continue
            if name.startswith("pos.sync.") and name not in _NOT_ABOUT_PEOPLE:
                prefix = ""
            elif name in ("sale.order", "sale.order.line"):
                prefix = "pos_sync_"
            else:
                continue
            names = [
                field.name
                for field in model._fields.values()
                if field.type in _TEXT and field.store and field.column_type and field.name.startswith(prefix)
            ]
            if names:
                yield model, names

    # The contact

    def _clear_contacts(self, contacts):
        messages = self.env["mail.message"].search([("model", "=", "res.partner"), ("res_id", "in", contacts.ids)])
        messages.tracking_value_ids.unlink()
        for contact in contacts:
            vals = {name: False for name in _CLEARED if name in contact._fields}
            contact.write({**vals, "category_id": [(5,)], "name": self.env._("Erased Customer"), "active": False})


class PosSyncImporter(models.AbstractModel):
    """What comes in later of an erased customer, and is stored or kept as a failure, does not tell who it was."""

    _inherit = "pos.sync.importer"

    def _import_page(self, stream, records, malformed=(), deleted=()):
        ids = {getattr(record, "customer_id", "") for record in records} - {""}
        erased = self.env["pos.sync.tombstone"]._find(stream.connection_id, "customer", ids) if ids else {}
        if erased:
            records = [
                _nameless(record) if getattr(record, "customer_id", "") in erased else record for record in records
            ]
        return super()._import_page(stream, records, malformed, deleted)


def _nameless(record):
    """A record without what it says about its customer."""
    known = {item.name for item in dataclass_fields(record)}
    return replace(record, **{name: value for name, value in _TOLD.items() if name in known})
