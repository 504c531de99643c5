from django.urls import path

from accounts import views, views_audit, views_code, views_directory, views_sign_in, views_sites

app_name = "accounts"
urlpatterns = [
    path("accounts/sign-in/", views_sign_in.sign_in, name="sign_in"),
    path("accounts/sign-out/", views_code.sign_out, name="sign_out"),
    path("accounts/directory/<slug:directory_code>/", views_directory.directory_begin, name="directory_begin"),
    path("accounts/directory/<slug:directory_code>/link/", views_directory.directory_link, name="directory_link"),
    path("accounts/directory-links/<int:link_id>/end/", views_directory.directory_unlink, name="directory_unlink"),
    path("accounts/confirm/directory/", views_directory.directory_again, name="directory_again"),
    path("organisation/access/<int:user_id>/directory/", views_directory.subject_register, name="subject_register"),
    path("organisation/access/<int:user_id>/directory/<int:identity_id>/end/", views_directory.subject_end, name="subject_end"),
    path("accounts/code/welcome/", views_code.code_welcome, name="code_welcome"),
    path("accounts/code/password/", views_code.code_password, name="code_password"),
    path("accounts/still-there/", views_code.still_there, name="still_there"),
    path("accounts/finished/", views_code.finished, name="finished"),
    path("accounts/password/<uidb64>/<token>/", views.password_choose, name="password_choose"),
    path("accounts/organisations/", views.organisation_list, name="organisation_list"),
    path("accounts/organisations/<int:organisation_id>/", views.organisation_choose, name="organisation_choose"),
    path("organisation/", views.organisation_detail, name="organisation_detail"),
    path("organisation/sign-in/", views_sign_in.sign_in_rules, name="sign_in_rules"),
    path("organisation/access/<int:user_id>/sessions/end/", views.sessions_end, name="sessions_end"),
    path("organisation/sites/", views_sites.site_list, name="site_list"),
    path("organisation/sites/new/", views_sites.site_new, name="site_new"),
    path("organisation/sites/<int:site_id>/", views_sites.site_edit, name="site_edit"),
    path("organisation/access/<int:user_id>/", views.user_roles, name="user_roles"),
    path("organisation/access/roles/<int:membership_id>/end/", views.role_end, name="role_end"),
    path("audit/", views_audit.audit_list, name="audit_list"),
    path("audit/export/", views_audit.audit_export, name="audit_export"),
    path("audit/check/", views_audit.audit_check, name="audit_check"),
]
