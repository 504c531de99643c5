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
        "registers.incident_reported": "reported {reference} ({kind}, {nature})",
        "registers.incident_reworded": "took words out of the report {reference}",
        "registers.incident_assessed": "assessed {reference}: {score} of 25",
        "registers.incident_decided": "decided on {reference}: tell the ICO: {tell_ico}; tell the people affected: {tell_people}",
        "registers.incident_notified": "recorded that {recipient} was told of {reference} (late: {late})",
        "registers.incident_learnt": "wrote down a lesson of {reference}",
        "registers.incident_paper_added": "added document version {document_version} to {reference}",
        "registers.incident_closed": "closed {reference}",
        "registers.incident_reopened": "opened {reference} again",
        "registers.reporting_link_made": "made a new address for reports without a name",
    }
)
