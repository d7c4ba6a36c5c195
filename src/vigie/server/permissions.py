"""Who may do what: one table of roles and permissions, asked by pages, API and commands alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vigie.errors import DecisionError
from vigie.schema.vocab import NamePurpose, Role


class Permission(StrEnum):
    """One thing somebody may do; those of `BRAND_SCOPED` count within a brand, the others for the installation."""

    SEE_MENTIONS = "see_mentions"
    EXPORT_MENTIONS = "export_mentions"
    REVEAL_AUTHOR = "reveal_author"
    NAME_TO_ANSWER = "name_to_answer"
    NAME_FOR_SAFETY = "name_for_safety"
    NAME_TO_MODERATE = "name_to_moderate"
    NAME_FOR_RELATIONS = "name_for_relations"
    NAME_FOR_RIGHTS = "name_for_rights"
    NAME_FOR_CLAIMS = "name_for_claims"
    MARK_MENTIONS = "mark_mentions"
    ANNOTATE = "annotate"
    ADJUDICATE = "adjudicate"
    EDIT_WATCHES = "edit_watches"
    SEE_SPACES = "see_spaces"
    EDIT_SPACES = "edit_spaces"
    IMPORT_FILES = "import_files"
    SEE_WORK = "see_work"
    STEER_WORK = "steer_work"
    SEE_AUDIT = "see_audit"
    EDIT_PEOPLE = "edit_people"
    ERASE = "erase"
    ROTATE_KEYS = "rotate_keys"
    SEE_NAME_VIEWS = "see_name_views"
    ALLOW_NETWORKS = "allow_networks"


ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.READER: frozenset({Permission.SEE_MENTIONS, Permission.EXPORT_MENTIONS, Permission.SEE_SPACES}),
    Role.COMMUNITY_MANAGER: frozenset(
        {
            Permission.SEE_MENTIONS,
            Permission.EXPORT_MENTIONS,
            Permission.REVEAL_AUTHOR,
            Permission.NAME_TO_ANSWER,
            Permission.NAME_TO_MODERATE,
            Permission.NAME_FOR_RELATIONS,
            Permission.MARK_MENTIONS,
            Permission.ANNOTATE,
            Permission.EDIT_WATCHES,
            Permission.SEE_SPACES,
            Permission.EDIT_SPACES,
            Permission.IMPORT_FILES,
        }
    ),
    Role.SAFETY_OFFICER: frozenset(
        {
            Permission.SEE_MENTIONS,
            Permission.EXPORT_MENTIONS,
            Permission.REVEAL_AUTHOR,
            Permission.NAME_FOR_SAFETY,
            Permission.MARK_MENTIONS,
            Permission.ANNOTATE,
            Permission.ADJUDICATE,
            Permission.EDIT_WATCHES,
            Permission.SEE_SPACES,
            Permission.SEE_AUDIT,
        }
    ),
    Role.ADMINISTRATOR: frozenset(Permission),
}
"""What each role may do; the table of docs/reference/roles.md is generated from it."""

FOR_PURPOSE: Mapping[NamePurpose, Permission] = {
    NamePurpose.ANSWER: Permission.NAME_TO_ANSWER,
    NamePurpose.SAFETY: Permission.NAME_FOR_SAFETY,
    NamePurpose.MODERATION: Permission.NAME_TO_MODERATE,
    NamePurpose.RELATIONS: Permission.NAME_FOR_RELATIONS,
    NamePurpose.RIGHTS: Permission.NAME_FOR_RIGHTS,
    NamePurpose.LEGAL: Permission.NAME_FOR_CLAIMS,
}
"""What it takes to see the clear name of an author for each purpose."""

OVER_ALL_BRANDS = frozenset(
    {
        Permission.SEE_WORK,
        Permission.STEER_WORK,
        Permission.SEE_AUDIT,
        Permission.EDIT_PEOPLE,
        Permission.ERASE,
        Permission.ROTATE_KEYS,
        Permission.SEE_NAME_VIEWS,
        Permission.ALLOW_NETWORKS,
    }
)
"""Permissions that a membership of one brand never gives: they show or touch what belongs to other brands."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, with what each membership lets them do."""

    user_id: int | None
    actor: str
    """As the audit log writes it: `user:12`, `worker`, `command`."""
    everywhere: frozenset[Permission]
    """What they may do whatever the brand."""
    by_brand: Mapping[int, frozenset[Permission]]

    def may(self, permission: Permission, *, brand_id: int | None = None) -> bool:
        """Say whether they may, in that brand, or, without one, in at least one brand (or everywhere when it must be)."""
        if permission in self.everywhere:
            return True
        if permission in OVER_ALL_BRANDS:
            return False
        if brand_id is not None:
            return permission in self.by_brand.get(brand_id, frozenset())
        return any(permission in allowed for allowed in self.by_brand.values())

    def brands(self, permission: Permission) -> frozenset[int] | None:
        """Return the brands in which they may; `None` means all of them."""
        if permission in self.everywhere:
            return None
        return frozenset(brand for brand, allowed in self.by_brand.items() if permission in allowed)

    def require(self, permission: Permission, *, brand_id: int | None = None) -> None:
        """Refuse who may not.

        Raises:
            DecisionError: with code `permission.refused`.
        """
        if not self.may(permission, brand_id=brand_id):
            raise DecisionError(
                "Your role does not allow this. An administrator can change it.",
                code="permission.refused",
                facts={"permission": permission.value},
            )


WORKER = Asker(None, "worker", frozenset(Permission), {})
"""The worker itself."""

COMMAND = Asker(None, "command", frozenset(Permission), {})
"""Somebody with a shell on the machine."""


def asker_of(user_id: int, memberships: list[tuple[int | None, Role]]) -> Asker:
    """Build who asks from their memberships, (brand or all, role) each."""
    everywhere: frozenset[Permission] = frozenset()
    by_brand: dict[int, frozenset[Permission]] = {}
    for brand_id, role in memberships:
        allowed = ROLE_PERMISSIONS[role]
        if brand_id is None:
            everywhere |= allowed
        else:
            by_brand[brand_id] = by_brand.get(brand_id, frozenset()) | (allowed - OVER_ALL_BRANDS)
    return Asker(user_id, f"user:{user_id}", everywhere, by_brand)
