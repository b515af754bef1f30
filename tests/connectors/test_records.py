from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from connectors import records as rec

UTC = timezone.utc
PRICE = {"amount": Decimal("9.90"), "currency": "EUR"}


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        (rec.Price, {**PRICE, "amount": 9.9}, "Price.amount must be a Decimal, not float"),
        (rec.Price, {**PRICE, "amount": Decimal("NaN")}, "must be a finite number"),
        (rec.Price, {**PRICE, "currency": "euro"}, "'euro' is no ISO code"),
        (rec.Price, {**PRICE, "currency": None}, "must be a currency code"),
        (rec.Location, {"external_id": "", "name": "Shop"}, "Location.external_id is empty"),
        (rec.Location, {"external_id": 7, "name": "Shop"}, "Location.external_id must be str, not int"),
        (rec.Location, {"external_id": "1", "name": None}, "Location.name must be str, not NoneType"),
        (rec.Location, {"external_id": "1", "name": "Shop", "archived": 1}, "must be bool, not int"),
        (rec.ComboItem, {"variant_id": "1", "extra_price": 1}, "must be a Decimal, not int"),
        (rec.OptionValue, {"option": "Size", "value": "L", "position": True}, "must be an integer, not bool"),
        (rec.Product, {"external_id": "1", "name": "Tea", "variants": ()}, "Product 1 has no variant"),
        (rec.Product, {"external_id": "1", "name": "Tea", "variants": []}, "must be a tuple, not list"),
        (rec.Product, {"external_id": "1", "name": "Tea", "variants": (), "kind": "goods"}, "must be ProductKind"),
        (
            rec.StockLevel,
            {
                "external_id": "1",
                "variant_id": "1",
                "location_id": "2",
                "quantity": Decimal(1),
                "updated_at": datetime(2026, 3, 29, 1, 30),  # noqa: DTZ001 - that is the mistake
            },
            "must be an aware datetime in UTC",
        ),
    ],
)
def test_a_wrong_value_is_refused_where_the_record_is_made(kind, values, says):
    with pytest.raises(ValueError, match=r"is |must|has") as caught:
        kind(**values)
    assert says in str(caught.value)


def test_a_moment_of_another_zone_is_refused():
    with pytest.raises(ValueError, match="in UTC"):
        rec.Location(external_id="1", name="Shop", updated_at=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))))


def test_records_do_not_change_and_raw_does_not_count():
    one = rec.CustomerGroup(external_id="1", name="Staff", raw={"id": 1})
    assert one == rec.CustomerGroup(external_id="1", name="Staff", raw={"id": "other"})
    assert "raw" not in repr(one)
    with pytest.raises(AttributeError):
        one.name = "Guests"


def test_a_stock_level_is_named_by_its_two_parts():
    assert rec.stock_id("variant-5", "warehouse-1") == "variant-5@warehouse-1"
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert rec.StockLevel(
        external_id="a@b", variant_id="a", location_id="b", quantity=Decimal(-2), updated_at=moment
    ).quantity == Decimal(-2)
