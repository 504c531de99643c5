"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "reporting.snapshot_taken": "froze training evidence as of {as_of}: {numerator} of {denominator} trained",
        "reporting.rule_set": "set the counting rule {key}, version {number}, from {effective_on}",
        "reporting.people_exported": "downloaded a list of {people} people: {what}",
    }
)
