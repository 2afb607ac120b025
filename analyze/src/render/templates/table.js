"use strict";
// What the pages do beyond standing there: tables sort and filter, a sync opens its log's lines,
// a link into something folded unfolds it, pictures of long runs zoom.
// Sorts a table by the column whose heading's button is pressed; without it the table stands in
// the order of the logs. A table with more syncs than a page holds brings all of them as data
// (see `data` in rows.rs) and shows them page by page.
const SECONDS = [1, 2, 3], COUNTS = [4, 5], TEXTS = [6, 7, 8, 9, 10], INPUT = 12, LINE = 13;
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
  body.querySelectorAll("tr.log").forEach((one) => one.remove());
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
      line.dataset.input = this.texts[row[INPUT]];
      line.dataset.line = row[LINE];
      for (let column = 0; column < 12; column += 1) line.append(this.cell(row, column));
      return line;
    }));
    lines(this.table);
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
    if (at < 0) {
      const id = /^#s(\d+)$/.exec(hash);
      if (id && !document.getElementById(hash.slice(1)))
        this.said.textContent = "Sync " + id[1] + " is one of those that only syncs.parquet has.";
      return;
    }
    this.show(Math.floor(at / PAGE));
    document.getElementById(hash.slice(1)).scrollIntoView({ block: "center" });
  }
}

// The lines of logs that the page brings: by log, [number, text] each.
const LOGS = {};
for (const one of document.querySelectorAll("script.excerpts")) Object.assign(LOGS, JSON.parse(one.textContent));

function around(row) {
  const number = Number(row.dataset.line), all = LOGS[row.dataset.input] ?? [];
  return all.some(([at]) => at === number) ? all.filter(([at]) => Math.abs(at - number) <= 10) : [];
}

// A row's line becomes a button that opens the log around it, below the row.
function open(row) {
  const next = row.nextElementSibling;
  if (next?.classList.contains("log")) return next.remove();
  const made = document.createElement("tr"), cell = made.insertCell(), text = document.createElement("pre");
  made.className = "log";
  cell.colSpan = row.cells.length;
  text.tabIndex = 0;
  text.setAttribute("aria-label", row.dataset.input + " around line " + row.dataset.line);
  for (const [number, words] of around(row)) {
    const line = document.createElement(number === Number(row.dataset.line) ? "mark" : "span");
    line.textContent = number + "  " + words + "\n";
    text.append(line);
  }
  cell.append(text);
  row.after(made);
}

// One stop for the keyboard in each table: arrows go from row to row.
function lines(table) {
  const buttons = [];
  for (const row of table.tBodies[0].rows) {
    const cell = row.querySelector("td.line") ?? row.cells[row.cells.length - 1];
    if (!row.dataset.line || cell.querySelector("button") || !around(row).length) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open";
    button.textContent = row.dataset.input.split("/").pop() + ":" + row.dataset.line;
    button.title = cell.textContent;
    button.tabIndex = buttons.length ? -1 : 0;
    button.addEventListener("click", () => open(row));
    cell.replaceChildren(button);
    buttons.push(button);
  }
}

addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches?.("button.open")) return;
  const all = [...event.target.closest("table").querySelectorAll("button.open")];
  const to = all[all.indexOf(event.target) + step];
  if (!to) return;
  event.preventDefault();
  event.target.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
});

for (const filter of document.querySelectorAll(".filter input")) {
  const table = filter.closest(".filter").nextElementSibling.querySelector("table");
  const said = filter.closest(".filter").querySelector("[role=status]");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    said.textContent = count(shown) + " of " + count(table.tBodies[0].rows.length);
  });
}

for (const button of document.querySelectorAll("button.copy")) button.addEventListener("click", async () => {
  const said = button.nextElementSibling;
  try {
    await navigator.clipboard.writeText(location.href);
    said.textContent = "copied";
  } catch {
    said.textContent = location.href;
  }
});

// A link into something folded, and paper, unfold it.
function unfold() {
  const at = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!at) return;
  for (let one = at; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  at.scrollIntoView({ block: "center" });
  if (at.matches("tr[data-line]") && around(at).length && !at.nextElementSibling?.classList.contains("log")) open(at);
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));

// A picture of a long run: its marks are stretched along the time, its words stay.
function zoom(figure) {
  const group = figure.querySelector("g.zoom");
  const [left, right] = [Number(group.dataset.left), Number(group.dataset.right)];
  const marks = [...figure.querySelectorAll("g.zoom rect, g.zoom circle, g.zoom polyline, g.zoom polygon, g.zoom line, g.zoom text")].map((mark) => [mark, {
    x: mark.getAttribute("x"), cx: mark.getAttribute("cx"), width: mark.getAttribute("width"),
    points: mark.getAttribute("points"), x1: mark.getAttribute("x1"), x2: mark.getAttribute("x2"),
  }]);
  let times = 1, from = left;
  const draw = () => {
    const to = (x) => left + (Number(x) - from) * times;
    for (const [mark, was] of marks) {
      for (const key of ["x", "cx", "x1", "x2"]) if (was[key] !== null) mark.setAttribute(key, to(was[key]));
      if (was.width !== null) mark.setAttribute("width", Number(was.width) * times);
      if (was.points !== null) mark.setAttribute("points", was.points.trim().split(/\s+/).map((at) => {
        const [x, y] = at.split(",");
        return to(x) + "," + y;
      }).join(" "));
    }
  };
  const bar = document.createElement("p");
  bar.className = "pager";
  const add = (words, change) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", () => {
      change();
      const width = (right - left) / times;
      from = Math.min(Math.max(from, left), right - width);
      draw();
    });
    bar.append(made);
  };
  add("Zoom in", () => { from += (right - left) / times / 4; times = Math.min(times * 2, 64); });
  add("Zoom out", () => { from -= (right - left) / times / 2; times = Math.max(times / 2, 1); });
  add("Earlier", () => { from -= (right - left) / times / 2; });
  add("Later", () => { from += (right - left) / times / 2; });
  figure.querySelector("svg").after(bar);
}
document.querySelectorAll("figure:has(g.zoom)").forEach(zoom);

for (const table of document.querySelectorAll("table.sortable")) {
  const data = table.dataset.rows && document.getElementById(table.dataset.rows);
  const pages = data ? new Pages(table, JSON.parse(data.textContent)) : null;
  if (table.matches(".rove")) lines(table);
  table.querySelectorAll("thead button").forEach((button, column) => {
    button.addEventListener("click", () => {
      const up = mark(table, button.closest("th"));
      if (pages) pages.sort(column, up); else sortRows(table, column, up);
    });
  });
}

addEventListener("hashchange", unfold);
unfold();
