"""What a shop sells: products with variants, options, pictures and bundles, and how many are there."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from .values import Row, decimal, gid, stamp

NAMES = """
    Anorak Beanie Crème~brûlée~Candle Dipper Elderflower~Gin Frisbee Gürtel Hoodie Ink Jalapeño~Jam Kettle Lamp
    Mug Notebook Oolong Pönal~Glue Quilt Ruler Smørrebrød~Board Teapot
""".split()
SIZES = ("S", "M", "L", "XL")
COLOURS = ("Red", "Grün", "Blue")


def make_products(random: Random, count: int, until: datetime, base: str) -> list[Row]:
    """Products, the last of which are bundles; the last change of each lies within the year before `until`."""
    found = [_product(random, number, until, base) for number in range(count)]
    for number in range(max(1, count // 40)):
        parts = random.sample(found, min(2, len(found)))
        bundle = _product(random, count + number, until, base, sized=False)
        bundle |= {"title": f"Bundle {number}", "hasVariantsThatRequiresComponents": True}
        bundle["bundleComponents"] = [
            {"quantity": place + 1, "quantityOption": None, "optionSelections": [], "componentProduct": part,
             "componentVariants": part["variants"]}
            for place, part in enumerate(parts)
        ]  # fmt: skip
        for variant in bundle["variants"]:
            variant["requiresComponents"] = True
        found.append(bundle)
    return found


def make_levels(random: Random, products: list[Row], places: list[Row], until: datetime) -> list[Row]:
    """The level of each variant's item at each place."""
    return [
        make_level(variant["inventoryItem"], place, random.randint(-2, 80),
                   stamp(until - timedelta(minutes=random.randint(60, 50_000))))
        for product in products
        for variant in product["variants"]
        for place in places
    ]  # fmt: skip


def make_level(item: Row, place: Row, quantity: int, changed: str) -> Row:
    key = place["legacyResourceId"]
    return {
        "__typename": "InventoryLevel",
        "id": f"gid://shopify/InventoryLevel/{key}?inventory_item_id={item['legacyResourceId']}",
        "item": item, "location": place, "on_hand": quantity, "committed": 0, "updatedAt": changed,
        "createdAt": changed, "isActive": True, "canDeactivate": True,
    }  # fmt: skip


def _product(random: Random, number: int, until: datetime, base: str, sized: bool | None = None) -> Row:
    sized = random.random() < 0.4 if sized is None else sized
    many = random.random() < 0.05 and sized
    changed = stamp(until - timedelta(minutes=random.randint(60, 500_000)))
    name = f"{NAMES[number % len(NAMES)].replace('~', ' ')} {number}"
    options = [{"name": "Title", "values": ["Default Title"]}]
    values = [("Default Title",)]
    if sized:
        options = [{"name": "Size", "values": list(SIZES)}]
        values = [(size,) for size in SIZES]
    if many:
        options.append({"name": "Colour", "values": list(COLOURS)})
        values = [(size, colour) for size in SIZES for colour in COLOURS]
    key = 8_000_000 + number
    product: Row = {
        "__typename": "Product", "id": gid("Product", key), "legacyResourceId": str(key), "title": name,
        "handle": f"product-{number}", "descriptionHtml": f"<p>{name}</p>", "vendor": random.choice(["Acme", "Öko"]),
        "productType": random.choice(["Clothing", "Home", ""]),
        "category": {"id": gid("TaxonomyCategory", "aa-1"), "fullName": "Apparel & Accessories > Clothing",
                     "name": "Clothing"} if random.random() < 0.3 else None,
        "tags": random.sample(["new", "sale", "été"], random.randint(0, 2)),
        "status": random.choices(["ACTIVE", "DRAFT", "ARCHIVED"], [90, 6, 4])[0],
        "hasOnlyDefaultVariant": not sized, "isGiftCard": number % 50 == 49,
        "hasVariantsThatRequiresComponents": False, "bundleComponents": [],
        "options": [{"id": gid("ProductOption", key * 10 + place), "position": place + 1, "optionValues": [], **option}
                    for place, option in enumerate(options)],
        "media": [_picture(base, key, place) for place in range(random.choice([0, 0, 1, 2]))],
        "createdAt": stamp(until - timedelta(days=400)), "updatedAt": changed,
        "publishedAt": changed if random.random() < 0.9 else None, "variants": [],
    }  # fmt: skip
    tracked = random.random() < 0.7
    for place, chosen in enumerate(values):
        product["variants"].append(_variant(random, product, key, place, chosen, tracked, changed))
    return product


def _variant(random: Random, product: Row, key: int, place: int, chosen: tuple, tracked: bool, changed: str) -> Row:
    own = key * 100 + place
    item: Row = {
        "__typename": "InventoryItem", "id": gid("InventoryItem", own + 5), "legacyResourceId": str(own + 5),
        "sku": f"SKU-{key}-{place}", "tracked": tracked, "requiresShipping": True, "updatedAt": changed,
        "createdAt": changed,
        "unitCost": {"amount": decimal(random.randint(20, 900)), "currencyCode": "USD"}
        if random.random() < 0.5 else None,
        "measurement": {"id": gid("InventoryItemMeasurement", own),
                        "weight": {"unit": random.choice(["GRAMS", "POUNDS"]), "value": random.randint(1, 900) / 4}},
    }  # fmt: skip
    variant: Row = {
        "__typename": "ProductVariant", "id": gid("ProductVariant", own), "legacyResourceId": str(own),
        "title": " / ".join(chosen), "displayName": f"{product['title']} - {' / '.join(chosen)}",
        "sku": item["sku"] if random.random() < 0.95 else "",
        "barcode": f"{7_200_000_000_000 + own}" if random.random() < 0.5 else None,
        "price": decimal(random.randint(100, 9000)), "compareAtPrice": None, "taxable": True, "position": place + 1,
        "inventoryPolicy": "DENY", "inventoryItem": item, "product": product, "media": [], "updatedAt": changed,
        "createdAt": changed, "requiresComponents": False, "availableForSale": True,
        "selectedOptions": [{"name": option["name"], "value": value}
                            for option, value in zip(product["options"], chosen, strict=True)],
    }  # fmt: skip
    item["variants"] = [variant]
    item["variant"] = variant
    return variant


def _picture(base: str, key: int, place: int) -> Row:
    url = f"{base}/images/{key}-{place}.png?v=17"
    image = {"url": url, "altText": "", "id": gid("ImageSource", key)}
    return {"__typename": "MediaImage", "id": gid("MediaImage", key * 10 + place), "mediaContentType": "IMAGE",
            "status": "READY", "alt": "", "image": image}  # fmt: skip
