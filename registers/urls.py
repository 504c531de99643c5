from django.urls import path

from registers import views

app_name = "registers"
urlpatterns = [
    path("registers/certificates/", views.held_certificate_list, name="held_certificate_list"),
    path("registers/certificates/add/", views.held_certificate_add, name="held_certificate_add"),
    path("registers/certificates/<int:held_certificate_id>/", views.held_certificate_change, name="held_certificate_change"),
]
