"""What the tests of the stock that is sent share."""

from ..connectors.records import Location
from .push_common import PushCase


class CountsCase(PushCase):
    """A target that is sent the stock of tea and coffee at a shelf and in a cellar."""

    def setUp(self):
        super().setUp()
        # What tests before this one have left on the cursor that they share.
        self.env.cr.precommit.clear()
        (self.tea | self.coffee).is_storable = True
        self.warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.shelf, self.cellar = (self.make_place(name) for name in ("Shelf", "Cellar"))
        self.target_world.locations = [Location(external_id="S", name="Shop"), Location(external_id="C", name="Cellar")]
        self.target._stream("setup_pull")._request()
        self.run_job(self.target._stream("setup_pull"))
        shop, cellar = self.target.location_ids.sorted("external_id", reverse=True)
        shop.stock_location_id, cellar.stock_location_id = self.shelf, self.cellar
        self.target._stream("stock_pull").enabled = False
        self.stream = self.target._stream("stock_push")
        self.stream.enabled = True
        self.assertEqual(set(self.told()), {(product, place, 0) for product in ("tea", "coffee") for place in "SC"})

    def make_place(self, name, parent=None):
        return self.env["stock.location"].create(
            {"name": name, "usage": "internal", "company_id": self.company.id,
             "location_id": (parent or self.warehouse.lot_stock_id).id}
        )  # fmt: skip

    def count(self, product, quantity, place=None):
        self.env["stock.quant"].with_context(inventory_mode=True).create(
            {"product_id": product.id, "location_id": (place or self.shelf).id, "inventory_quantity": quantity}
        )._apply_inventory()

    def told(self):
        """What the target was told since this was asked last: (product, location, quantity)."""
        self.send_counts()
        names = {f"theirs-{self.tea.id}": "tea", f"theirs-{self.coffee.id}": "coffee"}
        self.levels = list(self.target_world.counts)
        told = [(names[item.variant_id], item.location_id, item.quantity) for item in self.target_world.counts]
        self.target_world.counts.clear()
        return told

    def send_counts(self):
        self.env.cr.precommit.run()
        self.push("stock_push")
        # On a slow machine a slice ends before all is sent.
        while self.stream.run_id and not self.stream.retry_at:
            self.push("stock_push")

    def waiting(self):
        """What a commit leaves to be sent."""
        self.env.cr.precommit.run()
        return self.env["pos.sync.message"].search(
            [("stream_id", "=", self.stream.id), ("state", "in", ("waiting", "held", "failed"))]
        )
