from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Reporting"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from reporting import events, tasks  # noqa: F401

        register("Reports", "reporting:report_detail", Capability.REPORTS_VIEW, order=40)
        register("Group", "reporting:group_detail", Capability.GROUP_MEMBERS, order=41)
