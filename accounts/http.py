"""The request as our signed-in views see it."""

from django.http import HttpRequest

from accounts.models import User
from accounts.policy import Access


class SignedInRequest(HttpRequest):
    """A request that ``AccessMiddleware`` let through to a view for signed-in people."""

    user: User
    access: Access
