"""The addresses of figures and of frozen training evidence."""

from django.urls import path, re_path

from reporting.views import outlook, questions, reports, rules, snapshots

app_name = "reporting"
urlpatterns = [
    path("reports/", reports.report_detail, name="report_detail"),
    path("reports/figures.csv", reports.report_csv, name="report_csv"),
    path("reports/figures.xlsx", reports.report_xlsx, name="report_xlsx"),
    path("reports/people/", reports.people_list, name="people_list"),
    path("reports/people.csv", reports.people_csv, name="people_csv"),
    path("reports/changes/", outlook.changes, name="changes"),
    path("reports/changes/people/", outlook.changes_people, name="changes_people"),
    path("reports/changes/people.csv", outlook.changes_csv, name="changes_csv"),
    path("reports/rules/", rules.rule_list, name="rule_list"),
    path("reports/rules/<str:rule_key>/", rules.rule_change, name="rule_change"),
    path("reports/trend/", outlook.trend_detail, name="trend"),
    path("reports/forecast/", outlook.forecast_detail, name="forecast"),
    path("reports/forecast/people/", outlook.forecast_people, name="forecast_people"),
    path("reports/forecast/people.csv", outlook.forecast_csv, name="forecast_csv"),
    path("reports/questions/", questions.question_list, name="question_list"),
    path("reports/questions/questions.csv", questions.question_csv, name="question_csv"),
    path("reports/questions/questions.xlsx", questions.question_xlsx, name="question_xlsx"),
    re_path(r"^reports/questions/topics\.(?P<ending>svg|png)$", questions.topics_chart, name="topics_chart"),
    path("reports/questions/<int:question_id>/", questions.question_detail, name="question_detail"),
    path("reports/evidence/", snapshots.snapshot_list, name="snapshot_list"),
    path("reports/evidence/take/", snapshots.snapshot_take, name="snapshot_take"),
    path("reports/evidence/<int:snapshot_id>/", snapshots.snapshot_detail, name="snapshot_detail"),
    path("reports/evidence/<int:snapshot_id>/compare/", snapshots.snapshot_compare, name="snapshot_compare"),
    path("reports/evidence/<int:snapshot_id>/<str:file_name>", snapshots.snapshot_file, name="snapshot_file"),
]
