"""What uvicorn serves: `uvicorn vigie.server.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.server.settings")

application = get_asgi_application()
