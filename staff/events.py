"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "staff.imported": (
            "imported a staff list of {rows} rows: {created} joined, {updated} changed, {rehired} came back, {left} left, "
            "{unchanged} unchanged, {errors} faults"
        ),
        "staff.import_approved": "approved, as a second person, an import of {rows} rows in which {proposed_leavers} people would leave",
        "staff.import_discarded": "threw an uploaded staff list away",
        "staff.import_undone": "undid an import: {restored} people put back, {kept} left as they are",
        "staff.exported": "took the staff list away as a file, {people} people",
        "staff.person_added": "added {person} to the staff list by hand, in post from {start}",
        "staff.sign_in_linked": "gave {person} the sign-in {user}",
        "staff.key_post_appointed": "appointed {holder} as {post} from {start}",
        "staff.key_post_ended": "ended the appointment as {post} after {last_day}",
    }
)
