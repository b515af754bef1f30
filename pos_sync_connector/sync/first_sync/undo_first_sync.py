from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...connectors.flows import Flow

_ENTITIES = ("product", "variant", "combo_choice", "customer")
_FLOWS = (Flow.PRODUCTS_PULL.value, Flow.STOCK_PULL.value, Flow.CUSTOMERS_PULL.value)
# Tables whose rows are part of a record, or only tell of it: they go with it. All others use what they refer to.
_PARTS = {
    "product.template": {
        "product_product",
        "product_pricelist_item",
        "product_attribute_product_template_rel",
        "product_template_attribute_exclusion",
        "product_template_attribute_line",
        "product_template_attribute_value",
    },
    "product.product": {"product_pricelist_item", "product_uom", "product_value"},
    "product.combo": {"product_combo_item"},
    "product.attribute": {"product_attribute_value", "product_attribute_product_template_rel"},
    "res.partner": {
        "discuss_channel_member",
        "mail_followers",
        "mail_message",
        "mail_message_reaction",
        "mail_message_res_partner_rel",
        "mail_message_res_partner_starred_rel",
        "mail_notification",
        "res_partner",
    },
}
_OWN_USES = {"pos_sync_charge_product", "pos_sync_points"}
# What is made beside products and customers, and goes when nothing uses it any more.
_BESIDE = ("product.attribute", "product.category", "product.tag", "res.partner.category")


class PosSyncUndoFirstSync(models.AbstractModel):
    """Takes back what the first sync of a connection made, as far as nobody has used it since."""

    _name = "pos.sync.undo_first_sync"
    _description = "POS Sync Undo of the First Sync"

    def _made(self, connection):
        """The records that the connection made, in the order in which they can be removed."""
        made = self.env["pos.sync.mapping"].search([("connection_id", "=", connection.id), ("made_here", "=", True)])
        combos = made.product_tmpl_id.filtered(lambda template: template.type == "combo")
        return (combos, made.combo_id, made.product_tmpl_id - combos, made.partner_id)

    def _plan(self, connection):
        """Pairs of records as `_made` gives them and, of these, {record: the table that keeps it}. What goes first does
        not keep what comes after it."""
        going = {}
        for records in self._made(connection):
            used = self._used(records, going)
            yield records, used
            unused = records.filtered(lambda record, used=used: record not in used)
            if records._name == "product.combo":
                going["product_combo_item"] = ("combo_id", unused.ids)
            elif records._name == "product.template":
                field = records._fields["combo_ids"]
                going[field.relation] = (field.column1, unused.ids)

    def _undo(self, connection):
        """Removes them and forgets the connection's links, so that the next sync begins anew. Returns how many records
        were removed and how many stay. Raises UserError while a flow is at work."""
        streams = connection.stream_ids.filtered(lambda stream: stream.flow in _FLOWS)
        if streams - streams._try_lock_crons():
            raise UserError(
                self.env._("“%s” is at work. Switch the connection off, then undo again shortly.", connection.name)
            )
        removed = kept = 0
        for records in self._made(connection):
            gone = self._remove(self._unused(records))
            removed, kept = removed + gone, kept + len(records) - gone
        self._remove_beside()
        self._forget(connection)
        streams.write({"cursor": False, "sweep": 0, "pass_ended": False, "first_done": False, "run_id": False})
        return removed, kept

    def _remove(self, records):
        """How many of them could be removed; whatever Odoo does not let go stays."""
        if not records:
            return 0
        parts = self._parts_of(records)
        try:
            with self.env.cr.savepoint():
                (parts | records).unlink()
                self.env.flush_all()
            return len(records)
        except Exception:
            # A constraint, or another module's own reason: the record is in use.
            if len(records) == 1:
                return 0
        middle = len(records) // 2
        return self._remove(records[:middle]) + self._remove(records[middle:])

    def _parts_of(self, records):
        """The addresses of a customer go with them."""
        return records.with_context(active_test=False).child_ids if records._name == "res.partner" else records.browse()

    def _remove_beside(self):
        """Categories, tags and attributes that were made for what is gone now; a category after those below it."""
        for name in _BESIDE:
            made = self.env[name].search([("pos_sync_made", "=", True)])
            while unused := self._unused(made):
                if not self._remove(unused):
                    break
                made = made.exists()

    def _forget(self, connection):
        """Links go, but those of what stays; questions that nobody answered go with the links."""
        Mapping, Match = self.env["pos.sync.mapping"], self.env["pos.sync.match"]
        own = [("connection_id", "=", connection.id)]
        Mapping.search([*own, ("entity", "in", _ENTITIES)]).filtered(
            lambda mapping: mapping.missing or not mapping.made_here
        ).unlink()
        Match.search([*own, ("state", "=", "open"), ("mapping_id", "=", False)]).unlink()

    # What is used

    def _used(self, records, going=None):
        """{record: the table that refers to it} for those that anything but their own parts refers to. `going`: by
        table a column and the ids in it whose rows don't count."""
        users = self._users_of_rows(records, going)
        if records._name == "product.template":
            variants = records.with_context(active_test=False).product_variant_ids
            users.update(
                {
                    variants.browse(key).product_tmpl_id.id: table
                    for key, table in self._users_of_rows(variants, going).items()
                }
            )
        elif parts := self._parts_of(records):
            users.update({parts.browse(key).parent_id.id: table for key, table in self._users_of_rows(parts).items()})
        return {record: users[record.id] for record in records if record.id in users}

    def _unused(self, records):
        used = self._used(records)
        return records.filtered(lambda record: record not in used)

    def _users_of_rows(self, records, going=None):
        """{id: table} of the rows that a foreign key of another table names."""
        if not records:
            return {}
        self.env.flush_all()
        users = {}
        for table, column in self._foreign_keys(records):
            query = SQL(
                "SELECT DISTINCT %(column)s FROM %(table)s WHERE %(column)s = ANY(%(ids)s)",
                column=SQL.identifier(column),
                table=SQL.identifier(table),
                ids=records.ids,
            )
            if table in (going or {}):
                of, ids = going[table]
                query = SQL("%s AND %s != ALL(%s)", query, SQL.identifier(of), ids)
            users.update({key: table for (key,) in self.env.execute_query(query)})
        return users

    def _foreign_keys(self, records):
        """(table, column) of whatever can use a record: neither its parts, nor dialogs, nor this addon's own notes."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT owner.relname, attribute.attname
                  FROM pg_constraint key
                  JOIN pg_class owner ON owner.oid = key.conrelid
                  JOIN pg_attribute attribute ON attribute.attrelid = key.conrelid AND attribute.attnum = key.conkey[1]
                 WHERE key.contype = 'f' AND key.confrelid = %s::regclass
                """,
                records._table,
            )
        )
        passing = set()
        for model in self.env.values():
            if model._transient:
                passing.add(model._table)
                passing |= {field.relation for field in model._fields.values() if field.type == "many2many"}
        own = set(_PARTS.get(records._name, ()))
        if own:
            own |= {field.relation for field in records._fields.values() if field.type == "many2many"}
        return [
            (table, column)
            for table, column in rows
            if table not in passing
            and table not in own
            and (table in _OWN_USES or not table.startswith("pos_sync_"))
        ]

    def _label(self, table):
        """What a person calls the records of a table."""
        for model in self.env.values():
            if model._table == table and model._auto:
                return self.env["ir.model"]._get(model._name).name
        return table
