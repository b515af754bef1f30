"""What a connection to a BioTrack database is set up with."""

from __future__ import annotations

from ...flows import Flow
from ...settings import Setting, SettingKind
from .prices import CATEGORY, CHAIN, LOT, POINT, SALE
from .rooms import BULK, BY_ROOM, SUMMED

SETTINGS = (
    Setting("host", "Host", place=True, help="Name or address of the computer with the database, as seen from Odoo."),
    Setting(
        "port",
        "Port",
        SettingKind.INTEGER,
        default="5432",
        place=True,
        help="5432, unless BioTrack's support names another.",
    ),
    Setting("database", "Database", help="Its name, as BioTrack's support gave it to you."),
    Setting("user", "User", help="Of the database, not of BioTrack's own program. One who may only read."),
    Setting("password", "Password", SettingKind.SECRET, help="Of that user."),
    Setting(
        "sslmode",
        "SSL",
        SettingKind.CHOICE,
        default="require",
        choices=(
            ("require", "Required"),
            ("verify-ca", "Required, with a certificate signed by the root certificate below"),
            ("verify-full", "Required, and its certificate names the host"),
            ("prefer", "Where offered"),
            ("disable", "Never"),
        ),
        help="“Where offered” and “Never” only inside a VPN.",
    ),
    Setting(
        "ssl_certificate",
        "Client certificate",
        SettingKind.SECRET,
        required=False,
        help="The text of postgresql.crt, where BioTrack's support gave you one.",
    ),
    Setting(
        "ssl_key", "Key of the client certificate", SettingKind.SECRET, required=False, help="Of postgresql.key."
    ),
    Setting("ssl_root", "Root certificate", SettingKind.SECRET, required=False, help="Of root.crt."),
    Setting(
        "old_tls",
        "Old encryption",
        SettingKind.BOOLEAN,
        required=False,
        help="Allow TLS 1.0 and 1.1, for databases on old computers.",
    ),
    Setting(
        "timezone",
        "Time zone",
        help="Of the shop, such as America/Denver: the database keeps times in it and does not name it.",
    ),
    Setting("currency", "Currency", default="USD", help="Of all amounts, which the database does not name."),
    # Prices, rooms and places are compared from pass to pass: what a change of these settings concerns, and only
    # that, comes with the next one. So they feed no flow.
    Setting(
        "price_level",
        "Member level",
        SettingKind.CHOICE,
        required=False,
        help="Whose prices are taken. Empty: who is no member.",
        choices_from="price_levels",
    ),
    Setting(
        "price_source",
        "Price from",
        SettingKind.CHOICE,
        default=CHAIN,
        choices=(
            (CHAIN, "The first of these that tells one"),
            (POINT, "The product's price point"),
            (CATEGORY, "The category's price point"),
            (LOT, "The newest lot"),
            (SALE, "The last sale, before discounts"),
        ),
    ),
    Setting(
        "rooms",
        "Rooms",
        SettingKind.CHOICES,
        default=str(BULK),
        choices=((str(BULK), "Bulk"),),
        choices_from="rooms",
        help="Whose goods are for sale. Bulk is where goods lie that are in no room: keep it beside others if it "
        "counts too.",
    ),
    Setting(
        "stock_by",
        "Stock by",
        SettingKind.CHOICE,
        default=SUMMED,
        choices=((SUMMED, "Location, its rooms summed"), (BY_ROOM, "Room")),
        feeds=(Flow.SETUP_PULL,),
    ),
    Setting(
        "window",
        "Days to look back",
        SettingKind.INTEGER,
        default="14",
        help="How old a ticket may be whose void or refund the next pull finds. Later ones come at night.",
    ),
    Setting(
        "details",
        "Address and birthday",
        SettingKind.BOOLEAN,
        required=False,
        help="Of customers. Without it only names, e-mail, phone, member level and points are read.",
        feeds=(Flow.CUSTOMERS_PULL,),
    ),
)
