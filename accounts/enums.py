"""The choices that organisations, roles and capabilities are made of."""

from django.db import models


class OrganisationType(models.TextChoices):
    """What kind of organisation it is. Decides the DSPT category and route (the edition says how)."""

    TRUST = "trust", "NHS trust or foundation trust"
    ICB = "icb", "Integrated care board"
    CSU = "csu", "Commissioning support unit"
    ALB = "alb", "Arm's length body"
    OES = "oes", "Operator of essential services"
    GENOMICS = "genomics", "Nominated genomics organisation"
    IT_SUPPLIER = "it-supplier", "IT supplier"
    SOCIAL_CARE = "social-care", "Adult social care provider"
    PHARMACY = "pharmacy", "Community pharmacy"
    DENTIST = "dentist", "Dental practice"
    OPTICIAN = "optician", "Optician"
    LOCAL_AUTHORITY = "local-authority", "Local authority"
    UNIVERSITY = "university", "University or researcher"
    COMPANY = "company", "Company"
    CHARITY_HOSPICE = "charity-hospice", "Charity or hospice"
    NHS_BUSINESS_PARTNER = "nhs-business-partner", "NHS business partner"
    OTHER = "other", "Other"
    GP = "gp", "GP practice"


class SiteType(models.TextChoices):
    """What kind of place a site is."""

    CARE_HOME = "care-home", "Care home"
    HOME_CARE = "home-care", "Home care branch"
    SUPPORTED_LIVING = "supported-living", "Supported living"
    HOSPITAL = "hospital", "Hospital"
    CLINIC = "clinic", "Clinic or health centre"
    SURGERY = "surgery", "GP surgery"
    PHARMACY = "pharmacy", "Pharmacy"
    DENTAL = "dental", "Dental surgery"
    OPTICAL = "optical", "Optical practice"
    HOSPICE = "hospice", "Hospice"
    OFFICE = "office", "Office"
    OTHER = "other", "Other"


class Role(models.TextChoices):
    """A bundle of capabilities (``accounts.policy``) that a person holds in one organisation."""

    STAFF = "staff", "Staff member"
    MANAGER = "manager", "Manager"
    HR = "hr", "HR"
    CONTENT_EDITOR = "content-editor", "Content editor"
    TRAINING_LEAD = "training-lead", "Training lead"
    DSPT_LEAD = "dspt-lead", "DSPT lead"
    SENIOR_REVIEWER = "senior-reviewer", "Senior reviewer (SIRO or equivalent)"
    DPO = "dpo", "Data protection officer or IG lead"
    AUDITOR = "auditor", "Auditor"
    ORGANISATION_ADMIN = "organisation-admin", "Organisation administrator"


class Capability(models.TextChoices):
    """One thing a person may do in an organisation. Pages ask for capabilities, never for roles."""

    LEARN = "learn", "take their own training"
    TEAM_VIEW = "team.view", "see their own team's training"
    STAFF_VIEW = "staff.view", "see the staff list"
    STAFF_IMPORT = "staff.import", "import the staff list"
    STAFF_EDIT = "staff.edit", "change the staff list by hand"
    STAFF_INVITE = "staff.invite", "invite staff to sign in"
    CONTENT_EDIT = "content.edit", "edit guidance and courses"
    RECORDS_IMPORT = "records.import", "bring training records in from files"
    SESSIONS_RECORD = "sessions.record", "record training given to a group"
    NEEDS_VIEW = "needs.view", "see the training needs analysis"
    NEEDS_EDIT = "needs.edit", "write down who needs which training, and decide on more time and exemptions"
    NEEDS_APPROVE = "needs.approve", "approve the training needs analysis"
    REPORTS_VIEW = "reports.view", "see completion figures"
    REPORTS_NAMED = "reports.named", "see the named people behind a figure"
    ASSESSMENT_VIEW = "assessment.view", "see the DSPT assessment"
    ASSESSMENT_EDIT = "assessment.edit", "answer and confirm the DSPT assessment"
    ASSESSMENT_DISCUSS = "assessment.discuss", "read and write what is said inside about items of the DSPT assessment"
    ASSESSMENT_SIGN = "assessment.sign", "sign the DSPT assessment as the holder of a post"
    ASSESSMENT_PUBLISH = "assessment.publish", "publish the DSPT assessment"
    EVIDENCE_VIEW = "evidence.view", "see evidence"
    EVIDENCE_EDIT = "evidence.edit", "add evidence"
    REGISTERS_VIEW = "registers.view", "see the registers"
    REGISTERS_EDIT = "registers.edit", "keep the registers"
    POLICIES_APPROVE = "policies.approve", "approve, publish and withdraw policies"
    INCIDENTS_REPORT = "incidents.report", "report an incident or a near miss"
    INCIDENTS_VIEW = "incidents.view", "see incidents, rights requests and complaints"
    INCIDENTS_HANDLE = "incidents.handle", "handle incidents, rights requests and complaints"
    ADVICE_GIVE = "advice.give", "give data protection advice"
    ADVICE_DECIDE = "advice.decide", "follow or overrule data protection advice"
    AUDIT_VIEW = "audit.view", "read the audit trail"
    ORGANISATION_MANAGE = "organisation.manage", "manage the organisation's profile, posts and access"
