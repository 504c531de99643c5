from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from audit.serving_role import give_rights
        from audit.triggers import install

        post_migrate.connect(install, dispatch_uid="audit.triggers.install")
        post_migrate.connect(give_rights, dispatch_uid="audit.serving_role.give_rights")
