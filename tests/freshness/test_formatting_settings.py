"""Settings of servers, and languages without a parser here: comments and layout are silent, all else is told."""

from __future__ import annotations

import pytest

from meanings import same

NGINX = "http {\n  server {\n    listen 80;\n    location / { proxy_pass http://app:8080; }\n  }\n}\n"
NGINX_PATHS = ("nginx.conf", "deploy/site.nginx", "etc/nginx/conf.d/app.conf", "sites-enabled/shop")
ENV_PATHS = (".env", "config/prod.env", ".env.production", "app.env.example")
C = "#include <a.h>\n#define PORT 80\nint main(void) {\n  return run(PORT); // it\n}\n"
RUST = 'use std::fs;\n\nfn main() {\n    let x = 5; // five\n    println!("{}", x);\n}\n'
JAVA = "public class Main {\n    static final int PORT = 8080;\n    void run() { start(PORT); }\n}\n"


def both(*paths: str, **pairs: tuple[str, str]) -> list[object]:
    return [pytest.param(path, *pair, id=f"{path}-{name}") for path in paths for name, pair in pairs.items()]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        *both(
            *NGINX_PATHS,
            indented=(NGINX, NGINX.replace("  ", "    ")),
            commented=(NGINX, "# top\n" + NGINX.replace("80;", "80; # http", 1)),
            folded=(NGINX, NGINX.replace("{ proxy_pass", "{\n      proxy_pass").replace("; }", ";\n    }")),
            quoted=(NGINX.replace("/ {", "'/' {"), NGINX.replace("/ {", '"/"{')),
        ),
        *both(
            *ENV_PATHS,
            commented=("A=1\nB=two\n", "# c\nA=1\n\n  # x=3\nB=two"),
            ordered=("A=1\nB=two\n", "B=two\nA=1\n"),
            indented=("A=1\n", "  A=1\n"),
        ),
        *both(
            "a.properties",
            commented=("a=1\nb=2\n", "# c\na=1\n! d\n\nb=2\n"),
            spaced=("a=1\nb=2\n", "a = 1\n  b: 2\n".replace(":", "=")),
            continued=("a=x y\n", "a=x \\\n   y\n"),
        ),
        *both(
            "haproxy.cfg",
            "sshd_config",
            "CODEOWNERS",
            "pg_hba.conf",
            commented=("x  a b # c\ny d\n", "# e\nx a\tb\n\n    y d   # f\n"),
        ),
        *both(
            "crontab",
            "etc/cron.d/backup",
            "jobs/nightly.cron",
            "redis.conf",
            "logrotate.d/app",
            commented=("0 3 * * * root /bin/backup\n", "# c\n0\t3 * * *  root /bin/backup\n\n"),
        ),
        *both(".gitignore", ".dockerignore", "Procfile", "app.conf", commented=("a b\nc\n", "# x\na b\n\nc\n")),
        *both("requirements/base.txt", "requirements-dev.in", commented=("a==1\nb==2\n", "# x\nb==2\na==1  # why\n")),
        *both(
            "main.c",
            commented=(C, C.replace(" // it", "").replace("  return", "  /* c */\n  return")),
            braces=(C, C.replace("(void) {", "(void)\n{")),
        ),
        *both(
            "main.rs",
            commented=(RUST, RUST.replace(" // five", "").replace("fn main", "/// Doc\nfn main")),
            braces=(RUST, RUST.replace("() {", "()\n{")),
        ),
        *both(
            "Main.java",
            folded=(JAVA, JAVA.replace("{ start(PORT); }", "{\n        start(PORT);\n    }")),
            commented=(JAVA, JAVA.replace("    void", "    /** Doc */\n    void")),
        ),
        *both("a.php", braces=("<?php\nfunction f($p) {\n}\n", "<?php\n// c\nfunction f($p)\n{\n}\n")),
        *both("a.css", folded=("a { color: red; } /* c */\n", "a {\n  color: red;\n}\n")),
        *both("a.jsonc", commented=('{"a": 1}', '{\n // c\n "a": 1 /* d */\n}')),
        *both("a.json5", commented=("{a:1}", "// c\n{a: 1}")),
        *both("Jenkinsfile", commented=("node { sh 'a' } // c\n", "/* d */\nnode { sh 'a' }\n")),
        *both("a.pl", commented=("my $a = 1;\n", "# c\nmy $a = 1;\n")),
    ],
)
def test_comments_and_layout_are_silent(path: str, before: str, after: str) -> None:
    assert same(path, before, after)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        *both(
            *NGINX_PATHS,
            port=(NGINX, NGINX.replace("8080", "8081")),
            switched_off=(NGINX, NGINX.replace("    location", "    #location")),
            text=(NGINX.replace("/ {", "'a b' {"), NGINX.replace("/ {", "'a  b' {")),
            word=(NGINX.replace("/ {", "/${a}b {"), NGINX.replace("/ {", "/${a} b {")),
            fragment=(NGINX.replace("/ {", "/x#a {"), NGINX.replace("/ {", "/x#b {")),
            lua=(
                NGINX.replace("listen 80;", "content_by_lua_block { return #a }"),
                NGINX.replace("listen 80;", "content_by_lua_block { return #b }"),
            ),
            open=(NGINX + "'a  b", NGINX + "'a b"),
        ),
        *both(
            *ENV_PATHS,
            value=("A=1\nB=two\n", "A=1\nB=three\n"),
            switched_off=("A=1\nB=two\n", "A=1\n#B=two\n"),
            no_comment=("A=a#b\n", "A=a#c\n"),
            space=("A=a b\n", "A=a  b\n"),
            inside=("A='x\n# y\nz'\n", "A='x\n# w\nz'\n"),
            order=("A=1\nB=$A\n", "B=$A\nA=1\n"),
            twice=("A=1\nA=2\n", "A=2\nA=1\n"),
            odd=("A=1\nx y\n", "A=1\nx  z\n"),
        ),
        *both(
            "a.properties",
            value=("a=1\n", "a=2\n"),
            key=("a=1\n", "b=1\n"),
            continued=("a=x\\\n#y\n", "a=x\\\n#z\n"),
            space=("a=x  y\n", "a=x y\n"),
        ),
        *both(
            "haproxy.cfg",
            "sshd_config",
            "CODEOWNERS",
            "pg_hba.conf",
            value=("x a\ny b\n", "x a\ny c\n"),
            order=("x a\ny b\n", "y b\nx a\n"),
            text=("x 'a  b'\n", "x 'a b'\n"),
            no_comment=("x '# a'\n", "x '# b'\n"),
            within=("x a#b\n", "x a#c\n"),
            open=("x 'a  b\n", "x 'a b\n"),
        ),
        *both(
            "crontab",
            "etc/cron.d/backup",
            "jobs/nightly.cron",
            "redis.conf",
            "logrotate.d/app",
            value=("0 3 * * * a\n", "0 4 * * * a\n"),
            switched_off=("0 3 * * * a\n", "#0 3 * * * a\n"),
            behind=("0 3 * * * a # b\n", "0 3 * * * a # c\n"),
            text=("0 3 * * * echo 'a  b'\n", "0 3 * * * echo 'a b'\n"),
        ),
        *both(".gitignore", "Procfile", "app.conf", line=("a\nb\n", "a\n"), order=("a\nb\n", "b\na\n")),
        *both(
            "app.conf",
            "limits.conf",
            "a.ini",
            included=("[a]\nb = c\n#include more.conf\n", "[a]\nb = c\n#include less.conf\n"),
        ),
        *both("app.conf", indented=("a\n  b\n", "a\nb\n")),
        *both("requirements/base.txt", version=("a==1\n", "a==2\n")),
        *both(
            "main.c",
            value=(C, C.replace("80", "81")),
            header=(C, C.replace("<a.h>", "<b.h>")),
            line=(C, C.replace("PORT 80\n", "PORT\n80\n")),
            signs=(C.replace("(PORT)", "(a - -b)"), C.replace("(PORT)", "(a --b)")),
        ),
        *both(
            "main.rs",
            value=(RUST, RUST.replace("5", "6")),
            text=(RUST, RUST.replace("{}", "{:?}")),
            signs=(RUST.replace("5", "a & &b"), RUST.replace("5", "a &&b")),
        ),
        *both("Main.java", value=(JAVA, JAVA.replace("8080", "8081")), word=(JAVA, JAVA.replace("static ", ""))),
        *both("a.kt", line=("val a = b\n-c\n", "val a = b -c\n")),
        *both("a.css", selector=("a .b {}\n", "a.b {}\n"), value=("a { b: c }\n", "a { b: d }\n")),
        *both("a.jsonc", value=('{"a": 1}', '{"a": 2}')),
        *both("Jenkinsfile", text=("node { sh 'a b' }\n", "node { sh 'a  b' }\n")),
    ],
)
def test_what_else_changes_is_told(path: str, before: str, after: str) -> None:
    assert not same(path, before, after)
