"""The report in a browser: sorting, filtering, and no scrolling sideways."""

import pytest

from support.webdriver import Browser, needs_browser

VISIBLE = """
return Array.from(document.querySelectorAll("#score-table tbody tr"))
  .filter((row) => row.offsetParent !== null)
  .map((row) => [row.cells[0].textContent.trim(), row.dataset.cell, row.dataset.category]);
"""

CHOOSE = """
const select = document.querySelector(`#filters [name=${arguments[0]}]`);
select.value = arguments[1];
select.dispatchEvent(new Event("change", {bubbles: true}));
"""

HEAD = """
return Array.from(document.querySelectorAll("#score-table thead button"))
  .find((button) => button.textContent.startsWith(arguments[0]))
"""


@needs_browser
def test_sorting_and_filtering_in_a_browser(written, tmp_path):
    with Browser(tmp_path / "profile", width=1280) as browser:
        browser.open(written[0])
        rows = browser.run(VISIBLE)
        assert [row[0] for row in rows] == ["dkfont", "diff-font", "blank"]
        assert {(cell, category) for _, cell, category in rows} == {("uf", "all")}
        browser.run(f"({HEAD.strip().removeprefix('return ')}).click()", "SSIM")
        assert [row[0] for row in browser.run(VISIBLE)] == ["dkfont", "diff-font", "blank"]
        browser.run(f"({HEAD.strip().removeprefix('return ')}).focus()", "SSIM")
        browser.press("\ue007")  # Enter: the table can be sorted without a mouse
        assert [row[0] for row in browser.run(VISIBLE)] == ["blank", "diff-font", "dkfont"]
        browser.run(CHOOSE, "kind", "model")
        assert [row[0] for row in browser.run(VISIBLE)] == ["diff-font", "dkfont"]
        browser.run(CHOOSE, "cell", "ufuc")
        browser.run(CHOOSE, "category", "printed")
        assert {tuple(row[1:]) for row in browser.run(VISIBLE)} == {("ufuc", "printed")}
        browser.run("location.hash = 'run-3'")
        assert browser.errors() == []


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_page_does_not_scroll_sideways(width, written, tmp_path):
    with Browser(tmp_path / "profile", width=width) as browser:
        browser.open(written[0])
        browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        inside = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
        assert inside == [width, width]
        drawn = browser.run(
            "return getComputedStyle(document.querySelector('.strip i')).backgroundImage"
        )
        assert drawn.startswith('url("data:image/png')
        assert browser.errors() == []
