"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "registers.certificate_added": "added a certificate, {scheme}, valid to {expires_on}",
        "registers.certificate_changed": "corrected a certificate, {scheme}: {changed}",
    }
)
