"""The demo company's news as a feed, which the worker of the demo reads as it reads any other."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from vigie.server.services import demo
from vigie.server.services.demo import NEWS_PATH


@login_not_required
@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """Give the feed where the demo company is loaded, and on loopback alone."""
    found = demo.news_feed() if settings.VIGIE.listen.is_loopback else None
    if found is None:
        raise Http404
    return HttpResponse(found, content_type="application/atom+xml; charset=utf-8")


urlpatterns = [path(NEWS_PATH.removeprefix("/"), news, name="demo-news")]
