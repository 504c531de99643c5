"""Every address, by the app that answers it."""

from django.urls import include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns
from wagtail.views import serve as serve_page

from accounts.policy import public
from content.views import draft_file, draft_picture
from courses.reach import within_reach
from lms import views, views_platform

urlpatterns = [
    path("start/", views.start, name="home"),
    path("platform/installation/", views_platform.platform_home, name="platform_home"),
    path("favicon.ico", views.icon, name="icon"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("", include("accounts.urls")),
    path("", include("accounts.urls_sign_in")),
    path("", include("jobs.urls")),
    path("", include("staff.urls")),
    path("", include("evidence.urls")),
    path("", include("quizzes.urls")),
    path("", include("courses.urls")),
    path("", include("registers.urls")),
    path("", include("reporting.urls")),
    path("", include("assessment.urls")),
    path("", include("privacy.urls")),
    path("cms/", include(decorate_urlpatterns(wagtailadmin_urls.urlpatterns, within_reach))),
    re_path(r"^media/(?P<path>images/.+)$", draft_picture, name="draft_picture"),
    path("cms-files/<int:draft_file_id>/<str:draft_name>", draft_file, name="wagtaildocs_serve"),
    re_path(r"^((?:[\w\-]+/)*)$", public(serve_page), name="wagtail_serve"),
]

handler403 = "lms.views.refused"
handler404 = "lms.views.not_found"
handler500 = "lms.views.failed"
