"""What the page of what is kept says of each kind of datum; times come from `services.keeping`."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vigie.server.services.keeping import End, Place


@dataclass(frozen=True, slots=True)
class Said:
    """What a kind of datum is, and what for."""

    name: str | Promise
    purpose: str | Promise


KINDS: Mapping[str, Said] = {
    "bytes": Said(
        _("What a source sent, as bytes"),
        _("Nothing is lost if the machine stops between reading and writing; names are in it as written."),
    ),
    "unread_bytes": Said(
        _("Bytes that could not be read"), _("A mended parser can read them again; names are in them as written.")
    ),
    "uploads": Said(_("Imported files"), _("They are read again where an import was cut short.")),
    "archive": Said(
        _("Everything heard"),
        _(
            "A new watch can be run over the past. Authors are keyed hashes; texts and addresses may hold names as written."
        ),
    ),
    "heard": Said(
        _("That a post was heard"),
        _("The same post is not taken in twice. A key and a digest, neither text nor author."),
    ),
    "posts": Said(
        _("Posts that matter, with their versions and mentions"),
        _(
            "What people read, answer and count: matched by a watch, in a space of ours, or in a conversation with such."
        ),
    ),
    "counts": Said(_("Counts of posts"), _("How far a post went: likes, reposts, replies, views over time.")),
    "pointers": Said(_("Hosts that mentions point at"), _("New places to listen are proposed from them.")),
    "evidence": Said(
        _("Evidence"),
        _("Posts vanish: text, address and author as seen, encrypted, to show later what was written."),
    ),
    "authors": Said(_("Authors, as keyed hashes"), _("The posts of one person stand together, without their name.")),
    "names": Said(
        _("Clear handles and names"),
        _("To answer somebody, follow up safety, moderate: in one table alone, shown for a purpose and for a while."),
    ),
    "shown": Said(_("A name on somebody’s screen"), _("After that time it must be asked for again, with a purpose.")),
    "views": Said(_("Who was shown a name, and what for"), _("An administrator can ask why.")),
    "lists": Said(_("Lists of sites and authors"), _("Queries ask for them by name; authors are keyed hashes.")),
    "register": Said(
        _("Pages and accounts that bear our names"),
        _("To know who speaks in our name; the address of such an account may hold its handle."),
    ),
    "erasures": Said(
        _("Demands of erasure, their receipts, and what is refused since"),
        _("To show that it was done, and so that the erased are not heard again: a keyed hash of a keyed hash."),
    ),
    "keys": Said(_("Keys of the hashes"), _("Each later key hashes what the one before made, so old keys are kept.")),
    "labels": Said(
        _("What models say of posts"), _("Language, tone, what is spoken of, and which posts are one story.")
    ),
    "words_of_people": Said(
        _("What people of ours say of posts"), _("Corrections, marks and annotations; they win over models.")
    ),
    "models": Said(
        _("Models, dictionaries, categories"),
        _("What labels are made with; what was trained on corrections holds weights only."),
    ),
    "mirror": Said(
        _("The mirror of mentions"), _("Figures and lists are fast: a copy in columns, without a text or a name.")
    ),
    "mirror_old": Said(_("Replaced files of the mirror"), _("A read under way ends on the file it began with.")),
    "exports": Said(
        _("Exports"),
        _(
            "Made when asked for, and given; no copy stays here. Authors are pseudonyms; texts and addresses may hold names as written."
        ),
    ),
    "queries": Said(
        _("Compiled queries"),
        _("A start need not compile them again; a handle that somebody typed into a query stands in it."),
    ),
    "logs": Said(
        _("Logs of the machine"), _("To mend faults: ids, codes and numbers, never a text, a handle or a secret.")
    ),
    "users": Said(
        _("People who log in"), _("Address, name, language and roles; access is closed, the row stays for the audit.")
    ),
    "sessions": Said(_("Log-ins"), _("Nobody need log in at each visit.")),
    "invitations": Said(_("Invitations"), _("Somebody new can choose a password; the link ends after that time.")),
    "audit": Said(_("The audit log"), _("Who did what: ids, codes and numbers, never changed, never erased.")),
    "work": Said(
        _("Work that is done"), _("To see what Vigie did by itself; work that failed stays until somebody looks.")
    ),
    "secrets": Said(_("Log-ins of spaces"), _("Spaces behind a log-in are read with them; encrypted.")),
    "settings": Said(
        _("Brands, watches, spaces and their states"),
        _("What is listened to, how, and how well; a handle that somebody typed into a query stands in it."),
    ),
}

PLACES: Mapping[Place, str | Promise] = {
    Place.RECORD: pgettext_lazy("place", "record"),
    Place.ARCHIVE: pgettext_lazy("place", "archive"),
    Place.MIRROR: pgettext_lazy("place", "mirror"),
    Place.FOLDER: pgettext_lazy("place", "files of the installation"),
    Place.NOWHERE: pgettext_lazy("place", "not kept here"),
}

ENDS: Mapping[End, str | Promise] = {
    End.NONE: pgettext_lazy("how long", "without limit"),
    End.ARCHIVED: pgettext_lazy("how long", "until it is archived, minutes as a rule"),
    End.WITH_POST: pgettext_lazy("how long", "as long as the post"),
    End.WITH_AUTHOR: pgettext_lazy("how long", "as long as the author"),
    End.PERSON: pgettext_lazy("how long", "until somebody takes it away"),
    End.OPERATOR: pgettext_lazy("how long", "until who runs the machine removes it"),
    End.REPLACED: pgettext_lazy("how long", "until the next one replaces it"),
    End.AT_ONCE: pgettext_lazy("how long", "not at all"),
}

ERASED_BY: Mapping[str, str | Promise] = {
    "evidence": _("an erasure, first of all"),
    "record": _("an erasure, in one transaction"),
    "mirror": _("an erasure: the month is written anew"),
    "archive": _("an erasure: the month is written anew and old files are removed"),
    "bytes": _("an erasure, once what they hold is taken in"),
}
"""What each step of an erasure does to what it takes."""

NOT_ERASED: Mapping[str, str | Promise] = {
    "shown": _("ends by itself"),
    "erasures": _("stays: it is what keeps the erased away"),
    "keys": _("stays: without it the erased would come back"),
    "exports": _("beyond our reach: who took one must erase it"),
    "queries": _("not erased: change the query"),
    "settings": _("not erased: change the query"),
    "logs": _("holds nobody’s text or name"),
    "users": _("closed, not erased: the audit names them by number"),
    "sessions": _("ends by itself"),
    "invitations": _("withdrawn by an administrator"),
    "audit": _("never: it holds numbers and keyed hashes alone"),
}
"""What is said of what no erasure takes."""
