"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "registers.certificate_added": "added a certificate, {scheme}, valid to {expires_on}",
        "registers.certificate_changed": "corrected a certificate, {scheme}: {changed}",
        "registers.nil_return_signed": "signed a nil return for “{register}”, {from} to {to}, as {signed_as}",
        "registers.nil_return_withdrawn": "withdrew the nil return for “{register}”, {from} to {to}",
        "registers.supplier_added": "added a supplier or partner, {category}",
        "registers.supplier_changed": "changed a supplier or partner: {changed}",
        "registers.supplier_seen": "recorded what was seen of a supplier on {seen_on}: {what}",
        "registers.agreement_added": "added an agreement with a supplier, {kind}",
        "registers.agreement_changed": "changed an agreement with a supplier: {changed}",
        "registers.supplier_asked": "asked a supplier about its data security, until {last_day}",
        "registers.supplier_request_revoked": "took back a question to a supplier",
        "registers.supplier_answered": "answered questions about its data security",
        "registers.supplier_answer_reviewed": "looked at a supplier’s answer: {verdict}",
        "registers.reminders_sent": "reminded {people} people of what is due, week {week}",
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
        "registers.policy_begun": "began version {number} of a policy",
        "registers.policy_changed": "changed version {number} of a policy: {changed}",
        "registers.policy_approved": "approved version {number} of a policy as {approved_as}",
        "registers.policy_published": "published version {number} of a policy",
        "registers.policy_withdrawn": "withdrew policy {policy}",
        "registers.policy_read": "confirmed having read version {number} of policy {policy}",
    }
)
