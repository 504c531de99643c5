"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "privacy.days_chosen": "decided to keep “{rule}” for {days} days",
        "privacy.held": "put a legal hold on {what} until {until}",
        "privacy.hold_lifted": "lifted the legal hold on {what}",
        "privacy.letting_go_asked": "asked that {things} things whose time is over go",
        "privacy.letting_go_approved": "approved that {things} things whose time is over go",
        "privacy.letting_go_refused": "refused that {things} things whose time is over go",
        "privacy.letting_go_stopped": "let none of {things} things go: something is held back or has changed since it was approved",
        "privacy.let_go": "let {things} things go whose time was over; {people} people who had left lost their names",
        "privacy.heads_receivers_chosen": "chose who gets the head of the audit trail by e-mail: {receivers} people",
        "privacy.platform_head_sent": "sent the head of the installation's trail to {receivers} people",
        "privacy.copy_asked": "asked for a copy of what is held about {person}",
        "privacy.copy_made": "made a copy of what is held about {person}: {rows} rows",
        "privacy.copy_fetched": "fetched the copy of what is held about {person}",
        "privacy.copy_deleted": "deleted the copy of what is held about {person}",
    }
)
