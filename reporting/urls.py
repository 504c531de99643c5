"""The addresses of figures and of frozen training evidence."""

from django.urls import path

from reporting.views import questions, reports, snapshots

app_name = "reporting"
urlpatterns = [
    path("reports/", reports.report_detail, name="report_detail"),
    path("reports/figures.csv", reports.report_csv, name="report_csv"),
    path("reports/figures.xlsx", reports.report_xlsx, name="report_xlsx"),
    path("reports/people/", reports.people_list, name="people_list"),
    path("reports/people.csv", reports.people_csv, name="people_csv"),
    path("reports/questions/", questions.question_list, name="question_list"),
    path("reports/questions/questions.csv", questions.question_csv, name="question_csv"),
    path("reports/questions/questions.xlsx", questions.question_xlsx, name="question_xlsx"),
    path("reports/questions/<int:question_id>/", questions.question_detail, name="question_detail"),
    path("reports/evidence/", snapshots.snapshot_list, name="snapshot_list"),
    path("reports/evidence/take/", snapshots.snapshot_take, name="snapshot_take"),
    path("reports/evidence/<int:snapshot_id>/", snapshots.snapshot_detail, name="snapshot_detail"),
    path("reports/evidence/<int:snapshot_id>/compare/", snapshots.snapshot_compare, name="snapshot_compare"),
    path("reports/evidence/<int:snapshot_id>/<str:file_name>", snapshots.snapshot_file, name="snapshot_file"),
]
