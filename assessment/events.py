"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "assessment.edition_loaded": "loaded the edition {edition} version {version} with {items} items",
        "assessment.edition_taken_up": "took up version {version} of the list: help changed for {help} items, {reworded} reworded, something else asked in {restructured}; {lapsed} confirmations lapsed",
        "assessment.wording_kept": "kept {texts} official texts for the edition {edition}",
        "assessment.opened": "opened the return for {year} on the edition {edition}; {carried} answers came over from last year",
        "assessment.opened_interim": "opened the interim return for {year} on the edition {edition}; {carried} answers came over",
        "assessment.profile_applied": "applied a change of the profile to the return for {year}: {items} items to look at again",
        "assessment.started": "started work on the return",
        "assessment.answered": "answered item {number} (version {version})",
        "assessment.marked_not_applicable": "marked item {number} as not applying (version {version})",
        "assessment.assigned": "changed who looks after item {number}",
        "assessment.evidence_attached": "attached document version {document_version} to item {number}",
        "assessment.evidence_retired": "took document version {document_version} off item {number}",
        "assessment.register_reading_kept": "kept what the registers say about item {number} as at {as_of}",
        "assessment.reading_taken": "took the training figure for item {number} as at {as_of}: {numerator} of {denominator}",
        "assessment.noted": "wrote a note about item {number}",
        "assessment.asked": "asked a question about item {number}",
        "assessment.question_answered": "answered a question about item {number}",
        "assessment.question_settled": "settled a question about item {number}",
        "assessment.confirmed": "confirmed assertion {number}",
        "assessment.planned": "put an action for item {number} in the plan",
        "assessment.plan_withdrawn": "took the action for item {number} out of the plan",
        "assessment.submitted": "sent the return for review",
        "assessment.returned": "sent the return back with {points} points",
        "assessment.review_passed": "passed the return as ready to sign",
        "assessment.unlocked": "unlocked the return",
        "signoff.given": "signed the return as {post} for publication on {planned_on}",
        "signoff.lapsed": "saw the signature lapse, because what was signed has changed",
        "publication.made": "published the return here as number {sequence}: {standard}",
        "publication.pack_downloaded": "downloaded the evidence pack of publication {sequence}",
        "publication.pack_written": "wrote the evidence pack of publication {sequence} to a file",
        "publication.withdrawn": "withdrew publication {sequence}",
        "publication.keyed": "noted item {number} of publication {sequence} as keyed into the national site",
        "publication.not_keyed": "noted item {number} of publication {sequence} as not keyed into the national site",
        "publication.superseded": "replaced publication {sequence} by a newer one",
        "assessment.official_status_recorded": "recorded the official status for {year}: {status}",
    }
)
