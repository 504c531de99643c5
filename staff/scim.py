"""SCIM 2.0 as directories speak it, read into plain values and written from them.

RFC 7643 and 7644, with what Entra ID makes of them: booleans as words, operations with a capital letter, changes without a
path, values wrapped in lists. What we do not keep (departments, managers, telephone numbers) is read over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
CONTENT_TYPE = "application/scim+json"
MOST_AT_ONCE = 200

TEXTS = {
    "username": "user_name",
    "externalid": "external_id",
    "name.givenname": "given_name",
    "name.familyname": "family_name",
    "displayname": "display_name",
    "emails": "email",
    f"{ENTERPRISE}:employeenumber".lower(): "staff_number",
}
LONGEST = {
    "user_name": 254,
    "external_id": 254,
    "given_name": 150,
    "family_name": 150,
    "display_name": 300,
    "email": 254,
    "staff_number": 40,
}
_FILTER = re.compile(r'^\s*(userName|externalId|id)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$', re.IGNORECASE)
_OF_AN_EMAIL = re.compile(r"^emails(\[[^\]]*\])?(\.value)?$")


class ScimError(ValueError):
    """What the directory sent cannot be done. The text goes back to it, with a status and SCIM's word for the kind of fault."""

    def __init__(self, detail: str, *, status: int = 400, kind: str = "") -> None:
        super().__init__(detail)
        self.status, self.kind = status, kind


@dataclass(frozen=True)
class Wanted:
    """Which users a directory asks for: one field with one value, or all."""

    field: str = ""
    value: str = ""


def read_filter(text: str) -> Wanted:
    """``userName eq "x"``, and the same with externalId or id.

    Raises:
        ScimError: any other filter.
    """
    if not text:
        return Wanted()
    match = _FILTER.match(text)
    if match is None:
        raise ScimError('Filter by userName, externalId or id, as in: userName eq "ada@example.org".', kind="invalidFilter")
    field = {"username": "user_name", "externalid": "external_id", "id": "id"}[match[1].lower()]
    return Wanted(field, re.sub(r"\\(.)", r"\1", match[2]))


def read_page(start: str, count: str) -> tuple[int, int]:
    """Where the page begins, counted from 1, and how many it holds. What is no number counts as not given."""
    first = int(start) if re.fullmatch(r"\d{1,9}", start) else 1
    most = int(count) if re.fullmatch(r"\d{1,9}", count) else MOST_AT_ONCE
    return max(1, first), min(most, MOST_AT_ONCE)


def read_user(body: Any) -> dict[str, Any]:
    """A whole user, as plain values; what is missing is missing.

    Raises:
        ScimError: it is no object, or a value is not of its kind.
    """
    if not isinstance(body, dict):
        raise ScimError("Send one user as an object.", kind="invalidSyntax")
    return _tidy(_values_of(body))


def read_patch(body: Any) -> dict[str, Any]:
    """The values that a PATCH sets; a removed text becomes empty.

    Raises:
        ScimError: it is not a list of operations, an operation is unknown, or a value is not of its kind.
    """
    operations = _without_case(body).get("operations") if isinstance(body, dict) else None
    if not isinstance(operations, list):
        raise ScimError("Send the changes as a list called Operations.", kind="invalidSyntax")
    found: dict[str, Any] = {}
    for operation in operations:
        if not isinstance(operation, dict):
            raise ScimError("Each operation must be an object.", kind="invalidSyntax")
        found |= _read_operation(_without_case(operation))
    return _tidy(found)


def _read_operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    verb, path, value = str(operation.get("op", "")).lower(), operation.get("path"), operation.get("value")
    if verb not in ("add", "replace", "remove"):
        raise ScimError("An operation is add, replace or remove.", kind="invalidSyntax")
    if path is not None and not isinstance(path, str):
        raise ScimError("A path is a text.", kind="invalidPath")
    if verb == "remove":
        if not path:
            raise ScimError("Say by its path what to remove.", kind="noTarget")
        return _values_of({path: ""}) if _plain_path(path) != "active" else {"active": False}
    if path:
        return _values_of({path: value})
    if not isinstance(value, dict):
        raise ScimError("Without a path, the value must be an object.", kind="invalidSyntax")
    return _values_of(value)


