import time
from contextlib import closing

from odoo import models
from odoo.tools import format_date

from ...connectors.errors import Failure, Skip
from ...connectors.flows import FLOWS, Flow
from ...connectors.pages import Cursor
from ..catalogue.product_matching import ProductMatcher
from ..catalogue.product_resolver import ProductResolver
from ..engine.outcome import Review, Waits
from ..people.customer_resolver import CustomerResolver
from ..people.match_customers import CustomerMatcher

# A call ends with the page that reaches one of these; who asked may go on from its cursor.
_RECORDS, _SECONDS = 500, 8.0
_SAMPLES = 5
_LONGEST_CURSOR = 100_000


class PosSyncLookAhead(models.AbstractModel):
    """What the first pull of a flow would do with the system's first records. It writes nothing.

    The records go through the same resolvers and matchers as those of a pull, in a transaction that PostgreSQL itself
    keeps from writing.
    """

    _name = "pos.sync.look_ahead"
    _description = "POS Sync Look Before the First Pull"

    def _look(self, connection, flow, cursor=""):
        """{"flow", "label", "read", "total" (None: the system does not tell), "cursor" ("": all was read), "groups",
        "failure" (a sentence, or "")}.

        A group is {"code", "label", "level" ("success", "info" or "warning"), "count", "samples"}, a sample {"name",
        "match" (what it is in Odoo, or ""), "sentence"}.
        """
        result = {"flow": flow.value, "label": FLOWS[flow].label, "read": 0, "total": None, "cursor": "", "groups": []}
        try:
            records, malformed, total, after = self._read(connection, flow, cursor)
        except Failure as failure:
            return {**result, "failure": failure.sentence}
        with closing(self.env.cr.savepoint()):
            self.env.cr.execute("SET TRANSACTION READ ONLY")
            stream = connection._stream(flow)
            look = self.with_company(connection.company_id).with_context(lang=self.env.user.lang)
            found = getattr(look, f"_look_at_{flow.value}")(stream, records)
            found += [("doubtful", item.external_id, "", item.failure.sentence) for item in malformed]
            groups = look._grouped(connection, flow, found)
        return {
            **result,
            "read": len(records) + len(malformed),
            "total": total,
            "cursor": after,
            "groups": groups,
            "failure": "",
        }

    def _read(self, connection, flow, text):
        """The records of the pages from the cursor on, what could not be read, how many there are, the next cursor."""
        started = time.monotonic()
        records, malformed, total, after = {}, [], None, ""
        with connection._connector() as connector:
            for page in getattr(connector, FLOWS[flow].method)(Cursor.loads(text)):
                records.update({record.external_id: record for record in page.records})
                malformed += page.malformed
                total = page.total if page.total is not None else total
                if page.last:
                    break
                if len(records) >= _RECORDS or time.monotonic() - started >= _SECONDS:
                    after = page.cursor.dumps()
                    break
        return list(records.values()), malformed, total, after if len(after) <= _LONGEST_CURSOR else ""

    # What becomes of each record: (group, name, what it is in Odoo, sentence)

    def _look_at_products_pull(self, stream, records):
        connection = stream.connection_id
        importer = self.env["pos.sync.import_products"]
        resolver = ProductResolver(importer.env, connection, records).load()
        matcher = ProductMatcher(importer.env, connection, resolver)
        found = []
        for record in records:
            try:
                plan = matcher.plan(record, "")
                importer._check_foreseeable(connection, resolver, plan)
            except Review as asked:
                found.append(self._asked_product(record, asked))
                continue
            except Waits:
                # It names a product of a later page, which will be there by then.
                found.append(("made", record.name, "", ""))
                continue
            except Failure as failure:
                found.append(("left" if isinstance(failure, Skip) else "doubtful", record.name, "", failure.sentence))
                continue
            template = self.env["product.template"].browse(plan.tmpl_id or [])
            if plan.mapping_id:
                found.append(("known", record.name, template.display_name, ""))
            elif plan.tmpl_id:
                found.append((plan.linked_by, record.name, template.display_name, ""))
            else:
                found.append(("made", record.name, "", ""))
        return found

    def _asked_product(self, record, asked):
        template = self.env["product.template"].browse(asked.candidates.get("candidate_tmpl_id", []))
        return ("similar" if template else "asked", record.name, template.display_name or "", "")

    def _look_at_customers_pull(self, stream, records):
        connection = stream.connection_id
        importer = self.env["pos.sync.import_customers"]
        resolver = CustomerResolver(importer.env, connection, records).load_links()
        resolver.load(records)
        matcher = CustomerMatcher(importer.env, connection, resolver)
        found = []
        for record in records:
            name = importer._full_name(record)
            try:
                plan = matcher.plan(record, "")
            except Review as asked:
                partner = self.env["res.partner"].browse(asked.candidates.get("candidate_partner_id", []))
                found.append(("similar" if partner else "asked", name, partner.display_name or "", ""))
                continue
            except Failure as failure:
                found.append(("left" if isinstance(failure, Skip) else "doubtful", name, "", failure.sentence))
                continue
            partner = self.env["res.partner"].browse(plan.partner_id or [])
            if plan.link:
                found.append(("known", name, partner.display_name, ""))
            elif partner:
                found.append(("name", name, partner.display_name, ""))
            elif plan.same_as:
                found.append(("twice", name, importer._full_name(plan.same_as.record), ""))
            elif plan.asks:
                keys = [key for key, _judgement in plan.asks if isinstance(key, int)]
                found.append(("similar", name, self.env["res.partner"].browse(keys[:1]).display_name or "", ""))
            else:
                found.append(("made", name, "", ""))
        return found

    def _look_at_orders_pull(self, stream, records):
        connection = stream.connection_id
        linked = self.env["pos.sync.mapping"]._find(connection, "order", [record.external_id for record in records])
        taxes = self._matched_taxes(connection, records)
        found = []
        for record in records:
            day = connection._day_of_sale(record)
            if record.external_id in linked:
                group = "known"
            elif connection._is_before(connection.orders_from, record):
                group = "old"
            elif unmatched := next((tax for tax in self._taxes_of(record) if not taxes[tax.tax_id]), None):
                sentence = self.env._("Waits until its tax is matched: %s.", unmatched.name or unmatched.tax_id)
                found.append(("doubtful", record.number or record.external_id, "", sentence))
                continue
            elif connection._is_before(connection.entries_from, record):
                group = "history"
            else:
                group = "made"
            stated = f"{record.totals.gross:.2f} {record.currency}, {format_date(self.env, day)}"
            found.append((group, record.number or record.external_id, "", stated))
        return found

    def _matched_taxes(self, connection, records):
        """{external id of a tax that the records were charged with: whether it is matched, or will be by itself}."""
        charged = {tax.tax_id: tax for record in records for tax in self._taxes_of(record)}
        Tax = self.env["pos.sync.tax"].with_context(active_test=False)
        listed = Tax.search([("connection_id", "=", connection.id)]).grouped("external_id")
        return {
            key: bool(listed[key].tax_id or listed[key].ignored)
            if key in listed
            else bool(key) and tax.rate is not None and bool(Tax._propose(connection, tax))
            for key, tax in charged.items()
        }

    def _taxes_of(self, order):
        return [tax for part in (*order.lines, *order.charges) for tax in part.taxes]

    # In words

    def _grouped(self, connection, flow, found):
        labels = self._labels(connection, flow)
        groups = {}
        for code, name, match, sentence in found:
            label, level = labels[code]
            group = groups.setdefault(code, {"code": code, "label": label, "level": level, "count": 0, "samples": []})
            group["count"] += 1
            if len(group["samples"]) < _SAMPLES:
                group["samples"].append({"name": name, "match": match or "", "sentence": sentence})
        return [groups[code] for code in labels if code in groups]

    def _labels(self, connection, flow):
        """{group: (label, level)} in the order of the screen."""
        similar = {
            Flow.PRODUCTS_PULL: self.env._("Named like a product in Odoo: you are asked"),
            Flow.CUSTOMERS_PULL: self.env._("May be somebody in Odoo: you are asked"),
        }
        made = {Flow.ORDERS_PULL: self.env._("Would come into Odoo")}
        return {
            "known": (self.env._("Linked already"), "success"),
            "barcode": (self.env._("Linked by barcode"), "success"),
            "reference": (self.env._("Linked by internal reference"), "success"),
            "name": (self.env._("Linked by name with phone or e-mail"), "success"),
            "hand": (self.env._("Linked as you decided"), "success"),
            "twice": (self.env._("The same as another one of the system"), "success"),
            "made": (made.get(flow) or self.env._("Would be created in Odoo"), "info"),
            "history": (self.env._("Come as history, without points, entries and mails"), "info"),
            "asked": (self.env._("Not in Odoo: you are asked before they are created"), "info"),
            "similar": (similar.get(flow, ""), "warning"),
            "doubtful": (self.env._("Wait until somebody fixes what is wrong"), "warning"),
            "old": (self.env._("Older than the start date: left out"), "muted"),
            "left": (self.env._("Left out"), "muted"),
        }
