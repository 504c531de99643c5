"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "courses.version_published": "published version {number} of {course} ({change} change)",
        "courses.place_opened": "made a place for the organisation's own courses",
        "courses.retake_demanded": "asked everybody to do {course} again by {last_day}, as version {number} says",
        "courses.need_set": "set that {audience} need {course} every {months} months, from {start}",
        "courses.need_ended": "ended that {audience} need {course}, from {end}",
        "courses.local_details_recorded": "wrote down whom staff tell when something goes wrong, from {effective_on}",
        "courses.completed": "recorded that {person} completed {course} on {completed_on} ({source})",
        "courses.completions_imported": "imported {rows} training records: {created} new, {duplicates} known already, {errors} faults",
        "courses.records_discarded": "threw an uploaded file of training records away",
        "courses.records_withdrawn": "withdrew the {withdrawn} training records of an import",
        "courses.completion_voided": "withdrew the record that {person} completed {course} on {completed_on}",
        "courses.certificate_issued": "issued the certificate {serial} to {person} for {course}",
        "courses.certificates_issued": "issued {count} certificates",
    }
)
