"""A report as text, and its elements."""

from html.parser import HTMLParser

from hangeul_bench.results.report.write import write_report


class Outline(HTMLParser):
    """Which tags, ids, headings and resource addresses a page holds."""

    VOID = frozenset({"meta", "circle", "path", "link", "br", "img", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids, self.open, self.addresses, self.unlabelled = [], [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        self.addresses += [values[name] for name in ("src", "href", "action") if name in values]
        self.unlabelled += values.get("role") == "img" and not values.get("aria-label")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def page_of(paths, tmp_path, dataset):
    out = tmp_path / "report.html"
    left_out = write_report(paths, out, dataset=dataset)
    return out.read_text(encoding="utf-8"), left_out
