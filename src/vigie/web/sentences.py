"""Our errors as sentences in the reader's language.

The English stands where an error is raised. A plain sentence is its own message: `i18n` finds it in the sources by its
`code=`. One that holds facts is repeated here under its code, with the facts' names; a test finds those that lack.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from vigie.errors import VigieError
from vigie.match.faults import ERRORS, WARNINGS

TEACHINGS = {**ERRORS, **WARNINGS}
"""What the query language teaches, by code."""

SENTENCES: Mapping[str, str | Promise] = {
    "source.unknown": _("No installed source reads spaces of kind “%(kind)s”."),
    "table.empty": _("The column “%(column)s” has empty values."),
    "table.missing": _("The column “%(column)s” is missing."),
    "table.type": _("The column “%(column)s” can't be read: its values are not of the right kind."),
    "import.field": _("“%(name)s” is not a field of a post."),
    "import.date_order": _("“%(name)s” is not an order of dates; use dmy, mdy or ymd."),
    "import.map": _("%(name)s is not a TOML file."),
    "import.no_text": _("No column is mapped to the text. The file has: %(columns)s."),
    "import.no_column": _("The file has no column “%(column)s”. It has: %(columns)s."),
    "import.time_zone": _("“%(name)s” is not a time zone."),
    "import.format": _("Files ending in “%(suffix)s” are not read; use CSV, TSV, NDJSON or Parquet."),
    "import.not_parquet": _("The file is not Parquet, or it is damaged."),
    "filter.value": _("The address asks for “%(name)s” = “%(value)s”, which is not a value it can have."),
    "category.many": _("A dimension has at most %(most)s open categories."),
    "category.deep": _("Categories are nested at most %(most)s deep."),
    "correction.value": _("“%(value)s” is not a tone."),
    "correction.language": _("“%(value)s” is not a language that is told apart."),
    "correction.finding": _("“%(value)s” is not a value of this kind."),
    "export.too_many": _(
        "These are %(n)s mentions; an export holds %(most)s. Choose a shorter window or fewer watches."
    ),
    "list.author": _("“%(line)s” is not a host and a handle, such as forum.example marie34."),
    "figures.order": _("Lists can't be ordered by “%(name)s”."),
    "figures.dimension": _("Figures can't be counted by “%(name)s”."),
    "net.dns": _("The name %(host)s is not known. Check the address."),
    "net.private": _(
        "%(host)s lies in a private network, which is never read. An administrator can allow it on the page “Networks of your own” of the "
        "settings (/settings/networks/), or by VIGIE_ALLOWED_PRIVATE_NETWORKS."
    ),
    "net.networks": _("“%(text)s” is not a list of networks."),
    "net.slow": _("%(host)s answers too slowly: nothing whole within %(seconds)s seconds."),
    "net.too_large": _("%(host)s sent more than %(megabytes)s MB. Give a smaller feed, or import the file."),
    "net.encoding": _("%(host)s packs its answer in a way that was not offered."),
    "net.broken": _("The answer of %(host)s is broken."),
    "net.redirects": _("%(host)s sends from one address to the next without end."),
    "net.timeout": _("%(host)s does not answer in time."),
    "net.cut": _("The answer of %(host)s broke off."),
    "net.unreachable": _("%(host)s can't be reached."),
    "net.login": _("%(host)s asks for a log-in (%(status)s)."),
    "net.robots": _(
        "%(host)s asks robots not to read this address (robots.txt). Ask the site for leave or for a feed."
    ),
    "net.certificate": _("%(host)s shows a certificate that is not its own."),
    "net.redirected": _("%(host)s sends elsewhere what was meant for it."),
    "stream.over": _("The stream is not listened to any more."),
    "stream.ended": _("The stream ended; it is taken up again."),
    "stream.broken": _("The stream broke; it is taken up again later."),
    "notices.sent": ngettext_lazy("%(n)s mail sent.", "%(n)s mails sent.", "n"),
    "net.gone": _("%(host)s says that there is nothing at this address any more (%(status)s)."),
    "net.refused": _("%(host)s refuses to show this address (%(status)s)."),
    "net.too_many": _("%(host)s asks to come back later (%(status)s)."),
    "net.server_error": _("%(host)s is in trouble and asks to come back later (%(status)s)."),
    "net.status": _("%(host)s answers with status %(status)s."),
    "space.taken": _("This address is listened to already, as “%(title)s”."),
    "import.row": _("The line can't be read."),
    "import.no_words": _("The line has no text."),
    "recipe.too_long": _("The recipe is longer than %(most)s characters."),
    "recipe.toml": _(
        'Line %(line)s is no TOML: write a key, an equals sign, and a text between quotes, such as name = "Forum".'
    ),
    "recipe.lacks": _("The recipe lacks “%(key)s”; write it such as %(example)s"),
    "recipe.unknown_key": _("Line %(line)s: “%(key)s” is no key of a recipe. Known there: %(known)s."),
    "recipe.range": _("Line %(line)s: “%(key)s” must lie between 1 and %(most)s."),
    "recipe.choice": _("Line %(line)s: “%(key)s” must be one of: %(known)s."),
    "recipe.value": _("Line %(line)s: “%(key)s” can't be read; write it such as %(example)s"),
    "recipe.selector": _("Line %(line)s: the selector of “%(key)s” is no CSS: %(selector)s"),
    "recipe.nothing": _("The selector of “%(key)s” finds nothing any more: %(selector)s. Mend the recipe."),
    "recipe.rarely": ngettext_lazy(
        "The selector of “%(key)s” finds something in %(found)s of %(posts)s post.",
        "The selector of “%(key)s” finds something in %(found)s of %(posts)s posts.",
        "posts",
    ),
    "recipe.undated": _(
        "The dates can't be read, such as “%(shown)s”. Choose another attribute, or give a date_format."
    ),
    "mail.clear": _("%(host)s offers no encryption; the password is not sent."),
    "page.nothing": _("The selector finds nothing on the page any more: %(selector)s. Choose another."),
    "page.selector": _("“%(selector)s” is no CSS selector."),
    "dictionary.taken": _("“%(spelling)s” is already a spelling of “%(entry)s”."),
    "work.done": _("Done."),
    "work.cancelled": _("Cancelled."),
    "work.crashed": _("A fault of Vigie stopped it; the log has it under %(reference)s."),
    "disk.full": _("The disk that holds %(place)s is full. Make room there; Vigie then goes on by itself."),
    "read.interrupted": _(
        "This read was interrupted, because Vigie stopped or failed. What was fetched is kept; the next read goes on "
        "from there."
    ),
    "import.cancelled": _("Cancelled before its end; what was taken in stays."),
    "space.read": _("Read. New posts: %(new)s; mentions: %(mentions)s."),
    "archive.written": ngettext_lazy("%(rows)s row archived.", "%(rows)s rows archived.", "rows"),
    "counts.read": ngettext_lazy(
        "Counts read again: %(changed)s has changed.", "Counts read again: %(changed)s have changed.", "changed"
    ),
    "evidence.media": ngettext_lazy(
        "%(read)s medium of evidence fetched.", "%(read)s media of evidence fetched.", "read"
    ),
    "media.large": _("It is larger than %(megabytes)s MB; its address alone is kept."),
    "media.unknown": _("It is no picture, sound or film; its address alone is kept."),
    "media.unreadable": _("The picture can't be read."),
    "media.pixels": _("The picture is too large to be opened."),
    "archive.away": _("The object store of the archive does not answer; what was heard waits in the record."),
    "archive.unsafe": _(
        "The object store of VIGIE_ARCHIVE_URL lets one writer write over another: nothing is written to it."
    ),
    "thread.found": ngettext_lazy(
        "%(posts)s post brought back to its thread.", "%(posts)s posts brought back to their threads.", "posts"
    ),
    "archive.tidied": ngettext_lazy(
        "%(rows)s month of the archive written anew.", "%(rows)s months of the archive written anew.", "rows"
    ),
    "mirror.merged": ngettext_lazy("%(rows)s change merged.", "%(rows)s changes merged.", "rows"),
    "import.done": _("The file is in."),
    "annotation.size": _("A set holds 1 to %(most)s posts."),
    "model.trained": _("Model %(version)s (%(language)s) is trained; it waits to be chosen."),
    "model.few": _("Corrected texts: %(n)s. A model needs %(fewest)s before it can learn from them."),
    "model.language": _("No model of tone reads “%(language)s”."),
    "posts.relabelled": ngettext_lazy("%(posts)s post labelled again.", "%(posts)s posts labelled again.", "posts"),
    "categories.applied": ngettext_lazy(
        "%(posts)s post sorted into categories.", "%(posts)s posts sorted into categories.", "posts"
    ),
    "categories.changed_again": _("Categories changed meanwhile; they are applied again."),
    "stories.walked": _("Posts kept before are in their stories."),
    "posts.retold": ngettext_lazy(
        "All posts read again (%(posts)s): %(changed)s has changed.",
        "All posts read again (%(posts)s): %(changed)s have changed.",
        "changed",
    ),
    "posts.told_by_another": _("Another model or dictionary came meanwhile; the past is read again from the start."),
    "posts.taken_back": ngettext_lazy(
        "%(changed)s post has its label of before again.",
        "%(changed)s posts have their labels of before again.",
        "changed",
    ),
    "relabel.kind": _("Nothing says this of posts: “%(kind)s”."),
    "relabel.no_way_back": _(
        "This run can't be taken back: it changed no label, is not over, or another one followed it."
    ),
    "watch.matched": _("Run over the whole past."),
    "watch.closed": _("The watch was closed meanwhile."),
    "watch.changed_again": _("The watch changed meanwhile; it is run again."),
    "leave.no_demo": _("This installation does not hold the demo company; there is nothing to leave."),
    "leave.elsewhere": _(
        "The record or the archive stands outside VIGIE_VAR. Stop Vigie, name another database and archive in its "
        "settings, and start “vigie up”."
    ),
    "leave.not_supervised": _(
        "Web and worker were not started by “vigie demo”, so nothing can start them anew. Stop them, name another folder "
        "by VIGIE_VAR, and start “vigie up”."
    ),
    "spaces.proposed": ngettext_lazy("%(n)s place proposed.", "%(n)s places proposed.", "n"),
    "catalogue.row": _("Row %(row)s of the catalogue: %(why)s."),
    "erasure.done": _("Erased everywhere."),
    "keys.rotated": _("Everything stands under version %(version)s of the key."),
    "account.read": _("The account's figures are read."),
    "names.proposed": ngettext_lazy(
        "%(n)s name proposed for the register.", "%(n)s names proposed for the register.", "n"
    ),
}
"""The sentence of each code that holds facts."""


PLACES: Mapping[str, str | Promise] = {
    "line": _("line %(n)s"),
    "entry": _("entry %(n)s"),
    "item": _("item %(n)s"),
    "post": _("post %(n)s"),
    "comment": _("comment %(n)s"),
    "event": _("event %(n)s"),
    "mail": _("mail %(n)s"),
}
"""Where something stood that was skipped, by the word that a source writes before its number (`Skipped.where`)."""


def place(where: str) -> str:
    """Return where something stood under the active language; an address, or what no source writes now, as it is."""
    word, _space, number = where.partition(" ")
    return str(PLACES[word] % {"n": number}) if word in PLACES else where


def sentence_of(error: VigieError) -> str:
    """Return an error's sentence under the active language."""
    return sentence(error.code, error.facts, fallback=error.sentence)


def sentence(code: str, facts: Mapping[str, str | int | float], *, fallback: str) -> str:
    """Return the sentence of a code and its facts under the active language.

    Args:
        fallback: The English sentence as raised; translated when it holds no facts, else shown as it is when its code
            is not known here or a fact is missing.
    """
    known = SENTENCES.get(code)
    if known is None and code in TEACHINGS:
        known = gettext(TEACHINGS[code].sentence)
    if known is None:
        return gettext(fallback) if fallback else ""
    try:
        # What counts chooses between one and many by its fact, once that is known.
        return str(known % dict(facts))
    except (KeyError, ValueError, TypeError):
        return fallback


def advice(code: str, facts: Mapping[str, str | int | float], *, fallback: str) -> str:
    """Return the advice of a fault of the query language under the active language."""
    known = TEACHINGS.get(code)
    try:
        return gettext(known.advice) % dict(facts) if known is not None else fallback
    except (KeyError, ValueError, TypeError):
        return fallback


def stored(code: str, facts: Mapping[str, str | int | float]) -> str:
    """Return the sentence of a code as the record keeps it: with its facts, and the English sentence among them."""
    return sentence(code, facts, fallback=str(facts.get("sentence", code))) if code else ""
