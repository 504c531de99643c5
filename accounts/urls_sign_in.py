"""Addresses that django-allauth asks for by these names."""

from django.urls import path

from accounts import views_code, views_directory, views_sign_in

urlpatterns = [
    path("accounts/sign-in/", views_sign_in.sign_in, name="account_login"),
    path("accounts/sign-out/", views_code.sign_out, name="account_logout"),
    path("accounts/confirm/password/", views_sign_in.password_again, name="account_reauthenticate"),
    path("accounts/sign-in/code/", views_sign_in.code, name="mfa_authenticate"),
    path("accounts/confirm/code/", views_sign_in.code_again, name="mfa_reauthenticate"),
    path("accounts/confirm/key/", views_sign_in.key_again, name="mfa_reauthenticate_webauthn"),
    path("accounts/second-factor/", views_sign_in.factor_list, name="mfa_index"),
    path("accounts/second-factor/app/", views_sign_in.app_activate, name="mfa_activate_totp"),
    path("accounts/second-factor/app/remove/", views_sign_in.app_deactivate, name="mfa_deactivate_totp"),
    path("accounts/second-factor/recovery/", views_sign_in.recovery_view, name="mfa_view_recovery_codes"),
    path("accounts/second-factor/recovery/new/", views_sign_in.recovery_generate, name="mfa_generate_recovery_codes"),
    path("accounts/second-factor/keys/", views_sign_in.key_list, name="mfa_list_webauthn"),
    path("accounts/second-factor/keys/add/", views_sign_in.key_add, name="mfa_add_webauthn"),
    path("accounts/second-factor/keys/<int:pk>/", views_sign_in.key_edit, name="mfa_edit_webauthn"),
    path("accounts/second-factor/keys/<int:pk>/remove/", views_sign_in.key_remove, name="mfa_remove_webauthn"),
    path("accounts/directory/<slug:provider_id>/answer/", views_directory.directory_answer, name="openid_connect_callback"),
    path("accounts/sessions/", views_sign_in.session_list, name="usersessions_list"),
]
