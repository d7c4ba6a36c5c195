"""People and what they may see: users, brands, memberships, invitations."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q

from vigie.schema.vocab import Role


class UserManager(BaseUserManager["User"]):
    """Create users; who may what is in memberships, not here."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password none can log in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Who logs in. Closed (`is_active` false), never deleted."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=8, blank=True)
    """Interface language; empty follows the browser."""
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Brand(models.Model):
    """A brand of ours, which has members, or a competitor, which is only a subject."""

    name = models.CharField(max_length=120, unique=True)
    is_ours = models.BooleanField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a user may do in one brand, or in all (`brand` absent)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=24, choices=[(r.value, r.value) for r in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "brand"], name="one_role_per_user_and_brand"),
            models.UniqueConstraint(fields=["user"], condition=Q(brand=None), name="one_role_over_all_brands"),
            models.CheckConstraint(
                condition=~Q(role=Role.SAFETY_OFFICER.value) | Q(brand=None), name="safety_officer_sees_all_brands"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} of {self.brand_id or 'all brands'}"


class Invitation(models.Model):
    """A seat offered by mail; the token is kept as a hash and serves once."""

    email = models.EmailField()
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True)
    role = models.CharField(max_length=24, choices=[(r.value, r.value) for r in Role])
    token_hash = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=8, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"
