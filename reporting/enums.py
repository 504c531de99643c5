"""The words that figures are made of."""

from django.db import models

from courses.status import State
from courses.status_sql import AWAY, EXEMPT


class Scope(models.TextChoices):
    """Whether somebody in post is counted, and if not, why not."""

    IN = "in", "In scope"
    UNKNOWN_ACCESS = "unknown_access", "In scope, access to personal data not known"
    NO_ACCESS = "no_access", "No access to personal data"
    EMPLOYMENT_TYPE = "employment_type", "Employment type not counted"


IN_SCOPE = (Scope.IN, Scope.UNKNOWN_ACCESS)
OUT_OF_SCOPE = (Scope.NO_ACCESS, Scope.EMPLOYMENT_TYPE)


class Standing(models.TextChoices):
    """Where somebody in scope stands: the states of ``courses.status`` in a report's words."""

    CURRENT = State.CURRENT, "Trained"
    LAPSED = State.LAPSED, "Due again"
    IN_PROGRESS = State.IN_PROGRESS, "In progress"
    NOT_STARTED = State.NOT_STARTED, "Not started"


class LeftOut(models.TextChoices):
    """Why the net figure leaves somebody out."""

    AWAY = AWAY, "Away"
    EXEMPT = EXEMPT, "Exempt"


class By(models.TextChoices):
    """What a figure can be broken down by."""

    UNIT = "unit", "Unit"
    STAFF_GROUP = "staff_group", "Staff group"
    EMPLOYMENT_TYPE = "employment_type", "Employment type"
    MANAGER = "manager", "Manager"


class Headline(models.TextChoices):
    GROSS = "gross", "Everyone in scope"
    NET = "net", "Without people away or exempt"


class Category(models.TextChoices):
    """The lists behind the numbers of a report. Those of the net figure begin with ``net_``."""

    HEADCOUNT = "headcount", "In post"
    IN_SCOPE = "in_scope", "In scope"
    CURRENT = State.CURRENT, "Trained"
    LAPSED = State.LAPSED, "Due again"
    IN_PROGRESS = State.IN_PROGRESS, "In progress"
    NOT_STARTED = State.NOT_STARTED, "Not started"
    UNKNOWN_ACCESS = "unknown_access", "In scope, access to personal data not known"
    OUT_OF_SCOPE = "out_of_scope", "Not in scope"
    NO_ACCESS = "no_access", "Not in scope: no access to personal data"
    EMPLOYMENT_TYPE = "employment_type", "Not in scope: employment type not counted"
    AWAY = AWAY, "Left out of the net figure: away"
    EXEMPT = EXEMPT, "Left out of the net figure: exempt"
    NET_IN_SCOPE = "net_in_scope", "In scope, without people away or exempt"
    NET_CURRENT = "net_current", "Trained, without people away or exempt"
    NET_LAPSED = "net_lapsed", "Due again, without people away or exempt"
    NET_IN_PROGRESS = "net_in_progress", "In progress, without people away or exempt"
    NET_NOT_STARTED = "net_not_started", "Not started, without people away or exempt"
