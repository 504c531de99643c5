from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Staff"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from staff import events, tasks  # noqa: F401

        register("Staff", "staff:person_list", Capability.STAFF_VIEW, order=30)
