from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"
    verbose_name = "Tenfold"

    def ready(self) -> None:
        from accounts import navigation
        from accounts.enums import Capability
        from lms import calendar_dates

        calendar_dates.connect()
        navigation.register("Installation", "platform_home", Capability.PLATFORM_VIEW, order=1)
