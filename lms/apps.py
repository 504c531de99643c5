from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"
    verbose_name = "Tenfold"

    def ready(self) -> None:
        from lms import calendar_dates

        calendar_dates.connect()
