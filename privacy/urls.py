from django.urls import path

from privacy import views, views_copies, views_heads

app_name = "privacy"
urlpatterns = [
    path("privacy/", views.privacy_home, name="privacy_home"),
    path("privacy/map/", views.data_map_page, name="data_map"),
    path("privacy/rules/<slug:rule>/", views.days_choose, name="days_choose"),
    path("privacy/over/<slug:rule>/<str:on>/", views.over_list, name="over_list"),
    path("privacy/holds/new/", views.hold_new, name="hold_new"),
    path("privacy/holds/<int:legal_hold_id>/lift/", views.hold_lift, name="hold_lift"),
    path("privacy/letting-go/ask/", views.run_ask, name="run_ask"),
    path("privacy/letting-go/<int:retention_run_id>/", views.run_detail, name="run_detail"),
    path("privacy/letting-go/<int:retention_run_id>/decide/", views.run_decide, name="run_decide"),
    path("privacy/people/<int:person_id>/copies/", views_copies.copy_list, name="copy_list"),
    path("privacy/copies/<int:person_copy_id>/", views_copies.copy_fetch, name="copy_fetch"),
    path("privacy/copies/<int:person_copy_id>/delete/", views_copies.copy_delete, name="copy_delete"),
    path("audit/receivers/", views_heads.head_receivers, name="head_receivers"),
    path("my-data/", views_copies.about_me, name="about_me"),
]
