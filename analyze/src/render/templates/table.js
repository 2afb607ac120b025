"use strict";
// Sorts a table by the column whose heading's button is pressed; without it the table stands in
// the order of the logs. A table with more syncs than a page holds brings all of them as data
// (see `data` in rows.rs) and shows them page by page.
const SECONDS = [5, 6, 7], COUNTS = [8, 9], TEXTS = [2, 3, 4, 10, 11], INPUT = 12, LINE = 13;
const DASH = "\u2013", PAGE = 200;

function duration(seconds) {
  if (seconds === null) return DASH;
  if (Math.abs(seconds) < 0.9995) return (seconds * 1000).toFixed(0) + " ms";
  const tenths = Math.round(seconds * 10);
  if (tenths < 600) return seconds.toFixed(1) + " s";
  if (tenths < 36000) {
    const minutes = Math.floor(tenths / 600);
    return minutes + "m " + ((tenths - minutes * 600) / 10).toFixed(1) + "s";
  }
  const whole = Math.round(seconds);
  return Math.floor(whole / 3600) + "h " + Math.floor(whole % 3600 / 60) + "m " + whole % 60 + "s";
}

function count(n) {
  if (n === null) return DASH;
  return (n < 0 ? "\u2212" : "") + String(Math.abs(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === "") return -1;
  if (b === null || b === "") return 1;
  return typeof a === "number" ? a - b : a.localeCompare(b);
}

function mark(table, head) {
  const up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  return up;
}

function sortRows(table, column, up) {
  const body = table.tBodies[0];
  const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
  const rows = [...body.rows].map((row) => [key(row), row]);
  const numeric = rows.every(([k]) => k === "" || !Number.isNaN(Number(k)));
  if (numeric) for (const row of rows) row[0] = row[0] === "" ? null : Number(row[0]);
  rows.sort(([a], [b]) => compare(a, b));
  if (!up) rows.reverse();
  body.append(...rows.map(([, row]) => row));
}

class Pages {
  constructor(table, all) {
    this.table = table;
    this.texts = all.texts;
    this.rows = all.rows;
    this.page = 0;
    this.bar = document.createElement("div");
    this.bar.className = "pager";
    this.said = document.createElement("span");
    this.said.setAttribute("role", "status");
    const button = (words, step) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = words;
      made.addEventListener("click", () => this.show(this.page + step));
      return made;
    };
    this.back = button("Previous", -1);
    this.on = button("Next", 1);
    this.bar.append(this.back, this.on, this.said);
    table.parentElement.before(this.bar);
    this.show(0);
    const find = () => this.find(location.hash);
    addEventListener("hashchange", find);
    find();
  }
  get last() { return Math.ceil(this.rows.length / PAGE) - 1; }
  value(row, column) {
    // Column 0 of the table is the second cell of a row; the first is the sync's place.
    const at = column + 1;
    if (at === INPUT) return this.texts[row[INPUT]] + ":" + row[LINE];
    return TEXTS.includes(at) ? this.texts[row[at]] : row[at];
  }
  cell(row, column) {
    const at = column + 1, cell = document.createElement("td"), value = this.value(row, column);
    if (SECONDS.includes(at)) cell.textContent = duration(value);
    else if (COUNTS.includes(at)) cell.textContent = count(value);
    else cell.textContent = value ?? DASH;
    if (SECONDS.includes(at) || COUNTS.includes(at)) cell.dataset.v = value ?? "";
    return cell;
  }
  show(page) {
    this.page = Math.min(Math.max(page, 0), this.last);
    const from = this.page * PAGE, shown = this.rows.slice(from, from + PAGE);
    this.table.tBodies[0].replaceChildren(...shown.map((row) => {
      const line = document.createElement("tr");
      line.id = "s" + row[0];
      for (let column = 0; column < 12; column += 1) line.append(this.cell(row, column));
      return line;
    }));
    this.back.disabled = this.page === 0;
    this.on.disabled = this.page === this.last;
    this.said.textContent = count(from + 1) + " to " + count(from + shown.length) + " of " + count(this.rows.length);
  }
  sort(column, up) {
    this.rows.sort((a, b) => compare(this.value(a, column), this.value(b, column)));
    if (!up) this.rows.reverse();
    this.show(0);
  }
  find(hash) {
    const at = this.rows.findIndex((row) => "#s" + row[0] === hash);
    if (at < 0) return;
    this.show(Math.floor(at / PAGE));
    document.getElementById(hash.slice(1)).scrollIntoView({ block: "center" });
  }
}

for (const table of document.querySelectorAll("table.sortable")) {
  const data = table.dataset.rows && document.getElementById(table.dataset.rows);
  const pages = data ? new Pages(table, JSON.parse(data.textContent)) : null;
  table.querySelectorAll("thead button").forEach((button, column) => {
    button.addEventListener("click", () => {
      const up = mark(table, button.closest("th"));
      if (pages) pages.sort(column, up); else sortRows(table, column, up);
    });
  });
}
