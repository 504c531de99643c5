"""Response headers that tell the browser what our pages may do."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF
from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

EDITOR_PREFIX = "/cms/"
EDITOR_DIRECTIVES: dict[str, Any] = {
    "script-src": [SELF, "'unsafe-inline'"],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "object-src": [NONE],
}
"""Wagtail's editor has a few inline scripts of its own. It gets no nonce: browsers would then ignore the allowance."""


class BrowserPolicyMiddleware(CSPMiddleware):
    """A strict content security policy with a nonce; the CMS alone has a looser one."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(EDITOR_PREFIX):
            response._csp_update = None  # type: ignore[attr-defined]
            response._csp_replace = EDITOR_DIRECTIVES  # type: ignore[attr-defined]
            response["X-Frame-Options"] = "SAMEORIGIN"
        return super().process_response(request, response)
