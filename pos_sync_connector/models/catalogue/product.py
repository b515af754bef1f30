from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    pos_sync_mapping_ids = fields.One2many(
        "pos.sync.mapping", "product_tmpl_id", string="POS Sync Links", groups="pos_sync_connector.group_user"
    )
    pos_sync_mapping_count = fields.Integer(
        compute="_compute_pos_sync_mapping_count", groups="pos_sync_connector.group_user"
    )
    pos_sync_hidden = fields.Boolean(
        copy=False, help="Taken off the web shop because its stock ended; it comes back with stock."
    )

    def _compute_pos_sync_mapping_count(self):
        for template in self:
            template.pos_sync_mapping_count = len(template.pos_sync_mapping_ids)


class ProductProduct(models.Model):
    _inherit = "product.product"

    pos_sync_mapping_ids = fields.One2many(
        "pos.sync.mapping",
        "product_id",
        string="POS Sync Links of the Variant",
        groups="pos_sync_connector.group_user",
    )
    pos_sync_mapping_count = fields.Integer(
        compute="_compute_pos_sync_mapping_count", groups="pos_sync_connector.group_user"
    )

    def _compute_pos_sync_mapping_count(self):
        for product in self:
            product.pos_sync_mapping_count = len(product.pos_sync_mapping_ids)


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    pos_sync_connection_id = fields.Many2one(
        "pos.sync.connection",
        ondelete="set null",
        copy=False,
        index="btree_not_null",
        help="Gives imported orders their currency; holds no prices.",
    )


class ProductAttribute(models.Model):
    _inherit = "product.attribute"

    pos_sync_made = fields.Boolean(copy=False, help="Made for the options of a connected system.")


class ProductCategory(models.Model):
    _inherit = "product.category"

    pos_sync_made = fields.Boolean(copy=False, help="Made for the products of a connected system.")


class ProductTag(models.Model):
    _inherit = "product.tag"

    pos_sync_made = fields.Boolean(copy=False, help="Made for the products of a connected system.")
