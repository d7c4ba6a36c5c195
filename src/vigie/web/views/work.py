"""Work: what runs, waits and failed; cancelling and trying again, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from vigie.schema.vocab import WorkState
from vigie.server.models import Work
from vigie.server.permissions import Permission
from vigie.server.services import work
from vigie.web import choices, paging
from vigie.web.sentences import stored
from vigie.web.undo import told

ROWS = 50
"""Rows of a page."""

KINDS = {
    "collect": gettext_lazy("Read a space"), "ingest": gettext_lazy("Take in what was fetched"), "import": gettext_lazy("Take in a file"),
    "backfill": gettext_lazy("Run a watch over the past"), "archive": gettext_lazy("Write the archive"),
    "merge": gettext_lazy("Merge the mirror"), "tidy": gettext_lazy("Tidy the archive"), "erase": gettext_lazy("Erase"), "rekey": gettext_lazy("Change the key of pseudonyms"), "recount": gettext_lazy("Read counts again"),
    "relabel": gettext_lazy("Label again"), "stories": gettext_lazy("Find the stories of the past"), "train": gettext_lazy("Learn from corrections"), "categorise": gettext_lazy("Apply categories to the past"), "thread": gettext_lazy("Find what was answered"),
    "notify": gettext_lazy("Tell people by mail"), "stream": gettext_lazy("Listen to a stream"), "account": gettext_lazy("Count an account's followers"),
    "names": gettext_lazy("Look for our names"), "propose": gettext_lazy("Propose spaces"), "evidence": gettext_lazy("Fetch media of evidence"),
}  # fmt: skip
"""What each kind of work is called."""


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show work by state, the newest first; pages go by id."""
    request.asker.require(Permission.SEE_WORK)  # type: ignore[attr-defined]
    now, _today = choices.now_and_today(request)
    state = request.GET.get("state", "")
    rows = Work.objects.order_by("-pk")
    if state in list(WorkState):
        rows = rows.filter(state=state)
    before = paging.key(request, "before")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: ROWS + 1])
    shown = [
        {"work": row, "kind": KINDS.get(row.kind, row.kind), "sentence": stored(row.code, row.facts)}
        for row in page[:ROWS]
    ]
    context = {
        "rows": shown,
        "state": state,
        "states": [(s.value, s.value == state) for s in WorkState],
        **paging.links(request, page[ROWS - 1].pk if len(page) > ROWS else None, "before"),
        "may_steer": request.asker.may(Permission.STEER_WORK),  # type: ignore[attr-defined]
        "is_busy": any(r["work"].state == WorkState.RUNNING for r in shown),
        "now": now,
    }
    return render(request, "web/work/_rows.html" if request.htmx else "web/work/list.html", context)  # type: ignore[attr-defined]


@require_POST
def cancel(request: HttpRequest, work_id: int) -> HttpResponse:
    """Cancel waiting work, or ask running work to stop."""
    work.cancel(work_id, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("The work is cancelled."))
    return redirect("work")


@require_POST
def retry(request: HttpRequest, work_id: int) -> HttpResponse:
    """Make work due now."""
    work.retry(work_id, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("The work is tried again."))
    return redirect("work")


urlpatterns = [
    path("work/", list_page, name="work"),
    path("work/<int:work_id>/cancel/", cancel, name="work-cancel"),
    path("work/<int:work_id>/retry/", retry, name="work-retry"),
]
