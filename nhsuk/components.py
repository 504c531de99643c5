"""Turns Django's bound fields into the parameters of NHS.UK components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from nhsuk.forms import DateWidget

MORE_THAN_ONE_FILE = {
    "chooseFilesButtonText": "Choose files",
    "dropInstructionText": "or drop files",
    "noFileChosenText": "No files chosen",
}


@dataclass(frozen=True)
class Component:
    """The component that shows a field, and its parameters."""

    name: str
    params: dict[str, Any]


def component_of(bound: BoundField, *, heading: bool = False) -> Component:
    """The component for one field. With ``heading`` its label is the page's ``h1``."""
    widget = bound.field.widget
    params = _common_params(bound, heading=heading)
    if isinstance(widget, forms.CheckboxInput):
        return _single_checkbox(bound, params)
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.Select):
        return _choices(bound, params)
    if isinstance(widget, DateWidget):
        return _date(bound, params)
    if isinstance(widget, forms.FileInput):
        several = MORE_THAN_ONE_FILE if "multiple" in widget.attrs else {}
        return Component(
            "file_upload", params | several | {"attributes": {key: str(value) for key, value in widget.attrs.items()}}
        )
    return _text(bound, params)


def _common_params(bound: BoundField, *, heading: bool) -> dict[str, Any]:
    params: dict[str, Any] = {"name": bound.html_name}
    if bound.help_text:
        params["hint"] = {"text": str(bound.help_text)}
    if bound.errors:
        params["errorMessage"] = {"text": " ".join(str(error) for error in bound.errors)}
    label: dict[str, Any] = {"text": str(bound.label)}
    if heading:
        label |= {"classes": "nhsuk-label--l nhsuk-fieldset__legend--l", "isPageHeading": True}
    if isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple | DateWidget):
        legend = label if heading else label | {"classes": "nhsuk-fieldset__legend--s"}
        return params | {"fieldset": {"legend": legend}, "idPrefix": bound.auto_id}
    return params | {"label": label, "id": bound.auto_id}


def _text(bound: BoundField, params: dict[str, Any]) -> Component:
    widget = bound.field.widget
    if isinstance(widget, forms.PasswordInput):
        return Component("password", params | {"autocomplete": widget.attrs.get("autocomplete", "current-password")})
    params["value"] = "" if bound.value() is None else str(bound.value())
    if isinstance(widget, forms.Textarea):
        return Component("textarea", params | {"rows": str(widget.attrs.get("rows", 5))})
    params |= {key: widget.attrs[key] for key in ("autocomplete", "inputmode") if key in widget.attrs}
    if "list" in widget.attrs:
        params["attributes"] = {"list": widget.attrs["list"]}
    if "class" in widget.attrs:
        params["classes"] = widget.attrs["class"]
    return Component("input", params | {"type": getattr(widget, "input_type", "text")})


def error_list(form: forms.BaseForm) -> list[dict[str, str]]:
    """The errors of a form for its error summary, each linked to the control it is about."""
    errors = [{"text": str(error)} for error in form.non_field_errors()]
    for bound in form:
        errors.extend({"text": str(error), "href": f"#{_first_control(bound)}"} for error in bound.errors)
    return errors


def _first_control(bound: BoundField) -> str:
    return f"{bound.auto_id}-day" if isinstance(bound.field.widget, DateWidget) else bound.auto_id


def _choices(bound: BoundField, params: dict[str, Any]) -> Component:
    widget: Any = bound.field.widget
    value = bound.value()
    chosen = {str(v) for v in value} if isinstance(value, list | tuple | set) else {str(value)}
    is_select = not isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    mark = "selected" if is_select else "checked"
    items = [
        {"value": str(key), "text": str(text), mark: str(key) in chosen or (value is None and key == "")}
        for key, text in widget.choices
    ]
    params["items"] = items
    if is_select:
        return Component("select", params)
    return Component("checkboxes" if isinstance(widget, forms.CheckboxSelectMultiple) else "radios", params)


def _single_checkbox(bound: BoundField, params: dict[str, Any]) -> Component:
    item: dict[str, Any] = {"value": "on", "text": params["label"]["text"], "checked": bool(bound.value()), "id": bound.auto_id}
    if "hint" in params:
        item["hint"] = params.pop("hint")
    kept = {key: value for key, value in params.items() if key not in ("label", "id")}
    return Component("checkboxes", kept | {"items": [item], "idPrefix": bound.auto_id})


def _date(bound: BoundField, params: dict[str, Any]) -> Component:
    raw = bound.value()
    values = raw if isinstance(raw, list | tuple) else bound.field.widget.decompress(raw)
    widths = {"day": "2", "month": "2", "year": "4"}
    items = []
    for (part, width), value in zip(widths.items(), values, strict=True):
        item = {
            "name": f"{bound.html_name}_{part}",
            "label": part.capitalize(),
            "id": f"{bound.auto_id}-{part}",
            "classes": f"nhsuk-input--width-{width}",
            "value": "" if value is None else str(value),
            "error": bool(bound.errors),
        }
        items.append(item)
    kept = {key: value for key, value in params.items() if key not in ("idPrefix", "name")}
    return Component("date_input", kept | {"id": bound.auto_id, "items": items})
