from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = "DSPT assessment"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from assessment import (  # noqa: F401
            action_source,
            audit_letters,
            auditor_standing,
            comment_letters,
            deadlines,
            events,
            evidence_closing,
            evidence_uses,
            first_steps,
            group_status,
            site_reminders,
        )
        from evidence import closing, uses
        from reporting import group_columns

        register("Assessment", "assessment:year_list", Capability.ASSESSMENT_VIEW, order=21)
        register("Your audit", "assessment:audit_home", Capability.ASSESSMENT_INVITED, order=21)
        register("Official wording", "assessment:wording", Capability.ORGANISATION_MANAGE, order=96)
        uses.register("assessment", evidence_uses.uses, Capability.ASSESSMENT_VIEW)
        closing.register("assessment", evidence_closing.closed_to_auditors)
        group_columns.register(group_status.dspt_column)
