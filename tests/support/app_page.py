"""What a user does on the page in a browser, and a model that waits where a test says so."""

import threading
from contextlib import contextmanager

from support.fontmaker_stubs import StubModel
from support.webdriver import Browser

TEXT_IS = "document.querySelector(arguments[0]).textContent.includes(arguments[1])"
STATE = "#text-state"


class Gate(StubModel):
    """Draws 쳇 wrongly, and nothing while it is shut."""

    def __init__(self):
        super().__init__(lambda syllable, seed: syllable == "쳇")
        self.open = threading.Event()
        self.open.set()
        draws = self.generate
        self.generate = lambda request: self.open.wait() and draws(request)


@contextmanager
def opened(address, tmp_path, *, width=1280, **options):
    """A browser that shows the page."""
    with Browser(tmp_path / "profile", width=width, **options) as browser:
        browser.requested()
        browser.visit(address)
        browser.wait("document.querySelector('#text').value !== ''")
        yield browser


def add(browser, path, tiles=1):
    """Upload a picture; there are so many references then."""
    browser.type("#file", path)
    browser.wait("document.querySelectorAll('.tile').length === arguments[0]", tiles)


def set_text(browser, text):
    """Type a text in place of the one that is there."""
    browser.clear("#text")
    browser.type("#text", text)


def shown(browser, selector):
    """The words of all elements that a selector finds."""
    return browser.run(
        "return [...document.querySelectorAll(arguments[0])].map((node) => node.textContent)",
        selector,
    )


def check_quiet(browser, *, refusals=0):
    """Nothing in the console but so many answers that refuse; no request to anywhere else."""
    errors = browser.errors()
    refused = [error for error in errors if "responded with a status of 400" in error]
    assert (errors, len(refused)) == (refused, refusals)
    own = ("chrome:", "chrome-untrusted:", "data:")  # of the browser's empty first page
    asked = [url for url in browser.requested() if not url.startswith(own)]
    home = browser.run("return location.origin") + "/"
    assert asked and [url for url in asked if not url.startswith(home)] == []
