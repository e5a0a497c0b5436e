// Adds sorting and filtering to tables that read well without it.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => {
        const cell = row.cells[column];
        const number = parseFloat(cell.dataset.v);
        return cell.dataset.v === undefined ? cell.textContent : number;
      };
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (typeof x === "string") return x.localeCompare(y, "en", { numeric: true }) * (down ? -1 : 1);
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
        return (x - y) * (down ? -1 : 1);
      };
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort(order));
    });
  });
}
for (const table of document.querySelectorAll("table.filterable")) {
  const rows = [...table.tBodies[0].rows];
  const controls = document.createElement("div");
  controls.className = "controls";
  const search = document.createElement("input");
  search.type = "search";
  search.placeholder = "mass, category, known name";
  const verdict = document.createElement("select");
  const verdicts = [...new Set(rows.map((row) => row.cells[1].textContent))].sort();
  for (const name of ["any verdict", ...verdicts]) verdict.add(new Option(name));
  const shown = document.createElement("output");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const keep = words.every((word) => text.includes(word))
        && (verdict.selectedIndex === 0 || row.cells[1].textContent === verdict.value);
      row.hidden = !keep;
      n += keep;
    }
    shown.value = n + " of " + rows.length + " shown";
  };
  const label = (text, input) => {
    const label = document.createElement("label");
    label.append(text + " ", input);
    return label;
  };
  search.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  controls.append(label("Filter", search), label("Verdict", verdict), shown);
  table.parentElement.before(controls);
  filter();
}
