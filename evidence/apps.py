from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "evidence"
    verbose_name = "Evidence"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from evidence import events, tasks  # noqa: F401

        register("Evidence", "evidence:document_list", Capability.EVIDENCE_VIEW, order=22)
