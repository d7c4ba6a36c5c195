"""Encrypt what must not stand in the record as it is: log-ins of spaces, evidence.

Fernet (AES-128-CBC and HMAC-SHA256, cryptography.io/en/latest/fernet) with several keys: the first encrypts, all
decrypt, so that a key is changed without a moment in which nothing can be read.
"""

import os
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from vigie.errors import ConfigError


def new_key() -> str:
    """Return a new key, as `VIGIE_SECRETS_KEYS` holds it."""
    return Fernet.generate_key().decode()


def seal(value: bytes) -> bytes:
    """Encrypt a value."""
    return _vault().encrypt(value)


def unseal(value: bytes) -> bytes:
    """Decrypt a value.

    Raises:
        ConfigError: no key that is set decrypts it.
    """
    try:
        return _vault().decrypt(bytes(value))
    except InvalidToken as exc:
        raise ConfigError(
            "A secret can't be decrypted: the key that encrypted it is not among VIGIE_SECRETS_KEYS.", code="vault.key"
        ) from exc


def resealed(value: bytes) -> bytes:
    """Encrypt a value anew under the first key; its time of writing stays."""
    try:
        return _vault().rotate(bytes(value))
    except InvalidToken as exc:
        raise ConfigError(
            "A secret can't be decrypted: the key that encrypted it is not among VIGIE_SECRETS_KEYS.", code="vault.key"
        ) from exc


def is_current(value: bytes) -> bool:
    """Say whether a value is encrypted under the first key."""
    try:
        _first().decrypt(bytes(value))
    except InvalidToken:
        return False
    return True


@cache
def _first() -> Fernet:
    return Fernet((settings.VIGIE.secrets_keys or (_kept_key(),))[0])


@cache
def _vault() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.VIGIE.secrets_keys or (_kept_key(),)])
    except ValueError as exc:
        raise ConfigError(
            "VIGIE_SECRETS_KEYS holds something that is no key; `vigie secrets key` makes one.", code="vault.form"
        ) from exc


def forget() -> None:
    """Forget the keys that were read, after the settings changed."""
    _vault.cache_clear()
    _first.cache_clear()


def _kept_key() -> str:
    """Return the key of `<var>/secrets.key`, made once and readable by its owner only."""
    path = settings.VIGIE.secrets_key_file
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key())
    return path.read_text(encoding="ascii").strip()
