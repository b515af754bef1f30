from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...connectors.flows import Flow

_SETTINGS = {"stock_basis", "stock_buffer"}


class PosSyncConnection(models.Model):
    """What a system that is sent the stock may sell of it."""

    _inherit = "pos.sync.connection"

    stock_basis = fields.Selection(
        [
            ("free", "Free to use: on hand, less what is reserved or sold"),
            ("on_hand", "On hand, reserved or not"),
            ("forecast", "Forecast: on hand, with what is to come in and go out"),
        ],
        string="Quantity That Is Sent",
        default="free",
        required=True,
        help="A kit is counted as what its parts allow. An order that waits as a quotation counts as sold, since its "
        "system has taken its goods off already.",
    )
    stock_buffer = fields.Float(
        string="Less a Buffer Of",
        digits="Product Unit",
        help="So many of each product at each location are never offered. 0: all are.",
    )
    stock_rule_ids = fields.One2many("pos.sync.stock.rule", "connection_id", string="Limits")
    sends_stock = fields.Boolean(compute="_compute_sends_stock")

    _stock_buffer_positive = models.Constraint("CHECK(stock_buffer >= 0)", "A buffer can't be negative.")

    @api.depends("stream_ids.enabled")
    def _compute_sends_stock(self):
        for connection in self:
            connection.sends_stock = connection._stream(Flow.STOCK_PUSH).enabled

    def write(self, vals):
        result = super().write(vals)
        if _SETTINGS & set(vals):
            self._count_again()
        return result

    def _count_again(self):
        """What is sent is counted otherwise: all counts go once more."""
        for connection in self.exists():
            stream = connection.sudo()._stream(Flow.STOCK_PUSH)
            if stream.enabled:
                stream._count_all()


class PosSyncStockRule(models.Model):
    """How much of some products a system may offer at most, or that it is not sent their counts."""

    _name = "pos.sync.stock.rule"
    _description = "POS Sync Limit of the Stock That Is Sent"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, sequence, id"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    product_tmpl_id = fields.Many2one(
        "product.template", string="Product", ondelete="cascade", check_company=True, index="btree_not_null"
    )
    category_id = fields.Many2one(
        "product.category", ondelete="cascade", index="btree_not_null",
        help="With the categories below it.",
    )  # fmt: skip
    tag_id = fields.Many2one("product.tag", ondelete="cascade", index="btree_not_null")
    action = fields.Selection(
        [("leave_out", "Are not sent"), ("cap", "Are offered, at most")], string="Counts", default="cap", required=True
    )
    most = fields.Float(digits="Product Unit", help="At each location. 0: shown as sold out.")

    _most_positive = models.Constraint("CHECK(most >= 0)", "The most that is offered can't be negative.")

    @api.constrains("product_tmpl_id", "category_id", "tag_id")
    def _check_names_something(self):
        if any(not (rule.product_tmpl_id or rule.category_id or rule.tag_id) for rule in self):
            raise ValidationError(self.env._("Choose the product, category or tag that the limit is for."))

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.connection_id._count_again()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.connection_id._count_again()
        return result

    def unlink(self):
        connections = self.connection_id
        result = super().unlink()
        connections._count_again()
        return result

    def _of(self, product):
        """The first of these rules that is for a product, if any. A rule that names several things is for what is all
        of them."""
        return next((rule for rule in self if rule._is_for(product)), self.browse())

    def _is_for(self, product):
        return (
            (not self.product_tmpl_id or self.product_tmpl_id == product.product_tmpl_id)
            and (
                not self.category_id
                or (product.categ_id.parent_path or "").startswith(self.category_id.parent_path or "-")
            )
            and (not self.tag_id or self.tag_id in product.all_product_tag_ids)
        )
