from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Staff"

    def ready(self) -> None:
        from accounts import standing
        from accounts.enums import Capability
        from accounts.navigation import register
        from staff import events, first_steps, tasks  # noqa: F401
        from staff.standing import without_leavers, without_shut_out

        standing.register(without_leavers)
        standing.register(without_shut_out)

        register("Staff", "staff:person_list", Capability.STAFF_VIEW, order=30)
