"""Captions in WebVTT: the words of a video with the moments at which they are said."""

import re

_CUE = re.compile(
    r"^(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}[ \t]+-->[ \t]+(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}(?:[ \t].*)?$", re.MULTILINE
)


def fault_of(content: bytes) -> str:
    """Why captions are refused, or nothing."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "The captions are not plain text in UTF-8. Save them again as WebVTT (.vtt) in UTF-8."
    if not re.match(r"WEBVTT(?:[ \t\r\n]|$)", text):
        return "The captions do not begin with WEBVTT. Save them as WebVTT: most programs that make captions can."
    if not _CUE.search(text.replace("\r", "\n")):
        return "The captions have no line of words with its times, such as 00:01.000 --> 00:04.000. Check the file."
    return ""
