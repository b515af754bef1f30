"""What the stand-in of older Odoos takes for true is what their sources say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors import odoo_facts as facts
from tests.connectors.vendor_specs import read_json, vendor_folder

VERSIONS = range(14, 19)


@pytest.fixture(scope="module")
def stated() -> dict[str, Any]:
    return read_json(vendor_folder("odoo") / "odoo_versions.json")["versions"]


@pytest.mark.parametrize("version", VERSIONS)
def test_models_and_fields(stated: dict[str, Any], version: int) -> None:
    there = stated[str(version)]["models"]
    wrong = []
    for model in {model for any_version in (*VERSIONS, 19) for model in facts.models(any_version)}:
        own, theirs = facts.models(version).get(model), there.get(model)
        if (own is None) != (theirs is None):
            wrong.append(model)
            continue
        names = {name for any_version in (*VERSIONS, 19) for name in facts.models(any_version).get(model, ())}
        for name in names if own is not None else ():
            if _ours(own.get(name)) != _theirs(model, theirs["fields"].get(name), own.get(name)):
                wrong.append(f"{model}.{name}: {_ours(own.get(name))}")
    assert wrong == []


def _ours(field: facts.Field | None) -> Any:
    return field and (field.kind, field.relation, field.number, field.stored, field.searched)


def _theirs(model: str, stated: dict[str, Any] | None, own: facts.Field | None) -> Any:
    if stated is None:
        return None
    kind = {"many2one": ">", "many2many": "*", "one2many": "<"}.get(stated["type"], "")
    relation = stated.get("relation", "")
    if kind == "<":
        relation += f".{stated['inverse']}"
    stored = stated.get("store", True)
    number = stated["type"] in ("integer", "float", "monetary")
    return kind, relation, number, stored, stored or stated.get("search", True)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_must_be_given(stated: dict[str, Any], version: int) -> None:
    """Of the models that the connector makes rows of: what is required, and neither computed nor given by itself."""
    there = stated[str(version)]["models"]
    for model in ("sale.order", "sale.order.line", "stock.picking", "stock.move", "product.template"):
        for name, field in facts.models(version)[model].items():
            row = there[model]["fields"][name]
            by_itself = row.get("has_default") or (row.get("computed") and name != "pricelist_id") or row.get("related")
            one_to_many = row["type"] == "one2many"
            assert field.needed == bool(row.get("required") and not by_itself and not one_to_many), f"{model}.{name}"


@pytest.mark.parametrize("version", VERSIONS)
def test_arguments(stated: dict[str, Any], version: int) -> None:
    there, base = stated[str(version)]["models"], stated[str(version)]["base_methods"]
    known = facts.arguments(version)
    for model in facts.models(version):
        for method in ("search_read", "search_count", "read", "write", "fields_get", "load", "read_group"):
            if method == "write" and model not in ("sale.order", "account.move", "stock.picking", "stock.move"):
                continue
            called = there[model].get("methods", {}).get(method) or base[method]
            names = [name.partition("=")[0] for name in called["params"]]
            own = known.get(f"{model}.{method}") or known[method]
            if "**kwargs" in names:
                continue
            assert ["**" if name.startswith("**") else name for name in names] == own, f"{model}.{method}"


@pytest.mark.parametrize("version", VERSIONS)
def test_methods_of_models(stated: dict[str, Any], version: int) -> None:
    there, base = stated[str(version)]["models"], stated[str(version)]["base_methods"]
    for name, own in facts.arguments(version).items():
        model, dot, method = name.rpartition(".")
        if dot:
            called = there[model].get("methods", {}).get(method) or base.get(method)
            assert called, name
            if own != ["**"]:
                names = [item.partition("=")[0] for item in called["params"]]
                assert [item for item in names if not item.startswith("*")] == [n for n in own if n != "**"], name


@pytest.mark.parametrize("version", VERSIONS)
def test_delegated_fields(stated: dict[str, Any], version: int) -> None:
    there = stated[str(version)]["models"]
    known = facts.models(version)
    for model in known:
        theirs = {(name, other) for other, name in (there[model].get("inherits") or {}).items() if other in known}
        given = facts.delegated(version).get(model)
        assert theirs == ({given} if given else set()), model