def _values_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that we keep, by our names; the rest is read over."""
    found: dict[str, Any] = {}
    for path, value in given.items():
        name = _plain_path(path)
        if name == "active":
            found["active"] = _truth(value)
        elif name in TEXTS:
            found[TEXTS[name]] = _email(value) if name == "emails" else _text(value)
        elif isinstance(value, dict) and name in ("name", ENTERPRISE.lower()):
            joint = "." if name == "name" else ":"
            found |= _values_of({f"{name}{joint}{inner}": part for inner, part in value.items()})
    return found


def _plain_path(path: str) -> str:
    name = path.strip().lower().removeprefix(f"{USER}:".lower())
    return "emails" if _OF_AN_EMAIL.match(name) else name


def _tidy(values: dict[str, Any]) -> dict[str, Any]:
    for name, longest in LONGEST.items():
        if len(values.get(name, "")) > longest:
            raise ScimError(f"The value for {name} is longer than {longest} characters.", kind="invalidValue")
    shown = values.pop("display_name", "")
    if shown and "given_name" not in values and "family_name" not in values:
        values["given_name"], _space, values["family_name"] = (part[:150] for part in shown.partition(" "))
    return values


def _unwrapped(value: Any) -> Any:
    """Entra ID wraps a value, at times, into an object, and that into a list."""
    while (isinstance(value, list) and len(value) == 1) or (isinstance(value, dict) and "value" in value):
        value = value[0] if isinstance(value, list) else value["value"]
    return value


def _truth(value: Any) -> bool:
    said = _unwrapped(value)
    if isinstance(said, str):
        said = {"true": True, "false": False}.get(said.strip().lower())
    if not isinstance(said, bool):
        raise ScimError("“active” is true or false.", kind="invalidValue")
    return said


def _text(value: Any) -> str:
    said = _unwrapped(value)
    if said is None:
        return ""
    if not isinstance(said, str | int) or isinstance(said, bool):
        raise ScimError("A name, number or address is a text.", kind="invalidValue")
    text = str(said).strip()
    if any(ord(character) < 32 for character in text):
        raise ScimError("A text holds no control characters.", kind="invalidValue")
    return text


def _email(value: Any) -> str:
    """The primary address of several, or the one for work, or the first."""
    if isinstance(value, list):
        held = [_without_case(entry) for entry in value if isinstance(entry, dict)]
        best = sorted(held, key=lambda entry: (str(entry.get("primary")).lower() != "true", entry.get("type") != "work"))
        return _text(best[0].get("value")) if best else ""
    return _text(value)


def _without_case(given: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in given.items()}


def user_resource(values: Mapping[str, Any], *, address: str) -> dict[str, Any]:
    """One user, as SCIM writes it. ``values`` are plain; ``address`` is where it is found."""
    resource: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE],
        "id": values["id"],
        "userName": values["user_name"],
        "active": values["active"],
        "name": {"givenName": values["given_name"], "familyName": values["family_name"]},
        "displayName": f"{values['given_name']} {values['family_name']}".strip(),
        "meta": {
            "resourceType": "User",
            "created": values["created"],
            "lastModified": values["changed"],
            "location": address,
        },
    }
    if values["external_id"]:
        resource["externalId"] = values["external_id"]
    if values["email"]:
        resource["emails"] = [{"value": values["email"], "type": "work", "primary": True}]
    if values["staff_number"]:
        resource[ENTERPRISE] = {"employeeNumber": values["staff_number"]}
    return resource


def list_of(resources: list[dict[str, Any]], *, total: int, start: int = 1) -> dict[str, Any]:
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def error_of(error: ScimError) -> dict[str, Any]:
    body = {"schemas": [ERROR], "status": str(error.status), "detail": str(error)}
    return body | ({"scimType": error.kind} if error.kind else {})


CONFIGURATION: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": MOST_AT_ONCE},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
    "authenticationSchemes": [
        {"type": "oauthbearertoken", "name": "Bearer token", "description": "Made by an administrator of the organisation."}
    ],
}
RESOURCE_TYPES: list[dict[str, Any]] = [
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "schema": USER,
        "schemaExtensions": [{"schema": ENTERPRISE, "required": False}],
    }
]


def _attribute(name: str, **more: Any) -> dict[str, Any]:
    plain = {"type": "string", "multiValued": False, "required": False, "caseExact": False, "mutability": "readWrite"}
    return {"name": name} | plain | {"returned": "default", "uniqueness": "none"} | more


_NAME = [_attribute("givenName"), _attribute("familyName")]
_EMAIL = [_attribute("value"), _attribute("type"), _attribute("primary", type="boolean")]
SCHEMAS: list[dict[str, Any]] = [
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": USER,
        "name": "User",
        "attributes": [
            _attribute("userName", required=True, uniqueness="server"),
            _attribute("externalId", caseExact=True),
            _attribute("name", type="complex", subAttributes=_NAME),
            _attribute("displayName"),
            _attribute("emails", type="complex", multiValued=True, subAttributes=_EMAIL),
            _attribute("active", type="boolean"),
        ],
    },
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": ENTERPRISE,
        "name": "EnterpriseUser",
        "attributes": [_attribute("employeeNumber")],
    },
]
