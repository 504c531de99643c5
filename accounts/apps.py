from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import directories, events, signals  # noqa: F401
        from accounts.enums import Capability
        from accounts.navigation import register
        from accounts.row_security import install

        post_migrate.connect(install, dispatch_uid="accounts.row_security.install")

        directories.configured()
        register("Organisation", "accounts:organisation_detail", Capability.ORGANISATION_MANAGE, order=90)
        register("Audit", "accounts:audit_list", Capability.AUDIT_VIEW, order=80)
