from django.urls import path

from registers.views import held_certificates

app_name = "registers"
urlpatterns = [
    path("registers/certificates/", held_certificates.held_certificate_list, name="held_certificate_list"),
    path("registers/certificates/add/", held_certificates.held_certificate_add, name="held_certificate_add"),
    path(
        "registers/certificates/<int:held_certificate_id>/",
        held_certificates.held_certificate_change,
        name="held_certificate_change",
    ),
]
