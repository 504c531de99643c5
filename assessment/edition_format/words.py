"""The fixed vocabulary of edition files: every value a key may take, with its label where a page shows it."""

ORGANISATION_TYPES = frozenset(
    {
        "trust",
        "icb",
        "csu",
        "alb",
        "oes",
        "genomics",
        "it-supplier",
        "social-care",
        "pharmacy",
        "dentist",
        "optician",
        "local-authority",
        "university",
        "company",
        "charity-hospice",
        "nhs-business-partner",
        "other",
        "gp",
    }
)
"""The same values as ``accounts``' organisation types; a test of the app compares the two."""

SECTIONS = {
    "management-and-training": "Management and staff training",
    "data-protection": "Data protection and confidentiality",
    "data-quality-and-records": "Data quality and records management",
    "it-security": "IT security and resilience",
    "transparency-and-sharing": "Transparency and data sharing",
}
"""The five sections of general guidance, in the order pages show them; an item has exactly one."""

CARE_SECTIONS = {
    "staffing-and-roles": "Staffing and roles",
    "policies-and-procedures": "Policies and procedures",
    "data-security": "Data security",
    "it-systems-and-devices": "IT systems and devices",
}
"""The four sections of social care's own screens."""

PLAIN_STANDARDS = {
    1: "Everyone knows their duty to handle information safely",
    2: "Everyone is trained every year",
    3: "Leaders actively manage data security",
    4: "Policies and procedures exist and are current",
    5: "Information is there, right and usable when it is needed",
    6: "Only the right people get in",
    7: "Data is stored and disposed of safely",
    8: "IT is defended against attack",
    9: "Incidents are reported and lessons learned",
    10: "Sharing follows the law and good practice",
}

LEVELS = {
    "exceeded": "Standards Exceeded",
    "met": "Standards Met",
    "approaching": "Approaching Standards",
    "not_met": "Standards Not Met",
}
"""What a publication can say, best first."""

CHANGES = {
    "same": "No change since last year",
    "new": "New this year",
    "required": "Newly required this year",
    "wording": "Wording changed this year",
    "guidance": "Help text changed this year",
    "carried": "Carried over from last year until the official list is loaded",
}

EXEMPTIONS = {
    "cyber_essentials_plus": "Cyber Essentials Plus",
    "iso27001": "ISO 27001",
    "psn_ia": "Public Services Network (PSN) compliance",
    "nhsmail": "NHSmail as the only e-mail",
}
"""What can stand in for an item; whether it does, an edition says item by item."""

NEVER_EXEMPT = {"4.5.3": "cyber_essentials_plus"}
"""Item number -> what has not stood in for it since 10 November 2023 (announcement 131 of the national site)."""

STYLES = ("assertion", "outcome")
STATUSES = ("draft", "active", "retired")
CHANGE_CLASSES = ("structural", "wording", "guidance")
CONFIDENCES = ("high", "medium", "low")
ANSWER_KINDS = ("yes_no", "text", "date", "number", "document", "choice")
NOT_APPLICABLE = ("allowed", "refused")
REQUIREMENT_BASES = ("checked", "carried")
LIVE_SOURCES = ("training.completion",)
LIVE_MODES = ("inform", "prefill", "gate")
WINDOW_ENDS = ("publication",)
MUST_COVER = ("evidence_window", "none")
ITEM_CHECKS = ("answered", "answer_satisfies", "evidence_minimum", "evidence_in_window")
PLAN_COVERS = ("unsatisfied_met_items", "outcomes_below_profile")
DIRECTIVE_ANSWERS = ("compliant", "plan", "not_compliant")
INTERIM_NEEDS = ("level_for_every_outcome", "every_required_item_answered")
INTERIM_SKIPS = ("supporting_statement", "evidence", "signoff", "confirmations")

RELATIONS = ("same", "renumbered", "reworded", "split", "merged", "moved", "new", "removed", "overlaps")
CARRY = {
    "answer": ("yes", "as_note", "no", "archive"),
    "evidence": ("yes", "suggest", "no"),
    "owner": ("yes", "first", "no"),
    "level": ("recompute", "no"),
}
