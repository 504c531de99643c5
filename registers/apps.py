from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "registers"
    verbose_name = "Registers"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from registers import calendar_sources, declarations, events, incident_letters  # noqa: F401
        from staff import team_pages

        declarations.load()
        team_pages.register("Policies your team has read", "registers:team_policy_list")
        register("Checks", "registers:check_list", Capability.TEAM_VIEW, order=64)
        register("Registers", "registers:register_home", Capability.REGISTERS_VIEW, order=23)
        register("Actions", "registers:action_list", Capability.LEARN, Capability.REGISTERS_VIEW, order=66)
        register("Policies", "registers:my_policies", Capability.LEARN, order=12)
        register("Report an incident", "registers:incident_report", Capability.INCIDENTS_REPORT, order=11)
