"""Every address, by the app that answers it."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.views import serve as serve_page

from accounts.policy import public
from lms import views

urlpatterns = [
    path("start/", views.start, name="home"),
    path("favicon.ico", views.icon, name="icon"),
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("", include("accounts.urls")),
    path("", include("jobs.urls")),
    path("", include("staff.urls")),
    path("", include("evidence.urls")),
    path("", include("quizzes.urls")),
    path("", include("courses.urls")),
    path("", include("registers.urls")),
    path("", include("reporting.urls")),
    path("", include("assessment.urls")),
    path("cms/", include(wagtailadmin_urls)),
    re_path(r"^media/(?P<path>images/.+)$", public(serve), {"document_root": settings.MEDIA_ROOT}, name="image"),
    re_path(r"^((?:[\w\-]+/)*)$", public(serve_page), name="wagtail_serve"),
]

handler403 = "lms.views.refused"
handler404 = "lms.views.not_found"
handler500 = "lms.views.failed"
