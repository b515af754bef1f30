"""Words to name things with."""

from __future__ import annotations

FIRST_NAMES = """
    Ada Alan Amélie Björn Carla Chloé Daniel Dolores Edith Emil Esther Fatima François Grace Håkon Inés Ivan José Julia
    Karen Łukasz Lars María Miguel Nadia Noël Olga Óscar Pablo Quinn Rosa Søren Tom Tomás Uma Víctor Wanda Xavier Yara
    Zoë
""".split()
LAST_NAMES = """
    Abbott Álvarez Becker Bryant Castillo Çelik Delgado Dubois Eriksson Fischer García Grönholm Hopper Ibáñez Jensen
    Johnson Kowalski Larsson Lovelace Müller Nguyen Núñez O'Neil Peña Quiroga Ramírez Sánchez Şahin Taylor Ünal Vasquez
    Weiß Young Zúñiga
""".split()
STRAINS = """
    Amber Badger Cedar Dusk Ember Falcon Glacier Harbor Indigo Jasper Kestrel Lantern Meadow Nimbus Orchard Pebble
    Quartz River Sable Tundra Umber Velvet Willow Yarrow Zephyr
""".split()
KINDS = "Haze Kush Cookies Diesel Cream Express Punch Glue Mint Berry".split()
STREETS = "Cedar St,Harbor Ave,Mill Rd,Station Sq,Orchard Ln".split(",")
VENDORS = "Green Valley,North Fork Farms,Río Verde,Blue Mesa,Old Mill Extracts,Sunny Slope".split(",")
CATEGORIES = (
    # name, sold by weight, inventory type, grams in a piece
    ("Flower", True, 28, None),
    ("Prepacked Flower 3.5 g", False, 28, "3.5"),
    ("Pre-Rolls", False, 23, "1"),
    ("Edibles", False, 22, None),
    ("Concentrates", False, 24, "0.5"),
    ("Tinctures", False, 22, None),
    ("Shake", True, 28, None),
    ("Accessories", False, -1, None),
)
TYPES = {22: "Infused Edible", 23: "Pre-Roll", 24: "Concentrate", 28: "Usable Flower"}
