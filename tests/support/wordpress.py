"""Debian's WordPress on loopback: a database and a PHP server of its own, in a temporary folder."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import httpx
from support.processes import Server, answers, free_port, needs

SETUP = """<?php
define('WP_INSTALLING', true); $_SERVER['HTTP_HOST']='127.0.0.1';
require $argv[1].'/wp-load.php'; require ABSPATH.'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('Blog d\\'essai','admin','admin@example.test',true,'','adminpw');
update_option('permalink_structure','/%year%/%monthnum%/%day%/%postname%/');
update_option('comment_moderation','0'); update_option('comment_previously_approved','0');
global $wp_rewrite; $wp_rewrite->init(); $wp_rewrite->flush_rules(false);
list($pw)=WP_Application_Passwords::create_new_application_password(get_user_by('login','admin')->ID,['name'=>'tests']);
echo $pw;
"""

ROUTER = """<?php
$p=parse_url($_SERVER['REQUEST_URI'],PHP_URL_PATH); $f=$_SERVER['DOCUMENT_ROOT'].$p;
if($p!='/' && file_exists($f)) return false;
$_SERVER['SCRIPT_NAME']='/index.php'; require $_SERVER['DOCUMENT_ROOT'].'/index.php';
"""

CONFIG = """<?php
define('DB_NAME','wp'); define('DB_USER','wp'); define('DB_PASSWORD','wp'); define('DB_HOST','localhost:{socket}');
define('DB_CHARSET','utf8mb4'); define('DB_COLLATE','');
define('WP_HOME','{url}'); define('WP_SITEURL','{url}'); define('WP_ENVIRONMENT_TYPE','local');
define('WP_HTTP_BLOCK_EXTERNAL',true); define('DISABLE_WP_CRON',true); define('AUTOMATIC_UPDATER_DISABLED',true);
define('WP_DEBUG',false); $table_prefix='wp_';
if(!defined('ABSPATH')) define('ABSPATH','{www}/');
require_once ABSPATH.'wp-settings.php';
"""

NO_FLOOD_CHECK = "<?php remove_action('check_comment_flood','check_comment_flood_db',10);"
"""Visitors of a test comment faster than once in 15 s."""


class WordPress:
    """A blog that answers like any other."""

    def __init__(self, folder: Path) -> None:
        needs("mariadbd", "mariadb-install-db", "php", "/usr/share/wordpress/wp-load.php")
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.socket = folder / "m.sock"
        self._servers: list[Server] = []

    def start(self) -> "WordPress":
        """Start the database and the blog, and log in."""
        self._database()
        self._files()
        self.password = subprocess.run(
            ["php", str(self.folder / "setup.php"), str(self.folder / "www")],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        php = [
            "php",
            "-d",
            "display_errors=0",
            "-S",
            f"127.0.0.1:{self.port}",
            "-t",
            str(self.folder / "www"),
            str(self.folder / "router.php"),
        ]
        server = Server(php, self.folder / "php.log", env={**os.environ, "PHP_CLI_SERVER_WORKERS": "2"})
        self._servers.append(server)
        server.wait_until(lambda: answers(self.port))
        return self

    def _database(self) -> None:
        root, data = os.geteuid() == 0, self.folder / "db"
        data.mkdir()
        user = ["--user=mysql"] if root else []
        if root:
            shutil.chown(self.folder, "mysql", "mysql")
            shutil.chown(data, "mysql", "mysql")
            self.folder.chmod(0o755)
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", *user, f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        command = [
            shutil.which("mariadbd") or "mariadbd", "--no-defaults", *user, f"--datadir={data}", f"--socket={self.socket}",
            f"--pid-file={self.folder}/m.pid", "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M", "--performance-schema=OFF",
        ]  # fmt: skip
        server = Server(command, self.folder / "db.log")
        self._servers.append(server)
        server.wait_until(lambda: self._sql("select 1"))
        sql = "create database wp character set utf8mb4; create user wp@localhost identified by 'wp'; grant all on wp.* to wp@localhost"
        assert self._sql(sql)

    def _sql(self, statement: str) -> bool:
        command = ["mariadb", "--no-defaults", "-uroot", f"--socket={self.socket}", "-e", statement]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _files(self) -> None:
        www = self.folder / "www"
        subprocess.run(["cp", "-rL", "/usr/share/wordpress", str(www)], check=False, stderr=subprocess.DEVNULL)
        (www / "wp-config.php").unlink(missing_ok=True)
        (www / "wp-config.php").write_text(CONFIG.format(socket=self.socket, url=self.url, www=www))
        plugins = www / "wp-content" / "mu-plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        (plugins / "t.php").write_text(NO_FLOOD_CHECK)
        (self.folder / "setup.php").write_text(SETUP)
        (self.folder / "router.php").write_text(ROUTER)

    def _rest(self, path: str, values: dict[str, object], method: str = "POST") -> dict[str, object]:
        answer = httpx.request(
            method, f"{self.url}/wp-json/wp/v2/{path}", json=values, auth=("admin", self.password), timeout=30
        )
        answer.raise_for_status()
        return dict(answer.json())

    def publish(self, title: str, html: str) -> int:
        """Publish a post and return its id."""
        return int(str(self._rest("posts", {"title": title, "content": html, "status": "publish"})["id"]))

    def edit(self, post: int, html: str) -> None:
        """Change a post's text."""
        self._rest(f"posts/{post}", {"content": html})

    def delete_comment(self, comment: int) -> None:
        """Delete a comment for good."""
        self._rest(f"comments/{comment}", {"force": True}, "DELETE")

    def comment(self, post: int, author: str, text: str) -> None:
        """Comment on a post as a visitor does, by the form."""
        values = {"comment_post_ID": post, "author": author, "email": f"{author.lower()}@example.test", "comment": text}
        answer = httpx.post(f"{self.url}/wp-comments-post.php", data=values, timeout=30)
        assert answer.status_code == 302, json.dumps(answer.text[:300])

    def stop(self) -> None:
        """Stop both servers."""
        for server in reversed(self._servers):
            server.stop()
