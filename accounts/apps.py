from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import directories, events, scanner, signals  # noqa: F401
        from accounts.enums import Capability
        from accounts.navigation import register
        from accounts.row_security import install

        post_migrate.connect(install, dispatch_uid="accounts.row_security.install")

        directories.configured()
        scanner.check()
        register("Organisation", "accounts:organisation_detail", Capability.ORGANISATION_MANAGE, order=43)
        register("Looking in", "accounts:look_list", Capability.PLATFORM_ASK, order=2)
        register("Audit", "accounts:audit_list", Capability.AUDIT_VIEW, order=80)
