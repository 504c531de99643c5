from django.urls import path

from assessment.views import approval, comments, editions, items, pack, publications, registering, rekeying, returns, wording

app_name = "assessment"
urlpatterns = [
    path("organisation/register/", registering.register, name="register"),
    path("organisation/register/<str:profile_step>/", registering.register_step, name="register_step"),
    path("organisation/what-applies/", registering.what_applies_page, name="what_applies"),
    path("assessment/", returns.year_list, name="year_list"),
    path("assessment/open/", returns.year_open, name="year_open"),
    path("assessment/wording/", wording.wording, name="wording"),
    path("assessment/wording/keep/", wording.wording_keep, name="wording_keep"),
    path("assessment/wording/remove/", wording.wording_remove, name="wording_remove"),
    path("assessment/<int:assessment_id>/", returns.assessment_detail, name="assessment_detail"),
    path("assessment/<int:assessment_id>/check/", returns.assessment_check, name="assessment_check"),
    path("assessment/<int:assessment_id>/what-if/", returns.what_if_settled, name="what_if_settled"),
    path("assessment/<int:assessment_id>/list/", editions.edition_take_up, name="edition_take_up"),
    path("assessment/<int:assessment_id>/items/<int:response_id>/", items.response_detail, name="response_detail"),
    path("assessment/<int:assessment_id>/items/<int:response_id>/keep/", items.response_keep, name="response_keep"),
    path(
        "assessment/<int:assessment_id>/items/<int:response_id>/not-applicable/",
        items.response_not_applicable,
        name="response_not_applicable",
    ),
    path("assessment/<int:assessment_id>/items/<int:response_id>/assign/", items.response_assign, name="response_assign"),
    path(
        "assessment/<int:assessment_id>/items/<int:response_id>/register-reading/",
        items.register_reading_keep,
        name="register_reading_keep",
    ),
    path("assessment/<int:assessment_id>/items/<int:response_id>/reading/", items.reading_take, name="reading_take"),
    path("assessment/<int:assessment_id>/items/<int:response_id>/evidence/", items.evidence_attach, name="evidence_attach"),
    path("assessment/<int:assessment_id>/evidence/<int:evidence_link_id>/retire/", items.evidence_retire, name="evidence_retire"),
    path("assessment/<int:assessment_id>/items/<int:response_id>/plan/", items.plan_edit, name="plan_edit"),
    path("assessment/<int:assessment_id>/items/<int:response_id>/plan/withdraw/", items.plan_withdraw, name="plan_withdraw"),
    path("assessment/<int:assessment_id>/items/<int:response_id>/comments/", comments.comment_add, name="comment_add"),
    path("assessment/<int:assessment_id>/comments/<int:comment_id>/reply/", comments.comment_reply, name="comment_reply"),
    path("assessment/<int:assessment_id>/assertions/<int:edition_item_id>/", items.assertion_confirm, name="assertion_confirm"),
    path("assessment/<int:assessment_id>/review/", approval.review, name="review"),
    path("assessment/<int:assessment_id>/review/submit/", approval.review_submit, name="review_submit"),
    path("assessment/<int:assessment_id>/review/return/", approval.review_return, name="review_return"),
    path("assessment/<int:assessment_id>/review/pass/", approval.review_pass, name="review_pass"),
    path("assessment/<int:assessment_id>/unlock/", approval.unlock, name="unlock"),
    path("assessment/<int:assessment_id>/sign/", approval.sign, name="sign"),
    path("assessment/<int:assessment_id>/publish/", approval.publish, name="publish"),
    path("assessment/publications/<int:publication_id>/", publications.publication_detail, name="publication_detail"),
    path("assessment/publications/<int:publication_id>/comparison/", publications.comparison, name="comparison"),
    path(
        "assessment/publications/<int:publication_id>/official-status/",
        publications.official_status_record,
        name="official_status_record",
    ),
    path(
        "assessment/publications/<int:publication_id>/withdraw/", publications.publication_withdraw, name="publication_withdraw"
    ),
    path("assessment/publications/<int:publication_id>/national-site/", rekeying.rekeying, name="rekeying"),
    path(
        "assessment/publications/<int:publication_id>/national-site/workbook/",
        rekeying.rekeying_workbook,
        name="rekeying_workbook",
    ),
    path(
        "assessment/publications/<int:publication_id>/national-site/<int:response_id>/",
        rekeying.rekeying_mark,
        name="rekeying_mark",
    ),
    path("assessment/publications/<int:publication_id>/pack/", pack.pack_download, name="pack_download"),
]
