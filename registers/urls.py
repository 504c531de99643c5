from django.urls import path

from registers.views import actions, held_certificates, home, nil_returns

app_name = "registers"
urlpatterns = [
    path("registers/", home.register_home, name="register_home"),
    path("registers/actions/", actions.action_list, name="action_list"),
    path("registers/actions/add/", actions.action_add, name="action_add"),
    path("registers/actions/<int:action_id>/", actions.action_detail, name="action_detail"),
    path("registers/certificates/", held_certificates.held_certificate_list, name="held_certificate_list"),
    path("registers/certificates/add/", held_certificates.held_certificate_add, name="held_certificate_add"),
    path(
        "registers/certificates/<int:held_certificate_id>/",
        held_certificates.held_certificate_change,
        name="held_certificate_change",
    ),
    path("registers/nil-returns/<int:nil_return_id>/withdraw/", nil_returns.nil_return_withdraw, name="nil_return_withdraw"),
    path("registers/<slug:register>/nil-returns/", nil_returns.nil_return_sign, name="nil_return_sign"),
    path("registers/<slug:register>/print/", home.register_print, name="register_print"),
    path("registers/<slug:register>/export/<slug:file_format>/", home.register_export, name="register_export"),
]
