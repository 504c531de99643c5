from django.urls import path

from evidence import views, views_library

app_name = "evidence"
urlpatterns = [
    path("evidence/", views.document_list, name="document_list"),
    path("evidence/add/", views.document_add, name="document_add"),
    path("evidence/add-many/", views_library.document_add_many, name="document_add_many"),
    path("evidence/waiting/", views_library.waiting_list, name="waiting_list"),
    path("evidence/reviews/", views_library.review_calendar, name="review_calendar"),
    path("evidence/export/", views_library.document_export, name="document_export"),
    path("evidence/<int:document_id>/change/", views.document_change, name="document_change"),
    path("evidence/<int:document_id>/withdraw/", views.document_withdraw, name="document_withdraw"),
    path("evidence/versions/<int:document_version_id>/approve/", views.version_approve, name="version_approve"),
    path("evidence/<int:document_id>/", views.document_detail, name="document_detail"),
    path("evidence/<int:document_id>/versions/add/", views.version_add, name="version_add"),
    path("evidence/versions/<int:document_version_id>/", views.version_download, name="version_download"),
]
