"""Commands that draw and make fonts, which `hangeul-bench` finds by an entry point."""

# Command name -> ("module:attribute", one line for --help), as in hangeul_bench.cli.
COMMANDS = {
    "draw": ("fontmaker.cli.draw:draw", "Draw a text in the style of one reference."),
    "template": ("fontmaker.cli.template:template", "A sheet to write references on, as PDF."),
    "font": ("fontmaker.cli.font:font", "From a few glyphs to an installable font."),
    "app": ("fontmaker.cli.app:app", "The same on a page in the browser."),
}
