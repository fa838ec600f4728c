"""Which rules of a style sheet are left."""

from __future__ import annotations

import pytest

from blackstart.site.slim import slimmed, words_of_page, words_of_script

PAGE = '<body class="md-body wide" data-md-color-scheme="slate"><p class="note">x</p></body>'
SCRIPT = 'e.classList.toggle("is-open"), t.className = `md-tag--${kind}`, read("--gap")'
WORDS = words_of_page(PAGE) | words_of_script(SCRIPT)


@pytest.mark.parametrize(
    ("css", "left"),
    [
        (".note{a:b}", ".note{a:b}"),
        (".gone{a:b}", ""),
        (".gone, .note, p .gone{a:b}", " .note{a:b}"),
        (".is-open>.note{a:b}", ".is-open>.note{a:b}"),
        (".md-tag--new{a:b}", ".md-tag--new{a:b}"),
        ("p:not(.gone){a:b}", "p:not(.gone){a:b}"),
        ("p:is(.gone,.note){a:b}", "p:is(.gone,.note){a:b}"),
        ('a[href=".gone"]{a:b}', 'a[href=".gone"]{a:b}'),
        ("[data-md-color-scheme=slate]{a:b}", "[data-md-color-scheme=slate]{a:b}"),
        ("[data-md-color-scheme=default]{a:b}", ""),
        ("@media print{.gone{a:b}.note{a:b}}", "@media print{.note{a:b}}"),
        ("@media print{.gone{a:b}}", ""),
        ("@font-face{font-family:x}", "@font-face{font-family:x}"),
        (":root{--used:1;--gone:2;--gap:3;a:b}p{c:var(--used)}", ":root{--used:1;--gap:3;a:b}p{c:var(--used)}"),
        (":root{--gone:2}", ""),
    ],
)
def test_what_can_match_stays(css: str, left: str) -> None:
    assert slimmed({"a.css": css}, WORDS) == {"a.css": left}


def test_a_variable_that_another_sheet_reads_stays() -> None:
    left = slimmed({"a.css": ":root{--x:1;--y:2}", "b.css": "p{c:var(--x)}.gone{c:var(--y)}"}, WORDS)
    assert left["a.css"] == ":root{--x:1}"


def test_an_icon_in_a_style_sheet_survives() -> None:
    css = '.note{background:url(\'data:image/svg+xml;charset=utf-8,<svg xmlns="x"><path d="M0{0},.gone"/></svg>\')}'
    assert "M0{0},.gone" in slimmed({"a.css": css}, WORDS)["a.css"]
