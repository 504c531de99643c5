"""Somebody who looks after the demonstration's installation: of no organisation, and the only one who loads lists of requirements."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from accounts.platform import appoint
from lms.demonstration.specifications import PASSWORD

USERNAME, NAME = "pat@installation.example", "Pat Lowe"
ORGANISATION, JOB_TITLE, SAYS = "Installation", "Platform administrator", "loads corrected lists, sees nobody's personal data"


def build(*, at: datetime) -> bool:
    """Create the platform administrator. Returns whether they were missing."""
    if User.objects.filter(username=USERNAME).exists():
        return False
    first, last = NAME.split()
    user = User(username=USERNAME, email=USERNAME, first_name=first, last_name=last)
    user.set_password(PASSWORD)
    user.save()
    appoint(user, by="command:demo", at=at)
    return True
