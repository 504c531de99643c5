"""The addresses of the question bank."""

from django.urls import path

from quizzes.views import bank, exchange, rules

app_name = "quizzes"
urlpatterns = [
    path("questions/", bank.question_list, name="question_list"),
    path("questions/new/", bank.question_start, name="question_start"),
    path("questions/new/<slug:pool_code>/<slug:kind>/", bank.question_new, name="question_new"),
    path("questions/banks/new/", bank.pool_create, name="pool_create"),
    path("questions/banks/<slug:pool_code>/rules/", rules.rules_edit, name="rules_edit"),
    path("questions/import/", exchange.import_upload, name="import_upload"),
    path("questions/import/make/", exchange.import_make, name="import_make"),
    path("questions/export/<slug:exchange_format>/", exchange.question_export, name="question_export"),
    path("questions/<int:question_id>/", bank.question_detail, name="question_detail"),
    path("questions/<int:question_id>/edit/", bank.question_edit, name="question_edit"),
    path("questions/<int:question_id>/put-in-use/", bank.question_use, name="question_use"),
    path("questions/<int:question_id>/withdraw/", bank.question_withdraw, name="question_withdraw"),
]
