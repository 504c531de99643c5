from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = "DSPT assessment"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from assessment import action_source, deadlines, events  # noqa: F401

        register("Assessment", "assessment:year_list", Capability.ASSESSMENT_VIEW, order=50)
