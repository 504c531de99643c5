from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = "DSPT assessment"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from assessment import (  # noqa: F401
            action_source,
            auditor_standing,
            comment_letters,
            deadlines,
            events,
            evidence_uses,
            group_status,
            site_reminders,
        )
        from evidence import uses
        from reporting import group_columns

        register("Assessment", "assessment:year_list", Capability.ASSESSMENT_VIEW, order=50)
        register("Official wording", "assessment:wording", Capability.ORGANISATION_MANAGE, order=96)
        uses.register("assessment", evidence_uses.uses, Capability.ASSESSMENT_VIEW)
        group_columns.register(group_status.dspt_column)
