"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "reporting.snapshot_taken": "froze training evidence as of {as_of}: {numerator} of {denominator} trained",
        "reporting.rule_set": "set the counting rule {key}, version {number}, from {effective_on}",
        "reporting.small_number_set": "set that groups of fewer than {fewest} people are hidden where no names are shown",
        "reporting.report_scheduled": "had a report sent by e-mail: {report}, about {course}",
        "reporting.report_paused": "paused a report by e-mail: {report}",
        "reporting.report_resumed": "let a report by e-mail go on: {report}",
        "reporting.report_ended": "stopped a report by e-mail: {report}",
        "reporting.report_sent": "sent a report by e-mail to {people} people: {report}",
        "reporting.report_saved": "kept a report under the name “{title}”",
        "reporting.report_removed": "removed the kept report “{title}”",
        "reporting.phishing_recorded": "recorded {rows} results of phishing exercises from a file",
        "reporting.phishing_withdrawn": "took back a result of the phishing exercise “{campaign}”",
        "reporting.people_exported": "downloaded a list of {people} people: {what}",
    }
)
