"""The tables of a BioTrack shop that matter to those who read it, as PostgreSQL knows them.

No foreign keys and hardly an index: every link is by convention. Flags are smallint 0 or 1. `OLD` is what shops had in
2015, `NEWER` has columns more. What is left out: growing, labels, state reporting, cash drawers.
"""

from __future__ import annotations

OLD, NEWER = "2015", "newer"

# Columns by type, in one text a table: "type: names" lines. The first column of a table is its primary key.
_TABLES: dict[str, str] = {
    "orgdata": "bigserial: id\ntext: orgname orgunique\nbigint: orgid replication_val",
    "version": "bigserial: versionnum\nbigint: replication_val",
    "locations": """
        bigserial: id
        text: name address1 city phone licensenum
        varchar(2): state
        varchar(9): zip
        smallint: deleted locationtype retail medical
    """,
    "terminals": """
        bigserial: id
        text: terminalname last_user
        smallint: location deleted kiosk
        bigint: defaultroom lastseen
    """,
    "inventoryrooms": """
        bigserial: id
        text: roomname
        bigint: location transactionid replication_val
        smallint: deleted quarantine
    """,
    "inventorytypes": "bigserial: id\ntext: name\nsmallint: retail deleted",
    "inventorygrading": "bigserial: id\ntext: name pricepoint\nnumeric: rateamount\nsmallint: deleted",
    "vendors": "bigserial: id\ntext: name city phone\nsmallint: deleted\ninteger!: accting_invoices_customer_id",
    "strains": "bigserial: id\ntext: strainname straintype\nbigint: location\nsmallint: deleted",
    "taxcategories": "bigserial: id\ntext: name breakdown\nnumeric: rate fee\nbigint: location\nsmallint: deleted",
    "productcategories": """
        bigserial: id
        text: name pricepoint
        bigint: location
        smallint: deleted noinventoryroom
        timestamp: created modified
    """,
    "products": """
        bigserial: id
        text: name strain pricepoint image externalbarcode productdescription sharedcategories ndc pricepoint_alternate
        bigint: taxcategory productcategory location defaultvendor replication_val
        smallint: applymemberdiscount ismedicated requiresweighing requiresinventory deleted inventorytype ismembersonly
        smallint: prepack taxcategory_alternate
        numeric: defaultusable costperunit
        timestamp: created modified
    """,
    "productslog": """
        bigserial: logid
        bigint: id productcategory location sessiontime
        text: name pricepoint lastuser
        integer: lastaction
    """,
    "inventory": """
        varchar(16): id
        text: strain roomdata batchno
        numeric: weight remainingweight pricein priceout quantity cost_per_unit
        bigint: location! productid currentroom lastroom transactionid vendorid grade expiration sessiontime
        smallint: deleted transferredout dispensed requiresweighing inventorytype inventorystatus seized is_sample
        timestamp: created
    """,
    "memberdiscount": """
        bigserial: id
        text: membername
        numeric: rate
        bigint: location
        smallint: enabled deleted caregiver
    """,
    "mdiscount": "bigserial: id\nbigint: location\nsmallint: enabled autofallback",
    "loyaltypoints": """
        bigserial: id
        bigint: location
        numeric: pointsearned redemptionvalue redemptionpoints
        smallint: enabled memberonly
    """,
    "customers": """
        varchar(10): customerid
        text: lastname firstname middlename phone cell email address1 address2 city state zip licensenum redcard userid
        varchar(2): birthmonth birthday
        varchar(4): birthyear
        smallint: ismember emailoptin smsoptin deleted sex
        bigint: location createdate membersince visits replication_val
        numeric: points amountspent customerbalance
        timestamp: created modified
        integer!: accting_invoices_customer_id
    """,
    "customerslog": """
        bigserial: logid
        varchar(10): customerid
        bigint: location sessiontime
        text: lastname firstname lastuser
        integer: lastaction
    """,
    "tickets": """
        bigserial: ticketserial
        varchar(16): id refticketid
        numeric: price tax totalprice tendered change refundprice refundtax refundtotalprice ticketpoints
        bigint: terminal datetime location transactionid transactionid_original replication_val
        text: userid voidedby voidreason
        varchar(10): customerid
        smallint: deleted taxexempt pif preorder
        timestamp: created modified
    """,
    "sales": """
        bigserial: id
        varchar(16): ticketid refticketid
        text: strain pricepoint inventoryid
        numeric: price tax total weight usableweight price_post_discount
        bigint: location productid datetime terminalid returnsaleid returntime transactionid transactionid_original
        varchar(10): customerid
        smallint: ismedicated requiresweighing deleted refunded restocked
        integer: taxcat itemnumber
    """,
    "salesinventory": """
        bigserial: id
        bigint: saleid room sessiontime
        text: inventoryid
        numeric: quantity price weight
        smallint: deleted
    """,
    "payments": """
        bigserial: id
        varchar(16): ticketid refticketid
        text: paymentmethod approvalcode
        numeric: paymentamount amount pointsused
        varchar(10): customerid
        bigint: datetime location terminalid
        smallint: deleted refunded on_account
    """,
    "paymentmethods": "bigserial: id\ntext: name\nsmallint: active\nbigint: location",
    "discounts": """
        bigserial: id
        varchar(16): ticketid refticketid
        bigint: saleid location datetime
        text: discounttext discountcode userid
        numeric: rateamount amount
        smallint: ispercentagerate isreward deleted istaxable refunded
        timestamp: created modified
    """,
    "preordertickets": """
        bigserial: id
        text: customerid lastname firstname
        bigint: sessiontime location orderid
        numeric: total actualtotal
        smallint: status deleted completed verified
    """,
    "preordersales": """
        bigserial: id
        bigint: ticketid productid location sessiontime
        text: customerid
        numeric: quantity
        smallint: status deleted completed
    """,
}
_ADDED: dict[str, str] = {
    "tickets": "smallint: is_a_delivery\ntimestamptz: modified_on",
    "products": "text: manufacturer producer\ntimestamptz: modified_on",
    "sales": """
        numeric: price_adjusted_for_ticket_discounts price_post_everything tax_collected tax_collected_excise tax_excise
        smallint: is_medical
        integer: sale_type
        timestamptz: modified_on
    """,
}
_DEFAULTS = {"created": "now()", "inventorytype": "-1", "emailoptin": "1", "smsoptin": "1", "pif": "1"}


def columns(table: str, generation: str) -> dict[str, str]:
    """Name and declaration of the columns of a table."""
    found: dict[str, str] = {}
    for line in f"{_TABLES[table]}\n{_ADDED.get(table, '') if generation == NEWER else ''}".splitlines():
        kind, _colon, names = line.strip().partition(":")
        for name in names.split():
            required = " NOT NULL" if kind.endswith("!") or name.endswith("!") else ""
            default = f" DEFAULT {_DEFAULTS[name]}" if name in _DEFAULTS else ""
            found[name.rstrip("!")] = f"{kind.rstrip('!')}{default}{required}"
    return found


def statements(generation: str) -> list[str]:
    """What makes the tables."""
    made = []
    for table in _TABLES:
        first, *rest = columns(table, generation).items()
        parts = [f"{first[0]} {first[1]} PRIMARY KEY", *(f"{name} {declared}" for name, declared in rest)]
        made.append(f"CREATE TABLE {table} ({', '.join(parts)})")
    return made
