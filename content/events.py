"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "content.sharing_granted": "let {user} write what all organisations share",
        "content.sharing_ended": "no longer lets {user} write what all organisations share",
    }
)
