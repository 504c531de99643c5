"""Topics of questions as a reader says them."""

CAPITALS = {word: word.upper() for word in ("ai", "cctv", "dpo", "dspt", "gp", "it", "mfa", "nhs", "qr", "siro", "usb")}
"""Words of a topic's code that are written in capitals."""


def in_words(topic: str) -> str:
    """``passwords-and-mfa`` as "Passwords and MFA"."""
    words = " ".join(CAPITALS.get(word, word) for word in topic.split("-"))
    return words[:1].upper() + words[1:]
