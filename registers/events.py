"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "registers.certificate_added": "added a certificate, {scheme}, valid to {expires_on}",
        "registers.certificate_changed": "corrected a certificate, {scheme}: {changed}",
        "registers.nil_return_signed": "signed a nil return for “{register}”, {from} to {to}, as {signed_as}",
        "registers.nil_return_withdrawn": "withdrew the nil return for “{register}”, {from} to {to}",
        "registers.action_added": "added an action, due {due_on}",
        "registers.action_updated": "updated an action: {how}",
    }
)
