"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "evidence.version_added": "added version {number} of document {document}",
        "evidence.downloaded": "downloaded version {number} of document {document}",
    }
)
