"""The addresses of learning, of the training needs analysis, of the quiz and of certificates."""

from django.urls import path

from courses.views import certificates, companions, extra_time, learning, local, needs, quiz, record_imports, team

app_name = "courses"
urlpatterns = [
    path("my-training/", learning.my_training, name="my_training"),
    path("my-training/record.json", learning.my_record, name="my_record"),
    path("my-training/record.csv", learning.my_record_csv, name="my_record_csv"),
    path("learn/<slug:course_code>/", learning.course_detail, name="course_detail"),
    path("learn/<slug:course_code>/<slug:module>/<int:lesson>/", learning.lesson_detail, name="lesson_detail"),
    path("learn/<slug:course_code>/<slug:module>/easy-read/", companions.easy_read, name="easy_read"),
    path("learn/<slug:course_code>/<slug:module>/session/", companions.session_guide, name="session_guide"),
    path("who-to-tell/", local.local_details, name="local_details"),
    path("who-to-tell/change/", local.local_details_edit, name="local_details_edit"),
    path("team/", team.team_list, name="team_list"),
    path("team/team.csv", team.team_csv, name="team_csv"),
    path("needs/", needs.need_list, name="need_list"),
    path("needs/new/", needs.need_create, name="need_create"),
    path("needs/<int:need_id>/", needs.need_edit, name="need_edit"),
    path("needs/<int:need_id>/end/", needs.need_end, name="need_end"),
    path("training-records/", record_imports.record_import_list, name="record_import_list"),
    path("training-records/new/", record_imports.record_import_new, name="record_import_new"),
    path("training-records/template.csv", record_imports.record_template_csv, name="record_template_csv"),
    path("training-records/template.xlsx", record_imports.record_template_xlsx, name="record_template_xlsx"),
    path("training-records/<int:record_import_id>/", record_imports.record_import_detail, name="record_import_detail"),
    path("training-records/<int:record_import_id>/columns/", record_imports.record_import_columns, name="record_import_columns"),
    path("training-records/<int:record_import_id>/people/", record_imports.record_import_people, name="record_import_people"),
    path("training-records/<int:record_import_id>/confirm/", record_imports.record_import_confirm, name="record_import_confirm"),
    path("training-records/<int:record_import_id>/discard/", record_imports.record_import_discard, name="record_import_discard"),
    path("training-records/<int:record_import_id>/withdraw/", record_imports.record_import_undo, name="record_import_undo"),
    path(
        "training-records/<int:record_import_id>/fix-list/", record_imports.record_import_fix_list, name="record_import_fix_list"
    ),
    path("quiz/extra-time/", extra_time.extra_time_list, name="extra_time_list"),
    path("quiz/<slug:course_code>/", quiz.quiz_start, name="quiz_start"),
    path("quiz/attempts/<int:attempt_id>/<int:slot>/", quiz.quiz_question, name="quiz_question"),
    path("quiz/attempts/<int:attempt_id>/all/", quiz.quiz_all, name="quiz_all"),
    path("quiz/attempts/<int:attempt_id>/review/", quiz.quiz_review, name="quiz_review"),
    path("quiz/attempts/<int:attempt_id>/hand-in/", quiz.quiz_submit, name="quiz_submit"),
    path("quiz/attempts/<int:attempt_id>/result/", quiz.quiz_result, name="quiz_result"),
    path("certificates/<int:certificate_id>/", certificates.certificate_download, name="certificate_download"),
    path("certificates/for/<int:completion_id>/", certificates.certificate_make, name="certificate_make"),
    path("certificates/verify/<str:token>/", certificates.certificate_verify, name="certificate_verify"),
]
