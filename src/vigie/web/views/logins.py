"""Log-in, log-out, lost and changed password: allauth's views, at our addresses, under our templates.

There is no open sign-up: people come by invitation. allauth asks for the address of its sign-up; it answers 404.
"""

from allauth.account import views
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path


@login_not_required
def no_sign_up(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("log-in/", login_not_required(views.login), name="account_login"),
    path("log-out/", login_not_required(views.logout), name="account_logout"),
    path("closed/", login_not_required(views.account_inactive), name="account_inactive"),
    path("sign-up/", no_sign_up, name="account_signup"),
    path("password/", views.password_change, name="account_change_password"),
    path("password/set/", no_sign_up, name="account_set_password"),
    path("lost-password/", login_not_required(views.password_reset), name="account_reset_password"),
    path("lost-password/sent/", login_not_required(views.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^new-password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        login_not_required(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "new-password/done/",
        login_not_required(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
