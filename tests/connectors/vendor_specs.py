"""What vendors say of their own API: their specifications, and whether a request or an answer keeps to them."""

from __future__ import annotations

import json
import os
import re
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from graphql import parse, validate
from graphql.execution.values import get_variable_values
from jsonschema import Draft4Validator
from jsonschema.protocols import Validator

from sandbox.shopify.schema import vendors
from tests.connectors.loopback import Reply, Request

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("VENDOR_SPECS") or ROOT / "../shared/specs")


def vendor_folder(system: str) -> Path:
    """The folder of a system's specifications; skips the test where there is none."""
    folder = FOLDER / system
    if not folder.is_dir():
        pytest.skip(f"the vendor's specification of {system} is not here: set VENDOR_SPECS to where it is")
    return folder


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


class OpenApi:
    """An OpenAPI 3.0 description. `check` collects in `violations` what does not keep to it."""

    def __init__(self, path: Path):
        self._spec = _nullable(read_json(path))
        self.violations: list[str] = []
        self._valid: set[tuple[str, str]] = set()
        self.seen: set[str] = set()

    def check(self, request: Request, reply: Reply) -> None:
        """A request that was answered, and its answer: the operation, its parameters, both bodies."""
        target = urlsplit(request.path)
        operation = self._operation(request.method, target.path)
        if operation is None:
            # Only the API is described, not its pictures.
            if target.path.startswith("/v2"):
                self.violations.append(f"{request.method} {target.path} is no operation")
            return
        name = operation["operationId"]
        self.seen.add(name)
        known = {item["name"] for item in operation.get("parameters", ()) if item.get("in") == "query"}
        for parameter, _value in parse_qsl(target.query):
            if parameter not in known:
                self.violations.append(f"{name}: no parameter {parameter}")
        if request.body:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self._validate(f"{name} request", schema, json.loads(request.body))
        if reply.status == 200:
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            answer = json.loads(reply.body)
            properties = self._resolve(schema).get("properties", {})
            # What is listed is checked row by row, each once: the same rows come again and again.
            for key, rows in answer.items():
                if isinstance(rows, list) and "items" in properties.get(key, {}):
                    for row in rows:
                        self._validate(f"{name} answer/{key}", properties[key]["items"], row)
                    answer[key] = []
            self._validate(f"{name} answer", schema, answer)

    def errors(self, schema: str, value: Any) -> list[str]:
        """What of a value is not as the named schema has it."""
        found = self._validator({"$ref": f"#/components/schemas/{schema}"}).iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]

    def has(self, schema: str) -> bool:
        return schema in self._spec["components"]["schemas"]

    def _validate(self, where: str, schema: dict[str, Any], value: Any) -> None:
        known = (where, json.dumps(value, sort_keys=True))
        if known in self._valid:
            return
        found = [
            f"{where}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in self._validator(schema).iter_errors(value)
        ]
        found += [f"{where}: {path} is not described" for path in self._unknown(schema, value, "")]
        self.violations += found
        if not found:
            self._valid.add(known)

    def _unknown(self, schema: dict[str, Any], value: Any, path: str) -> list[str]:
        """Paths of what a value has and its schema does not name: a misspelled key validates otherwise."""
        schema = self._resolve(schema)
        if isinstance(value, dict) and "properties" in schema:
            found = []
            for key, inner in value.items():
                if key not in schema["properties"]:
                    found.append(f"{path}/{key}")
                else:
                    found += self._unknown(schema["properties"][key], inner, f"{path}/{key}")
            return found
        if isinstance(value, list) and "items" in schema:
            return [item for inner in value for item in self._unknown(schema["items"], inner, f"{path}/*")]
        return []

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self._resolve(self._spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        parts = schema.get("allOf") or ()
        return self._resolve(parts[0]) if len(parts) == 1 and "properties" not in schema else schema

    @cached_property
    def _validators(self) -> dict[str, Validator]:
        return {}

    def _validator(self, schema: dict[str, Any]) -> Validator:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            self._validators[key] = Draft4Validator({"components": self._spec["components"], **schema})
        return self._validators[key]

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        """Of the pattern that names the most of the path literally."""
        found = [
            (pattern.count("{"), methods[method.lower()])
            for pattern, methods in self._spec["paths"].items()
            if method.lower() in methods and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", pattern), path)
        ]
        return min(found, key=lambda pair: pair[0])[1] if found else None


class GraphQl:
    """A GraphQL schema. `check` collects in `violations` what a request asks that the schema does not have."""

    def __init__(self, path: Path):
        self.schema = vendors(path)
        self.violations: list[str] = []
        self.seen: set[str] = set()

    def check(self, request: Request, reply: Reply) -> None:
        """A request that was answered, and its answer: the document, its variables, errors that name a field."""
        if not request.path.endswith("/graphql.json"):
            return
        body = json.loads(request.body)
        if body["query"] not in self.seen:
            self.seen.add(body["query"])
            found = validate(self.schema, parse(body["query"]))
            self.violations += [f"{error.message} in {body['query'][:60]}" for error in found]
        operation = parse(body["query"]).definitions[0]
        given = get_variable_values(self.schema, operation.variable_definitions or (), body["variables"])
        if isinstance(given, list):
            self.violations += [error.message for error in given]
        answer = json.loads(reply.body)
        errors = answer.get("errors") if isinstance(answer.get("errors"), list) else ()
        self.violations += [
            f"answered: {error['message']}"
            for error in errors
            if error.get("path") and (error.get("extensions") or {}).get("code") != "ACCESS_DENIED"
        ]


@cache
def graph_ql(system: str, name: str) -> GraphQl | None:
    """Read once a process; None where the specifications are not here."""
    return GraphQl(FOLDER / system / name) if FOLDER.is_dir() else None


@cache
def open_api(system: str, name: str) -> OpenApi | None:
    """Read once a process; None where the specifications are not here."""
    return OpenApi(FOLDER / system / name) if FOLDER.is_dir() else None


def _nullable(value: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(value, dict):
        value = {key: _nullable(inner) for key, inner in value.items()}
        if value.get("nullable") and isinstance(value.get("type"), str):
            value["type"] = [value["type"], "null"]
        return value
    return [_nullable(inner) for inner in value] if isinstance(value, list) else value
