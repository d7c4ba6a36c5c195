"""The one Django application with tables."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "vigie.server"
    label = "vigie"
    default_auto_field = "django.db.models.BigAutoField"
