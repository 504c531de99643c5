from django.urls import path

from evidence import views

app_name = "evidence"
urlpatterns = [
    path("evidence/", views.document_list, name="document_list"),
    path("evidence/add/", views.document_add, name="document_add"),
    path("evidence/<int:document_id>/", views.document_detail, name="document_detail"),
    path("evidence/<int:document_id>/versions/add/", views.version_add, name="version_add"),
    path("evidence/versions/<int:document_version_id>/", views.version_download, name="version_download"),
]
