"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "evidence.version_added": "added version {number} of document {document}",
        "evidence.version_approved": "approved version {number} of document {document}",
        "evidence.document_changed": "changed the details of document {document}: {changed}",
        "evidence.document_withdrawn": "withdrew document {document}",
        "evidence.virus_found": "kept a file apart in which the scanner had found {finding}",
        "evidence.downloaded": "downloaded version {number} of document {document}",
    }
)
