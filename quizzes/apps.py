from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "quizzes"
    verbose_name = "Quizzes"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from quizzes import events, tasks  # noqa: F401

        register("Questions", "quizzes:question_list", Capability.CONTENT_EDIT, order=72)
