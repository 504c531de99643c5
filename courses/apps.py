from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = "Courses"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from courses import events, evidence_uses, signals, support  # noqa: F401
        from courses.completions import record_gained_pass
        from courses.lists import add_to_the_lists
        from courses.person_section import staff_records, training
        from evidence import uses
        from quizzes.remarking import when_passed
        from staff import sections

        signals.connect()
        sections.register(training)
        add_to_the_lists()
        sections.register(staff_records)
        when_passed(record_gained_pass)
        uses.register("sessions", evidence_uses.uses, Capability.REPORTS_NAMED)
        register("My training", "courses:my_training", Capability.LEARN, order=10)
        register("Who to tell", "courses:local_details", Capability.LEARN, order=15)
        register("Team", "courses:team_list", Capability.TEAM_VIEW, order=35)
        register("Training records", "courses:record_import_list", Capability.RECORDS_IMPORT, order=44)
        register(
            "Training from elsewhere", "courses:prior_learning_list", Capability.RECORDS_IMPORT, Capability.NEEDS_EDIT, order=44
        )
        register("Courses of your own", "courses:own_courses", Capability.CONTENT_EDIT, order=71)
        register("Induction and contracts", "courses:staff_record_home", Capability.REPORTS_VIEW, order=47)
        register("Needs", "courses:need_list", Capability.NEEDS_VIEW, order=45)
        register("Reminders", "courses:reminder_list", Capability.NEEDS_VIEW, Capability.ORGANISATION_MANAGE, order=46)
