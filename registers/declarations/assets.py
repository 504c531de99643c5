"""The register of assets among the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from registers.catalogue import Column, Figure, Register, register, share
from registers.forms.assets import AssetForm
from registers.keeping import Cell, Keeping, View
from registers.models import Answer, Asset, AssetKind, Ownership

SOON = timedelta(days=90)
"""How long before its support ends an asset wants replacing."""
CHECKED_WITHIN = timedelta(days=365)


def _assets(organisation: Organisation) -> Any:
    return Asset.objects.of(organisation).select_related("unit")


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    open_now = Asset.objects.of(organisation).open_on(on)
    link = reverse("registers:entry_list", kwargs={"register": "assets"})
    all_of_them, supportable = open_now.count(), open_now.exclude(kind=AssetKind.PAPER).count()
    unsupported, unknown = open_now.unsupported(on).count(), open_now.may_be_unsupported().count()
    supported = supportable - unsupported - unknown
    portable = open_now.portable_data()
    devices, encrypted = portable.count(), portable.filter(encrypted=Answer.YES).count()
    seen = open_now.filter(checked_on__gt=on - CHECKED_WITHIN, checked_on__lte=on).count()
    return [
        share(
            "assets.supported",
            supported,
            supportable,
            f"{supported} of {supportable} devices and systems are supported by their makers"
            f"{f'; {unsupported} are not' if unsupported else ''}{f'; of {unknown} nobody has said' if unknown else ''}.",
            definition="Devices, software and systems in use whose last day of updates has not passed, or that have none announced.",
            on=on,
            link=f"{link}?show=unsupported",
        ),
        share(
            "assets.encrypted",
            encrypted,
            devices,
            f"{encrypted} of {devices} devices that hold personal data are encrypted.",
            definition="Devices in use that hold personal data, or of which it is not known whether they do. Not known is not encrypted.",
            on=on,
            link=f"{link}?show=not-encrypted",
        ),
        share(
            "assets.checked",
            seen,
            all_of_them,
            f"{seen} of {all_of_them} assets were seen in the last 12 months.",
            definition="Assets in use whose last check is at most 365 days old.",
            on=on,
            link=f"{link}?show=not-seen",
        ),
    ]


def _not_seen(rows: Any, on: date) -> Any:
    return rows.exclude(checked_on__gt=on - CHECKED_WITHIN, checked_on__lte=on)


def _due(organisation: Organisation, on: date) -> int:
    return Asset.objects.of(organisation).open_on(on).unsupported(on + SOON).count()


def _support(asset: Asset, on: date) -> tuple[str, str] | None:
    if asset.kind == AssetKind.PAPER:
        return None
    supported = asset.is_supported(on)
    if supported is None:
        return ("Not known", "grey")
    if not supported:
        return ("Unsupported", "red")
    ends = asset.support_ends_on
    return ("Ends soon", "yellow") if ends and ends < on + SOON else ("Supported", "green")


def _encryption(asset: Asset, on: date) -> tuple[str, str] | None:
    if asset.kind != AssetKind.DEVICE:
        return None
    colour = {Answer.YES: "green", Answer.NO: "red", Answer.UNKNOWN: "grey"}.get(Answer(asset.encrypted), "white")
    return (asset.get_encrypted_display(), colour)


register(
    Register(
        slug="assets",
        title="Assets",
        purpose="Every device, system and set of papers that holds information: who looks after it and whether it is safe.",
        list_url="registers:entry_list",
        rows=_assets,
        columns=(
            Column("Reference", lambda row: row.reference, "reference"),
            Column("Name", lambda row: row.name, "name"),
            Column("Kind", lambda row: row.get_kind_display(), "kind"),
            Column("Whose", lambda row: row.get_ownership_display(), "ownership"),
            Column("Looked after by", lambda row: row.owner_post, "owner_post"),
            Column("Team or home", lambda row: str(row.unit or ""), "unit"),
            Column("Location", lambda row: row.location, "location"),
            Column("Serial number", lambda row: row.serial_number, "serial_number"),
            Column("Holds personal data", lambda row: row.get_holds_personal_data_display(), "holds_personal_data"),
            Column("Encrypted", lambda row: row.get_encrypted_display(), "encrypted"),
            Column("Screen lock", lambda row: row.get_screen_lock_display(), "screen_lock"),
            Column("Support ends on", lambda row: row.support_ends_on, "support_ends_on"),
            Column("No end of support announced", lambda row: row.support_has_no_end, "support_has_no_end"),
            Column("Importance", lambda row: row.get_importance_display(), "importance"),
            Column("Depends on", lambda row: row.depends_on, "depends_on"),
            Column("Last seen on", lambda row: row.checked_on, "checked_on"),
            Column("Notes", lambda row: row.notes, "notes"),
            Column("Closed on", lambda row: row.closed_on),
            Column("Why closed", lambda row: row.closed_reason),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Asset.objects.of(organisation).open_on(on).exists(),
        due=_due,
        keeping=Keeping(
            model=Asset,
            form=AssetForm,
            noun="an asset",
            advice="Start with what would hurt most if it were lost: laptops, phones, the care records system, the filing cabinet.",
            cells=(
                Cell("Asset", lambda row, on: str(row)),
                Cell("Kind", lambda row, on: row.get_kind_display()),
                Cell("Looked after by", lambda row, on: row.owner_post),
                Cell("Team or home", lambda row, on: str(row.unit or "")),
                Cell("Support", _support, "tag"),
                Cell("Encrypted", _encryption, "tag"),
            ),
            search=("reference", "name", "owner_post", "location", "serial_number"),
            views=(
                View(
                    "unsupported", "Unsupported or not known", lambda rows, on: rows.unsupported(on) | rows.may_be_unsupported()
                ),
                View(
                    "not-encrypted",
                    "Personal data, not encrypted",
                    lambda rows, on: rows.portable_data().exclude(encrypted="yes"),
                ),
                View("personal", "People’s own devices", lambda rows, on: rows.filter(ownership=Ownership.PERSONAL)),
                View("not-seen", "Not seen for a year", _not_seen),
            ),
            key="reference",
            fetch=("unit",),
            closing="Retire",
        ),
        is_approved_whole=True,
        order=40,
    )
)
