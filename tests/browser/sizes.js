// How large a report is, how long it takes, and how long a browser takes to open the page of all
// syncs, to sort it and to turn to its next page, for 10, 1,000 and 100,000 syncs:
//   ANALYZE=target/release/analyze CHROMIUM=chromium node tests/browser/sizes.js
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { log } from "./corpora.js";

const scratch = mkdtempSync(join(tmpdir(), "sizes-"));
const kilobytes = (path) => Math.round(statSync(path).size / 1024);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--disable-gpu", "--no-sandbox"] });

// Milliseconds, to where the browser can show it.
async function timed(page, act) {
  const began = performance.now();
  await act();
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  return Math.round(performance.now() - began);
}

async function browsed(path) {
  const page = await browser.newPage();
  const opened = await timed(page, () => page.goto(pathToFileURL(path).href, { waitUntil: "load" }));
  const table = page.locator("table.sortable").last();
  const sorted = await timed(page, () => table.getByRole("button", { name: "duration" }).click());
  const next = page.getByRole("button", { name: "Next" });
  const turned = await next.count() ? await timed(page, () => next.click()) : "";
  const heap = await page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1e6));
  await page.close();
  return [opened, sorted, turned, heap];
}

console.log("syncs\tseconds\tindex kB\tcomparison kB\trun kB\treport.md kB\tresults.json kB\topen ms\tsort ms\tnext page ms\theap MB");
for (const n of [10, 1_000, 100_000]) {
  const input = join(scratch, `${n}.log`);
  const out = join(scratch, `out-${n}`);
  writeFileSync(input, log(n));
  const began = process.hrtime.bigint();
  execFileSync(process.env.ANALYZE, [input, "--label", `${n}.log=6.12.46`, "-o", out, "--quiet"]);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const only = (folder) => join(out, folder, readdirSync(join(out, folder))[0]);
  const files = [join(out, "index.html"), only("comparisons"), only("runs"), join(out, "report.md"), join(out, "results.json")];
  console.log([n, seconds.toFixed(2), ...files.map(kilobytes), ...await browsed(files[2])].join("\t"));
}
await browser.close();
rmSync(scratch, { recursive: true });
