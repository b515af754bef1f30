import base64

from odoo import models
from odoo.tools.image import ImageProcess

from ...connectors import codec
from ...connectors.errors import Failure


class PosSyncImportProducts(models.AbstractModel):
    """The picture of a product: fetched when it is new or has changed, before the page's transaction begins."""

    _inherit = "pos.sync.import_products"

    def _image(self, record):
        return next(iter(record.images), None)

    def _assets_wanted(self, stream, records):
        with_image = [record for record in records if self._image(record)]
        if not with_image:
            return []
        known = self.env["pos.sync.mapping"]._find(
            stream.connection_id, "product", [record.external_id for record in with_image]
        )
        wanted = []
        for record in with_image:
            image, mapping = self._image(record), known.get(record.external_id)
            if mapping and (
                not mapping.owns_identity
                or mapping.image_checksum == (image.checksum or image.url)
                or mapping.digest == codec.digest(record)
            ):
                continue
            wanted.append(image)
        return wanted

    def _prepare_image_vals(self, plan):
        image = self._image(plan.record)
        content = self._fetched(image)
        if not isinstance(content, bytes):
            return {}
        try:
            ImageProcess(content)
        except Exception:
            # A picture that Odoo can't read is no reason to hold the product.
            return {}
        return {"image_1920": base64.b64encode(content)}

    def _fetched(self, image):
        """The content, the failure to get it, or None where it was not asked for."""
        return self.env.context.get("pos_sync_assets", {}).get(image.url) if image else None

    def _prepare_image_mapping_vals(self, image):
        """What the link of a product says about its picture. One that was left out leaves no digest, so that the next
        full pass asks for it again."""
        content = self._fetched(image)
        if isinstance(content, Failure):
            return {"image_problem": content.sentence, "image_checksum": False, "digest": False}
        return {"image_checksum": image.checksum or image.url, **({"image_problem": False} if content else {})}
