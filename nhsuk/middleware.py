"""Response headers that tell the browser what our pages may do."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, NONE, SELF
from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

EDITOR_PREFIX = "/cms/"
ASKS_FOR_TOUCH = "'sha256-i+qr4lq34KgNHiW62lWi9aInEBwiEOrfCzaNPCvkqD8='"
"""The handler ``return;``, by which the CMS's choice of a picture's middle asks whether there is a touch screen."""
EDITOR_DIRECTIVES: dict[str, Any] = {
    "script-src": [SELF, NONCE],
    "script-src-attr": ["'unsafe-hashes'", ASKS_FOR_TOUCH],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
}
"""Wagtail's editor of rich text writes styles into the page, one for each field, and its previews stand in a frame."""


class BrowserPolicyMiddleware(CSPMiddleware):
    """A strict content security policy with a nonce; the CMS alone may write styles."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(EDITOR_PREFIX):
            response._csp_update = None  # type: ignore[attr-defined]
            response._csp_replace = EDITOR_DIRECTIVES  # type: ignore[attr-defined]
            response["X-Frame-Options"] = "SAMEORIGIN"
        return super().process_response(request, response)
