// How long a browser takes to open the heaviest pages of a report, to sort their longest table and
// to filter it; milliseconds, to where it can show the result:
//   CHROMIUM=chromium node tests/browser/opens.js REPORT [PAGES]
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [report, most = "5"] = process.argv.slice(2);
const pages = readdirSync(report, { recursive: true })
  .filter((name) => name.endsWith(".html"))
  .map((name) => ({ name, bytes: statSync(join(report, name)).size }))
  .sort((a, b) => b.bytes - a.bytes)
  .slice(0, Number(most));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--disable-gpu", "--no-sandbox"] });

async function timed(page, act) {
  const began = performance.now();
  await act();
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  return Math.round(performance.now() - began);
}

console.log("page\tkB\topen ms\tsort ms\tfilter ms\trows\theap MB");
for (const { name, bytes } of pages) {
  const page = await browser.newPage();
  const opened = await timed(page, () => page.goto(pathToFileURL(join(report, name)).href, { waitUntil: "load" }));
  const tables = page.locator("table.sortable");
  const rows = await tables.evaluateAll((all) => all.map((table) => table.rows.length));
  const longest = rows.indexOf(Math.max(...rows));
  // What lies in a closed part is opened first, as a reader would.
  await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
  const table = tables.nth(longest);
  const sorted = rows.length ? await timed(page, () => table.locator("thead button").first().click()) : "";
  const search = page.locator("input[type=search]").last();
  const filtered = await search.count() ? await timed(page, () => search.fill("node-001")) : "";
  const heap = await page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1e6));
  console.log([name, Math.round(bytes / 1000), opened, sorted, filtered, rows[longest] ?? 0, heap].join("\t"));
  await page.close();
}
await browser.close();
