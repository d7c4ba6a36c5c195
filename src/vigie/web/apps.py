"""The application of the pages."""

from django.apps import AppConfig
from django.conf import settings


class WebConfig(AppConfig):
    name = "vigie.web"
    label = "web"

    def ready(self) -> None:
        """Compile the catalogues that changed since the last start; connect what accounts write in the audit log."""
        from vigie.web import accounts, i18n  # noqa: PLC0415 -- models are loaded only now

        i18n.compile_stale(settings.VIGIE.var.absolute() / "build" / "locale")
        accounts.connect()
