"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "courses.version_published": "published version {number} of {course} ({change} change)",
        "courses.place_opened": "made a place for the organisation's own courses",
        "courses.retake_demanded": "asked everybody to do {course} again by {last_day}, as version {number} says",
        "courses.need_set": "set that {audience} need {course} every {months} months, from {start}",
        "courses.analysis_begun": "began version {number} of the training needs analysis",
        "courses.analysis_changed": "changed the draft of version {number} of the training needs analysis: {changed}",
        "courses.analysis_line_written": "wrote a line about {course} in version {number} of the training needs analysis",
        "courses.analysis_line_removed": "took a line about {course} out of version {number} of the training needs analysis",
        "courses.analysis_discarded": "threw away the draft of version {number} of the training needs analysis",
        "courses.analysis_approved": "approved version {number} of the training needs analysis, in force from {starts_on}",
        "courses.extension_asked": "asked for more time for {person} to do {course}, until {until}",
        "courses.extension_granted": "gave {person} until {until} to do {course}",
        "courses.extension_refused": "refused more time for {person} to do {course}",
        "courses.extension_withdrawn": "took back the extra time of {person} to do {course}",
        "courses.exemption_asked": "asked for an exemption of {person} from {start}",
        "courses.exemption_approved": "approved the exemption of {person} from {start}",
        "courses.exemption_refused": "refused the exemption of {person} from {start}",
        "courses.exemption_ended": "ended the exemption of {person} on {end}",
        "courses.reminders_decided": "decided on reminders for {people} people and {managers} managers on {on}",
        "courses.reminder_plan_set": "set when people are reminded of training, from {starts_on}: {days_before} days before, then every {every} days",
        "courses.reminders_paused": "stopped reminders of training",
        "courses.reminders_resumed": "let reminders of training go on",
        "courses.local_details_recorded": "wrote down whom staff tell when something goes wrong, from {effective_on}",
        "courses.completed": "recorded that {person} completed {course} on {completed_on} ({source})",
        "courses.completions_imported": "imported {rows} training records: {created} new, {duplicates} known already, {errors} faults",
        "courses.records_discarded": "threw an uploaded file of training records away",
        "courses.records_withdrawn": "withdrew the {withdrawn} training records of an import",
        "courses.completion_voided": "withdrew the record that {person} completed {course} on {completed_on}",
        "courses.staff_records_added": "recorded of {people} people: {kind}, {happened_on}",
        "courses.staff_record_withdrawn": "withdrew the record of {person}: {kind}, {happened_on}",
        "courses.staff_records_taken": "took the list of {people} people: {kind}, as at {on}",
        "courses.certificate_issued": "issued the certificate {serial} to {person} for {course}",
        "courses.certificate_reissued": "issued the certificate {serial} to {person} for {course} in their present name",
        "courses.certificates_taken": "took {count} certificates of {unit} as one file",
        "courses.signing_key_first_used": "signed for the first time with the key {key}",
        "courses.certificates_issued": "issued {count} certificates",
    }
)
