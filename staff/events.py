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
        "staff.profile_renamed": "renamed a saved way of reading HR files",
        "staff.profile_deleted": "deleted a saved way of reading HR files",
        "staff.exported": "took the staff list away as a file, {people} people",
        "staff.list_exported": "took a list away as a file: {list}, {rows} rows",
        "staff.person_changed": "changed by hand the {fields} of {person}",
        "staff.person_left": "recorded that {person} leaves after {last_day}",
        "staff.handed_back": "let HR files decide about {person} again",
        "staff.post_added": "gave {person} a post from {start}",
        "staff.post_changed": "changed by hand the {fields} of {person} from {since}",
        "staff.post_ended": "ended a post of {person} after {last_day}",
        "staff.post_cancelled": "took back the post of {person} that was to begin on {start}",
        "staff.access_settled": "settled for {posts} posts whether they have access to personal data",
        "staff.absence_added": "recorded {person} as away from {start}",
        "staff.absence_ended": "recorded {person} as back on {back_on}",
        "staff.absence_removed": "took back the absence of {person} from {start}",
        "staff.unit_added": "added the unit {unit}",
        "staff.unit_changed": "changed the {fields} of the unit {unit}",
        "staff.unit_closed": "closed the unit {unit} after {last_day}",
        "staff.unit_reopened": "opened the unit {unit} again",
        "staff.delegated": "let {delegate} act for {whose} from {start}",
        "staff.delegation_ended": "ended the delegation to {delegate} after {last_day}",
        "staff.team_flagged": "told HR: {kind} {person}",
        "staff.flag_settled": "settled what a manager had told HR: {outcome}",
        "staff.person_added": "added {person} to the staff list by hand, in post from {start}",
        "staff.letters_made": "had {letters} letters with codes made",
        "staff.letters_fetched": "fetched {letters} letters with codes",
        "staff.sign_in_linked": "gave {person} the sign-in {user}",
        "staff.joiner_token_made": "made the token {name}, with which a directory tells us of joiners",
        "staff.joiner_token_revoked": "ended the token {name} of a directory",
        "staff.joiner_made": "made the sign-in {user} for a joiner",
        "staff.joiner_changed": "changed the {fields} of the sign-in {user}",
        "staff.joiner_shut": "shut the sign-in {user}",
        "staff.joiner_opened": "opened the sign-in {user} again",
        "staff.key_post_appointed": "appointed {holder} as {post} from {start}",
        "staff.key_post_ended": "ended the appointment as {post} after {last_day}",
    }
)
