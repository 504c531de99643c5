from django.urls import path

from staff.views import imports, key_posts, people

app_name = "staff"
urlpatterns = [
    path("staff/", people.person_list, name="person_list"),
    path("staff/people.csv", people.person_export, name="person_export"),
    path("staff/people/new/", people.person_new, name="person_new"),
    path("staff/people/<int:person_id>/", people.person_detail, name="person_detail"),
    path("staff/people/<int:person_id>/invite/", people.person_invite, name="person_invite"),
    path("staff/units/", people.unit_list, name="unit_list"),
    path("staff/invitations/", people.invitation_list, name="invitation_list"),
    path("staff/imports/", imports.import_list, name="import_list"),
    path("staff/imports/new/", imports.import_new, name="import_new"),
    path("staff/imports/<int:batch_id>/", imports.import_detail, name="import_detail"),
    path("staff/imports/<int:batch_id>/columns/", imports.import_columns, name="import_columns"),
    path("staff/imports/<int:batch_id>/confirm/", imports.import_confirm, name="import_confirm"),
    path("staff/imports/<int:batch_id>/approve/", imports.import_approve, name="import_approve"),
    path("staff/imports/<int:batch_id>/discard/", imports.import_discard, name="import_discard"),
    path("staff/imports/<int:batch_id>/undo/", imports.import_undo, name="import_undo"),
    path("staff/imports/<int:batch_id>/fix-list/", imports.import_fix_list, name="import_fix_list"),
    path("staff/key-posts/", key_posts.key_post_list, name="key_post_list"),
    path("staff/key-posts/appoint/", key_posts.key_post_appoint, name="key_post_appoint"),
    path("staff/key-posts/<int:key_post_id>/end/", key_posts.key_post_end, name="key_post_end"),
]
