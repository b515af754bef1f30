"""A row of every model of the addon, for tests that are about all of them."""

from odoo import fields


def own_models(env):
    """The models with a table that this addon brings."""
    return [
        env[model.model]
        for model in env["ir.model"].sudo().search([("model", "=like", "pos.sync.%")])
        if not env[model.model]._abstract and env[model.model]._auto
    ]


class SampleRows:
    """Makes a row of any model of the addon in a company, with the rows that it needs."""

    def __init__(self, env, company):
        self.env = env(su=True, context={**env.context, "allowed_company_ids": company.ids})
        self.company = company
        self.made = {}

    def of(self, model_name):
        model = self.env[model_name]
        if not model_name.startswith("pos.sync."):
            return self._foreign(model)
        if model_name not in self.made:
            known = model.search([("company_id", "=", self.company.id)], limit=1)
            self.made[model_name] = known or model.create(self._values(model))
        return self.made[model_name]

    def _values(self, model):
        values = {}
        if "connection_id" in model._fields and model._fields["connection_id"].store:
            values["connection_id"] = self.of("pos.sync.connection").id
        if model._name == "pos.sync.route":
            values = {"source_connection_id": self.of("pos.sync.connection").id, **self._target()}
        if model._name == "pos.sync.stock.rule":
            values["tag_id"] = self._foreign(self.env["product.tag"]).id
        for name, field in model._fields.items():
            wanted = field.required and field.store and not field.related and name not in values
            if wanted and not (field.default and (field.type != "many2one" or name == "company_id")):
                values[name] = self._value(model, field)
        if "company_id" in model._fields and not model._fields["company_id"].related:
            values["company_id"] = self.company.id
        return values

    def _target(self):
        """A second connection, of a system that takes orders."""
        connection = self.env["pos.sync.connection"].create(
            {"name": "sample target", "system": "odoo", "company_id": self.company.id}
        )
        return {"target_connection_id": connection.id}

    def _value(self, model, field):
        if field.type == "many2one":
            return self.of(field.comodel_name).id
        if field.type == "selection":
            return field.get_values(self.env)[0]
        if field.type in ("integer", "float", "monetary"):
            return 1
        if field.type == "datetime":
            return fields.Datetime.now()
        if field.type == "date":
            return fields.Date.today()
        return f"sample {model._name}"

    def _foreign(self, model):
        if model._name == "res.company":
            return self.company
        if model._name == "res.currency":
            return self.company.currency_id
        if model._name == "product.product":
            return model.create({"name": "Sample", "type": "service"})
        if model._name == "sale.order":
            return model.create({"partner_id": self.company.partner_id.id, "company_id": self.company.id})
        return model.search([], limit=1) or model.create({"name": "Sample"})
