"""What allauth asks of us: an adapter, forms in our words, mails in the reader's language, rows in the audit log."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account import signals
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from vigie.server import clock
from vigie.server.models import User
from vigie.server.permissions import Asker
from vigie.server.services import audit


class Adapter(DefaultAccountAdapter):
    """No sign-up, no message for what is plain to see, mails as plain text in the language of who reads them."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "The address or the password is not right. Check both, or ask for a new password."
        ),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your present password."),
        "rate_limited": _("Too many requests in a short time. Wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Keep the one message that tells something: the password was changed."""
        if message_template == "account/messages/password_changed.txt":
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a plain mail under the language of its reader."""
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        with translation.override(
            getattr(user, "language", "") or translation.get_language() or settings.LANGUAGE_CODE
        ):
            shown = {**context, "public_url": settings.VIGIE.public_url}
            subject = render_to_string(f"{template_prefix}_subject.txt", shown).strip().replace("\n", " ")
            body = render_to_string(f"{template_prefix}_message.txt", shown)
        EmailMultiAlternatives(subject, body, settings.DEFAULT_FROM_EMAIL, [email]).send()


class LogInForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        _word(self, "login", _("E-mail address"), autocomplete="username")
        _word(self, "password", _("Password"), autocomplete="current-password")


class LostPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        _word(self, "email", _("E-mail address"), autocomplete="username")


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_new_password(self)


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "oldpassword", _("Present password"), autocomplete="current-password")
        _word_new_password(self)


def _word_new_password(form: Any) -> None:
    form.label_suffix = ""
    _word(form, "password1", _("New password"), autocomplete="new-password")
    _word(form, "password2", _("New password, once more"), autocomplete="new-password")
    form.fields["password1"].help_text = _("At least 12 characters; a sentence does well.")


def _word(form: Any, name: str, label: Any, **attributes: str) -> None:
    """Give a field our label; placeholders go, because they vanish when one types."""
    field = form.fields[name]
    field.label, field.help_text = label, ""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)


def attempted_email(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """Tell axes who tries to log in."""
    given = credentials or {}
    email = given.get("email") or given.get("username") or request.POST.get("login")
    return email.strip().lower() if isinstance(email, str) else None


def connect() -> None:
    """Write log-ins and changed passwords in the audit log."""
    user_logged_in.connect(_logged_in, dispatch_uid="vigie.logged_in")
    signals.password_changed.connect(_password_changed, dispatch_uid="vigie.password_changed")
    signals.password_reset.connect(_password_reset, dispatch_uid="vigie.password_reset")


def _logged_in(user: User, **_kwargs: Any) -> None:
    _write(user, "user.logged_in")


def _password_changed(user: User, **_kwargs: Any) -> None:
    _write(user, "user.password_changed")


def _password_reset(user: User, **_kwargs: Any) -> None:
    _write(user, "user.password_reset")


def _write(user: User, action: str) -> None:
    who = Asker(user.pk, f"user:{user.pk}", frozenset(), {})
    with transaction.atomic():
        audit.write(who, action, f"user:{user.pk}", now=clock.now())
