from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import directories, events, signals  # noqa: F401
        from accounts.enums import Capability
        from accounts.navigation import register

        directories.configured()
        register("Organisation", "accounts:organisation_detail", Capability.ORGANISATION_MANAGE, order=90)
        register("Audit", "accounts:audit_list", Capability.AUDIT_VIEW, order=80)
