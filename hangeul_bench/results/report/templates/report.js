"use strict";
(() => {
  const table = document.getElementById("score-table");
  const form = document.getElementById("filters");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);

  function filter() {
    const wanted = ["cell", "category", "kind"].map((name) => [name, form.elements[name].value]);
    // A column that holds one chosen value says nothing: the numbers move up.
    for (const [name, value] of wanted) table.classList.toggle(`one-${name}`, value !== "");
    let shown = 0;
    for (const row of rows) {
      row.hidden = wanted.some(([name, value]) => value && row.dataset[name] !== value);
      shown += row.hidden ? 0 : 1;
    }
    form.elements.count.value = `${shown} of ${rows.length} rows`;
  }

  const text = (row, column) => row.cells[column].textContent.trim();
  const number = (row, column) => Number.parseFloat(row.cells[column].dataset.value ?? "NaN");

  function compare(a, b, column, kind) {
    if (kind === "text") return text(a, column).localeCompare(text(b, column), "en");
    return number(a, column) - number(b, column);
  }

  function sort(head) {
    const { sort: kind } = head.dataset;
    const first = kind === "high" ? "descending" : "ascending";
    const second = kind === "high" ? "ascending" : "descending";
    const direction = head.getAttribute("aria-sort") === first ? second : first;
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    const column = head.cellIndex;
    // A row without the number comes last in either direction.
    const empty = (row) => (kind !== "text" && Number.isNaN(number(row, column)) ? 1 : 0);
    rows.sort((a, b) => empty(a) - empty(b) || (empty(a) ? 0 : sign * compare(a, b, column, kind)));
    body.append(...rows);
  }

  function makeSortable(head) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }

  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) target.open = true;
  }

  for (const head of table.tHead.rows[0].cells) makeSortable(head);
  for (const option of form.querySelectorAll("option[data-start]")) option.selected = true;
  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
  addEventListener("hashchange", openTarget);
  openTarget();
})();
