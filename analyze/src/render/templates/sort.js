"use strict";
// Sorts a table by the column whose heading's button is pressed; without it the table stands
// in the order of the logs.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead button").forEach((button, column) => {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const rows = [...body.rows].map((row) => [key(row), row]);
      const numeric = rows.every(([k]) => k === "" || !Number.isNaN(Number(k)));
      rows.sort(([a], [b]) => numeric ? Number(a) - Number(b) : a.localeCompare(b));
      if (!up) rows.reverse();
      body.append(...rows.map(([, row]) => row));
    });
  });
}
