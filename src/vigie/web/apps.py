"""The application of the pages."""

import gettext

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import trans_real


class WebConfig(AppConfig):
    name = "vigie.web"
    label = "web"

    def ready(self) -> None:
        """Compile the catalogues that changed since the last start; connect what accounts write in the audit log."""
        from vigie.web import i18n  # noqa: PLC0415 -- models are loaded only now

        if i18n.compile_stale(settings.VIGIE.var.absolute() / "build" / "locale"):
            # Something imported before may have loaded the old catalogue (Django's own reloader does the same).
            gettext._translations.clear()  # type: ignore[attr-defined]
            trans_real._translations.clear()
        from vigie.web import accounts  # noqa: PLC0415 -- it loads allauth's forms, which load models

        accounts.connect()
