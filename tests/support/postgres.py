"""A PostgreSQL of Debian's binaries in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import uuid
from pathlib import Path

import psycopg
import pytest
from support.processes import free_port


def binaries() -> Path | None:
    """Return the folder of the newest installed server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def new_database(template: str | None = None) -> str:
    """Make a database on the run's server, empty or as another's, and return its address."""
    server = os.environ["VIGIE_DATABASE_URL"].rsplit("/", 1)[0]
    name = f"vigie_{uuid.uuid4().hex[:12]}"
    copied = template.rsplit("/", 1)[1] if template else "template0"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied}")
    return f"{server}/{name}"


class Postgres:
    """One server, without the safety of disks: its data end with the run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder, binaries()
        if self.bin is None:
            pytest.exit("PostgreSQL is not installed (sudo apt install postgresql)", returncode=1)

    def _run(self, *command: str) -> None:
        root = os.geteuid() == 0
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if root else []
        subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self) -> str:
        """Start it, and return the address of an empty database."""
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        port, data = free_port(), str(self.folder / "data")
        self._run(
            f"{self.bin}/initdb",
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "vigie",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        options = (
            f"-c listen_addresses=127.0.0.1 -p {port} -k {self.folder} -c fsync=off -c synchronous_commit=off "
            "-c full_page_writes=off -c shared_buffers=64MB"
        )
        self._run(f"{self.bin}/pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        self._run(f"{self.bin}/createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "vigie", "vigie")
        return f"postgres://vigie@127.0.0.1:{port}/vigie"

    def stop(self) -> None:
        """Stop it and remove its data."""
        self._run(f"{self.bin}/pg_ctl", "-D", str(self.folder / "data"), "-m", "fast", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
