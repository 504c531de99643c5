from django.urls import path

from registers.views import (
    actions,
    held_certificates,
    home,
    incident_reports,
    incident_steps,
    incidents,
    nil_returns,
)

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
    path("incidents/", incident_reports.incident_mine, name="incident_mine"),
    path("incidents/report/", incident_reports.incident_report, name="incident_report"),
    path("incidents/anonymous/<str:token>/", incident_reports.incident_report_public, name="incident_report_public"),
    path("incidents/anonymous/<str:token>/ask/", incident_reports.incident_ask, name="incident_ask"),
    path("registers/incidents/", incidents.incident_list, name="incident_list"),
    path("registers/incidents/poster/", incidents.reporting_link_detail, name="reporting_link_detail"),
    path("registers/incidents/poster/renew/", incidents.reporting_link_renew, name="reporting_link_renew"),
    path("registers/incidents/<int:incident_id>/", incidents.incident_detail, name="incident_detail"),
    path("registers/incidents/<int:incident_id>/summary/", incidents.incident_summary, name="incident_summary"),
    path("registers/incidents/<int:incident_id>/assess/", incident_steps.incident_assess, name="incident_assess"),
    path("registers/incidents/<int:incident_id>/decide/", incident_steps.incident_decide, name="incident_decide"),
    path("registers/incidents/<int:incident_id>/tell/", incident_steps.incident_tell, name="incident_tell"),
    path("registers/incidents/<int:incident_id>/learn/", incident_steps.incident_learn, name="incident_learn"),
    path("registers/incidents/<int:incident_id>/close/", incident_steps.incident_close, name="incident_close"),
    path("registers/incidents/<int:incident_id>/reopen/", incident_steps.incident_reopen, name="incident_reopen"),
    path("registers/incidents/<int:incident_id>/reword/", incident_steps.incident_reword, name="incident_reword"),
    path("registers/incidents/<int:incident_id>/attach/", incident_steps.incident_attach, name="incident_attach"),
]
