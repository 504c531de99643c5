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
    OTHER_UNIT = "other_unit", "In units that are not counted"


IN_SCOPE = (Scope.IN, Scope.UNKNOWN_ACCESS)
OUT_OF_SCOPE = (Scope.NO_ACCESS, Scope.EMPLOYMENT_TYPE, Scope.OTHER_UNIT)


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
    BRANCH = "branch", "Unit with all below it"
    SITE = "site", "Site"
    STAFF_GROUP = "staff_group", "Staff group"
    EMPLOYMENT_TYPE = "employment_type", "Employment type"
    MANAGER = "manager", "Manager"


class Headline(models.TextChoices):
    GROSS = "gross", "Everyone in scope"
    NET = "net", "Without people away or exempt"


class Every(models.TextChoices):
    """How often a report goes out by e-mail."""

    WEEK = "week", "Every Monday"
    MONTH = "month", "On the first of every month"
    QUARTER = "quarter", "On the first of January, April, July and October"


class ReportKind(models.TextChoices):
    """The reports that go out by e-mail, each for people with a job of their own."""

    TEAM = "team", "Team report, for managers"
    HR = "hr", "Training report, for HR"
    DSPT = "dspt", "Training report, for the DSPT lead"
    BOARD = "board", "Board report"


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
    OTHER_UNIT = "other_unit", "Not in scope: in units that are not counted"
    AWAY = AWAY, "Left out of the net figure: away"
    EXEMPT = EXEMPT, "Left out of the net figure: exempt"
    NET_IN_SCOPE = "net_in_scope", "In scope, without people away or exempt"
    NET_CURRENT = "net_current", "Trained, without people away or exempt"
    NET_LAPSED = "net_lapsed", "Due again, without people away or exempt"
    NET_IN_PROGRESS = "net_in_progress", "In progress, without people away or exempt"
    NET_NOT_STARTED = "net_not_started", "Not started, without people away or exempt"


class Movement(models.TextChoices):
    """What happened to one person between two days, as far as the headline figure goes. Those that change it come first."""

    TRAINED_SINCE = "trained_since", "Finished the training"
    JOINED_TRAINED = "joined_trained", "Joined, trained by the later day"
    CAME_IN_TRAINED = "came_in_trained", "Came into scope, trained"
    RAN_OUT = "ran_out", "Training ran out"
    ASKED_AGAIN = "asked_again", "Asked to do a new version and has not yet"
    LEFT_TRAINED = "left_trained", "Left, was trained"
    WENT_OUT_TRAINED = "went_out_trained", "Went out of scope, was trained"
    JOINED_UNTRAINED = "joined_untrained", "Joined, not trained by the later day"
    CAME_IN_UNTRAINED = "came_in_untrained", "Came into scope, not trained"
    LEFT_UNTRAINED = "left_untrained", "Left, was not trained"
    WENT_OUT_UNTRAINED = "went_out_untrained", "Went out of scope, was not trained"
    STILL_TRAINED = "still_trained", "Trained on both days"
    STILL_UNTRAINED = "still_untrained", "Trained on neither day"

    @property
    def in_words(self) -> str:
        """The movement after a number, within a sentence."""
        return {
            Movement.TRAINED_SINCE: "finished the training",
            Movement.JOINED_TRAINED: "joined and trained",
            Movement.CAME_IN_TRAINED: "came into scope trained",
            Movement.RAN_OUT: "ran out",
            Movement.ASKED_AGAIN: "asked to do a new version",
            Movement.LEFT_TRAINED: "trained people left",
            Movement.WENT_OUT_TRAINED: "trained people went out of scope",
            Movement.JOINED_UNTRAINED: "joined and not trained yet",
            Movement.CAME_IN_UNTRAINED: "came into scope not trained",
            Movement.LEFT_UNTRAINED: "left who were not trained",
            Movement.WENT_OUT_UNTRAINED: "went out of scope who were not trained",
            Movement.STILL_TRAINED: "trained on both days",
            Movement.STILL_UNTRAINED: "trained on neither day",
        }[self]
