"""People, posts, units and absences as HR tells them; imports; who acts for whom; letters with codes."""

from staff.models.imports import ImportBatch, ImportProfile, ImportRow
from staff.models.joiners import Joiner, JoinerToken
from staff.models.letters import LetterRun
from staff.models.people import (
    Absence,
    FormerUnitName,
    KeyPost,
    Person,
    Post,
    PostQuerySet,
    Unit,
)
from staff.models.teams import Delegation, TeamFlag, TeamFlagSettlement

__all__ = [
    "Absence",
    "Delegation",
    "FormerUnitName",
    "ImportBatch",
    "ImportProfile",
    "ImportRow",
    "Joiner",
    "JoinerToken",
    "KeyPost",
    "LetterRun",
    "Person",
    "Post",
    "PostQuerySet",
    "TeamFlag",
    "TeamFlagSettlement",
    "Unit",
]
