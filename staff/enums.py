"""The choices of the staff list."""

from django.db import models


class EmploymentType(models.TextChoices):
    PERMANENT = "permanent", "Permanent"
    FIXED_TERM = "fixed-term", "Fixed term"
    BANK = "bank", "Bank"
    AGENCY = "agency", "Agency"
    LOCUM = "locum", "Locum"
    VOLUNTEER = "volunteer", "Volunteer"
    TRUSTEE = "trustee", "Trustee"
    STUDENT = "student", "Student"
    CONTRACTOR = "contractor", "Contractor"


class DataAccess(models.TextChoices):
    """Whether a post has access to personal data. Unknown counts as yes, and is shown apart."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Unknown"


class PersonSource(models.TextChoices):
    FEED = "feed", "HR file"
    LOCAL = "local", "Added here"


class KeepableField(models.TextChoices):
    """What may be decided here rather than by the HR file. The labels are those of an import's changes."""

    FIRST_NAME = "first_name", "First name"
    LAST_NAME = "last_name", "Last name"
    EMAIL = "email", "E-mail address"
    UNIT = "unit", "Unit"
    JOB_TITLE = "job_title", "Job title"
    STAFF_GROUP = "staff_group", "Staff group"
    EMPLOYMENT_TYPE = "employment_type", "Employment type"
    MANAGER = "manager", "Manager"
    HAS_ACCESS = "has_access", "Access to personal data"


ERASABLE_FIELDS = {
    "email": "E-mail address",
    "unit": "Unit",
    "job_title": "Job title",
    "staff_group": "Staff group",
    "manager": "Manager",
    "end": "Leaving date that has not come yet",
}
"""What an empty cell may erase, if whoever imports says so."""


class KeyPostKind(models.TextChoices):
    """Posts that the DSPT asks about by name."""

    SIRO = "siro", "Senior Information Risk Owner (SIRO)"
    CALDICOTT_GUARDIAN = "caldicott-guardian", "Caldicott Guardian"
    DPO = "dpo", "Data Protection Officer (DPO)"
    IG_LEAD = "ig-lead", "Information governance lead"
    DSPT_LEAD = "dspt-lead", "DSPT lead"
    REGISTERED_MANAGER = "registered-manager", "Registered manager"
    PARTNER = "partner", "Partner"


ACCOUNTABLE_POSTS = (KeyPostKind.SIRO, KeyPostKind.REGISTERED_MANAGER, KeyPostKind.PARTNER)
"""Posts whose holder may sign an assessment as the accountable officer. The DPO is not one of them."""


class FlagKind(models.TextChoices):
    """What a manager says is wrong with their team."""

    NOT_MINE = "not-mine", "Not in my team"
    MISSING = "missing", "Missing from my team"


class FlagOutcome(models.TextChoices):
    """What HR did about it."""

    CORRECTED = "corrected", "The staff list is corrected"
    IN_HR_SYSTEM = "hr-system", "Corrected in the HR system: the next file brings it"
    LEFT = "left", "The person has left"
    STAYS = "stays", "The staff list is right"
