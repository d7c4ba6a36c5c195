"""Two real forums on loopback, Spirit on SQLite and Misago on PostgreSQL, each in an environment of its own."""

import os
import subprocess
import tempfile
from pathlib import Path

import httpx
from support.postgres import Postgres
from support.processes import Server, answers, free_port
from support.venvs import installed

SPIRIT_FILL = """
import json, sys
from django.contrib.auth import get_user_model
from spirit.category.models import Category
from spirit.comment.models import Comment
from spirit.topic.models import Topic
from django.utils import timezone
user, _ = get_user_model().objects.get_or_create(username='zoe', defaults={'email': 'z@example.test'})
category, _ = Category.objects.get_or_create(title='Souffle')
for title, texts in json.loads(%r):
    topic, _ = Topic.objects.get_or_create(title=title, user=user, category=category)
    for text in texts:
        Comment.objects.create(user=user, topic=topic, comment=text, comment_html='<p>%%s</p>' %% text)
    topic.comment_count += len(texts)
    topic.last_active = timezone.now()
    topic.save()
"""

MISAGO_FILL = """
import json
from django.contrib.auth import get_user_model
from django.utils import timezone
from misago.categories.models import Category
from misago.threads.checksums import update_post_checksum
from misago.threads.models import Post, Thread
from misago.users.avatars import dynamic
User = get_user_model()
user = User.objects.filter(slug='zoe').first()
if user is None:
    user = User.objects.create_user('zoe', 'z@example.test', 'x')
    dynamic.set_avatar(user)
    user.save()
category = Category.objects.get(slug='first-category')
who = dict(starter=user, starter_name='zoe', starter_slug='zoe', last_poster=user, last_poster_name='zoe', last_poster_slug='zoe')
for title, texts in json.loads(%r):
    now = timezone.now()
    thread = Thread.objects.filter(title=title).first()
    if thread is None:
        thread = Thread.objects.create(category=category, title=title, slug='sujet', started_on=now, last_post_on=now, **who)
    for text in texts:
        now = timezone.now()
        post = Post.objects.create(category=category, thread=thread, poster=user, poster_name='zoe', original=text,
                                   parsed='<p>%%s</p>' %% text, posted_on=now, updated_on=now)
        update_post_checksum(post)
        post.save()
    thread.synchronize()
    thread.save()
category.synchronize()
category.save()
"""

MISAGO_SETTINGS = """
import os
os.environ.update(POSTGRES_DB='vigie', POSTGRES_USER='vigie', POSTGRES_PASSWORD='x', POSTGRES_HOST='127.0.0.1')
from devproject.settings import *
DATABASES['default']['PORT'] = {port}
DEBUG = False
SECRET_KEY = 'x'
ALLOWED_HOSTS = ['*']
CACHES = {{'default': {{'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = 'memory://'
EMAIL_BACKEND = 'django.core.mail.backends.dummy.EmailBackend'
PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']
MEDIA_ROOT = '{folder}/media'
STATIC_ROOT = '{folder}/static'
"""


class Forum:
    """A forum that answers like any other."""

    listing = "/"
    fill = ""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "DJANGO_"))}
        self.server: Server | None = None

    def manage(self, *arguments: str, text: str | None = None) -> None:
        """Run a command of the forum's Django."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Return the command that serves it."""
        raise NotImplementedError

    def serve(self) -> None:
        """Start its server, and wait until a page is whole."""
        self.server = Server(self.command(), self.folder / "server.log", env=self.environment, cwd=self.folder)
        self.server.wait_until(lambda: answers(self.port) and httpx.get(self.url, timeout=30).status_code == 200, 60)

    def halt(self) -> None:
        """Stop its server; what was written stays."""
        if self.server is not None:
            self.server.stop()

    def write(self, threads: list[tuple[str, list[str]]]) -> None:
        """Add posts to threads, which are made when they are not there."""
        import json

        self.manage("shell", text=self.fill % json.dumps(threads))


class Spirit(Forum):
    """Spirit on SQLite."""

    fill = SPIRIT_FILL

    def start(self) -> "Spirit":
        """Make the site, and serve it."""
        programs = installed("spirit")
        self.python = str(programs / "python")
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"
        make = [str(programs / "spirit"), "startproject", "site1"]
        subprocess.run(make, check=True, cwd=self.folder, env=self.environment, capture_output=True)
        self.manage("spiritinstall")
        self.serve()
        return self

    def manage(self, *arguments: str, text: str | None = None) -> None:
        command = [self.python, "manage.py", *arguments]
        subprocess.run(
            command,
            check=True,
            cwd=self.folder / "site1",
            env=self.environment,
            input=text,
            text=True,
            capture_output=True,
        )

    def command(self) -> list[str]:
        manage = str(self.folder / "site1" / "manage.py")
        return [self.python, manage, "runserver", "--noreload", f"127.0.0.1:{self.port}"]

    def stop(self) -> None:
        """Stop it."""
        self.halt()


class Misago(Forum):
    """Misago on PostgreSQL."""

    fill = MISAGO_FILL

    def start(self) -> "Misago":
        """Start the database, make the site, and serve it."""
        self.python = str(installed("misago") / "python")
        self.postgres = Postgres(Path(tempfile.mkdtemp(prefix="vigie-misago-")))
        port = self.postgres.start().rpartition(":")[2].partition("/")[0]
        (self.folder / "settings.py").write_text(MISAGO_SETTINGS.format(port=port, folder=self.folder))
        self.environment |= {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(self.folder)}
        self.manage("migrate")
        self.serve()
        return self

    def manage(self, *arguments: str, text: str | None = None) -> None:
        command = [self.python, "-m", "django", *arguments]
        subprocess.run(
            command, check=True, cwd=self.folder, env=self.environment, input=text, text=True, capture_output=True
        )

    def command(self) -> list[str]:
        return [self.python, "-m", "django", "runserver", "--noreload", "--insecure", f"127.0.0.1:{self.port}"]

    def stop(self) -> None:
        """Stop it and its database."""
        self.halt()
        self.postgres.stop()
