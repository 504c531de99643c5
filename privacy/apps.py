from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from privacy import events, heads, tasks  # noqa: F401
        from privacy.person_section import what_is_held
        from staff import sections

        heads.check()
        sections.register(what_is_held)
        register("Privacy", "privacy:privacy_home", Capability.PRIVACY_MANAGE, Capability.PRIVACY_APPROVE, order=85)
