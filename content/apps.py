from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = "Content"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from content import events, tasks  # noqa: F401
        from content.starting_widgets import write_no_scripts

        register("Content", "wagtailadmin_home", Capability.CONTENT_EDIT, order=70)
        write_no_scripts()
