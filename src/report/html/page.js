// Adds sorting, filtering and pages to tables that read well without it. Rows beyond the first page wait in a template.
"use strict";
const PAGE = 200;
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const more = table.parentElement.querySelector("template");
  const rows = [...body.rows, ...(more ? more.content.querySelectorAll("tr") : [])];
  const size = table.classList.contains("filterable") ? PAGE : rows.length;
  let [kept, first] = [rows, 0];
  const shown = document.createElement("output");
  const turn = (text, by) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => show(first + by));
    return button;
  };
  const [back, on] = [turn("Previous", -size), turn("Next", size)];
  const show = (from) => {
    first = from;
    body.replaceChildren(...kept.slice(first, first + size));
    const last = Math.min(first + size, kept.length);
    const all = kept.length < rows.length ? kept.length + " found of " + rows.length : String(rows.length);
    shown.value = kept.length > size ? first + 1 + " to " + last + " of " + all : kept.length + " of " + rows.length + " shown";
    back.disabled = first === 0;
    on.disabled = last === kept.length;
    back.hidden = on.hidden = kept.length <= size;
  };
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
        return cell.dataset.v === undefined ? cell.textContent : parseFloat(cell.dataset.v);
      };
      const words = new Intl.Collator("en", { numeric: true });
      const order = ([x], [y]) => {
        if (typeof x === "string") return words.compare(x, y) * (down ? -1 : 1);
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
        return (x - y) * (down ? -1 : 1);
      };
      const sorted = rows.map((row) => [key(row), row]).sort(order).map(([, row]) => row);
      rows.splice(0, rows.length, ...sorted);
      filter();
    });
  });
  let keep = () => true;
  const filter = () => {
    kept = rows.filter(keep);
    show(0);
  };
  if (!table.classList.contains("filterable")) continue;
  const controls = document.createElement("div");
  controls.className = "controls";
  const search = document.createElement("input");
  search.type = "search";
  search.placeholder = "mass, category, known name";
  const verdict = document.createElement("select");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const verdicts = [...new Set(rows.map((row) => row.cells[1].textContent))].sort();
  for (const name of ["any verdict", ...verdicts]) verdict.add(new Option(name));
  const asked = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const any = verdict.selectedIndex === 0;
    keep = (row) => words.every((word) => texts.get(row).includes(word))
      && (any || row.cells[1].textContent === verdict.value);
    filter();
  };
  const label = (text, input) => {
    const label = document.createElement("label");
    label.append(text + " ", input);
    return label;
  };
  search.addEventListener("input", asked);
  verdict.addEventListener("change", asked);
  controls.append(label("Filter", search), label("Verdict", verdict), shown, back, on);
  table.parentElement.before(controls);
  filter();
}
