// What a reader would stumble over, looked for on every page in a real browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { HOSTILE, ROOT, hostileBundles, log } from "./corpora.js";

const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const ARTEFACTS = join(ROOT, "tests/artefacts");
const WIDTHS = [360, 768, 1440];
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-sandbox"];

const scratch = mkdtempSync(join(tmpdir(), "report-"));
const reports = {};
let browser;

function analyze(name, paths, more = []) {
  const out = join(scratch, name);
  execFileSync(process.env.ANALYZE, [...paths, "-o", out, "--quiet", ...more], { cwd: ROOT, stdio: "inherit" });
  reports[name] = out;
}

function printed(paths, format, more = []) {
  const arguments_ = [...paths, "--format", format, ...more];
  return execFileSync(process.env.ANALYZE, arguments_, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 30 });
}

function pagesOf(out) {
  const below = (folder) => existsSync(join(out, folder))
    ? readdirSync(join(out, folder)).filter((file) => file.endsWith(".html")).map((file) => join(out, folder, file)) : [];
  return [join(out, "index.html"), ...below("comparisons"), ...below("runs")];
}

// The same without what is alike: the first runs of a benchmark stand for its repetitions.
function kindsOf(out) {
  return pagesOf(out).filter((page) => !/runs\/(ip|nf)tables-[\d.]+-[2-9]\.html$/.test(page));
}

// Opens a file, and keeps what the page says on the console and asks the network for.
async function open(path, { colorScheme = "light", width = 1440 } = {}) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: false });
  const page = await context.newPage();
  const found = [];
  page.on("console", (message) => { if (message.type() !== "log") found.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => found.push(`error: ${error}`));
  page.on("dialog", (dialog) => { found.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) found.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(path).href, { waitUntil: "load" });
  return { page, found, close: () => context.close() };
}

let hostile;
before(async () => {
  rmSync(ARTEFACTS, { recursive: true, force: true });
  mkdirSync(ARTEFACTS, { recursive: true });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: QUIET });
  const away = join(scratch, "hostile-in");
  mkdirSync(away);
  hostile = hostileBundles(away);
  const many = join(scratch, "many.log");
  writeFileSync(many, log(2_500));
  analyze("samples", ["samples/"]);
  analyze("hostile", hostile);
  analyze("lockups", [join(ROOT, "tests/analyze/golden/fixture/small-ramp")]);
  analyze("many", [many, "--label", "many.log=6.12.46"]);
  for (const [name, paths] of [["samples-single", ["samples/"]], ["hostile-single", hostile]]) {
    mkdirSync(join(scratch, name));
    writeFileSync(join(scratch, name, "index.html"), printed(paths, "html"));
    reports[name] = join(scratch, name);
  }
});

after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

for (const name of ["samples", "hostile", "lockups", "many", "samples-single", "hostile-single"]) {
  test(`${name}: every page opens from disk, says nothing and asks for nothing`, async () => {
    for (const path of pagesOf(reports[name])) {
      const { page, found, close } = await open(path);
      assert.deepEqual(found, [], path);
      assert.equal(await page.evaluate(() => document.querySelectorAll("[onerror], main script:not([type='application/json'])").length), 0, path);
      const policy = await page.evaluate(() => document.querySelector("meta[http-equiv]").content);
      assert.match(policy, /default-src 'none'/);
      await close();
    }
  });

  test(`${name}: axe finds nothing, light and dark`, async () => {
    for (const path of kindsOf(reports[name])) for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await open(path, { colorScheme });
      // Everything open; of a table's rows and a picture's marks, which are all alike, the first:
      // axe looks at each for as long as at a page.
      await page.evaluate(() => {
        document.querySelectorAll("details").forEach((one) => { one.open = true; });
        document.querySelectorAll("tbody tr:nth-child(n+9), svg :is(circle, rect, polygon):nth-of-type(n+9)")
          .forEach((one) => one.remove());
      });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }));
      const said = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`);
      assert.deepEqual(said, [], `${path} ${colorScheme}`);
      await close();
    }
  });

  test(`${name}: nothing hangs over the edge at ${WIDTHS.join(", ")} pixels`, async () => {
    for (const path of kindsOf(reports[name])) for (const width of WIDTHS) {
      const { page, close } = await open(path, { width });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} at ${width}: ${wide} pixels too wide`);
      await close();
    }
  });
}

test("screenshots of the samples' pages, light and dark, at each width", async () => {
  for (const path of kindsOf(reports.samples)) for (const width of WIDTHS) for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open(path, { width, colorScheme });
    const name = path.slice(reports.samples.length + 1).replace(/\W+/g, "-");
    await page.screenshot({ path: join(ARTEFACTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    await close();
  }
  assert.ok(readdirSync(ARTEFACTS).length >= 6);
});

test("on paper nothing is cut off, and every row is there", async () => {
  for (const path of pagesOf(reports.lockups)) {
    const { page, close } = await open(path);
    await page.emulateMedia({ media: "print" });
    const cut = await page.evaluate(() => [...document.querySelectorAll(".scroll")]
      .filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => one.getAttribute("aria-label")));
    assert.deepEqual(cut, [], path);
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(paper, "rgb(255, 255, 255)", "paper is white");
    const pdf = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > 10_000, path);
    await close();
  }
});

test("a kernel's complaint leads to its row, and from there to its sync", async () => {
  const path = pagesOf(reports.lockups).find((page) => page.includes("comparisons/"));
  const { page, close } = await open(path);
  await page.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; })).then(() => page.getByRole("link", { name: /^kernel\.log:1,/ }).first().click());
  const row = page.locator("tr:target");
  assert.match(await row.textContent(), /soft lockup.*__nft_set_trans_bind/);
  await row.getByRole("link").click();
  assert.match(await page.locator("tr:target").textContent(), /node-old.*kube-proxy\.0\.log:\d+/);
  // The log's own lines stand open below.
  assert.match(await page.locator("tr.log mark").first().textContent(), /SyncProxyRules complete/);
  await close();
});

test("text in the pictures can be read on a telephone", async () => {
  const { page, close } = await open(join(reports.samples, "index.html"), { width: 360 });
  const least = await page.evaluate(() => Math.min(...[...document.querySelectorAll("figure svg text")].map((text) => {
    const svg = text.ownerSVGElement;
    return Number(text.getAttribute("font-size")) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  })));
  assert.ok(least >= 11, `${least} pixels`);
  await close();
});

for (const name of ["samples", "many"]) {
  test(`${name}: the keyboard reaches the tables and sorts them`, async () => {
    const path = pagesOf(reports[name]).find((page) => page.includes(name === "samples" ? "runs/guests-6" : "runs/"));
    const { page, close } = await open(path);
    const reached = { sort: false, table: false };
    for (let step = 0; step < 400 && !(reached.sort && reached.table); step += 1) {
      await page.keyboard.press("Tab");
      const on = await page.evaluate(() => {
        const at = document.activeElement;
        return { sort: at.matches("thead button") && at.textContent === "duration", table: at.matches(".scroll[tabindex='0']") };
      });
      reached.table ||= on.table;
      if (!on.sort) continue;
      reached.sort = true;
      for (const order of ["ascending", "descending"]) {
        await page.keyboard.press("Enter");
        const column = await page.evaluate(() => {
          const table = document.activeElement.closest("table");
          return {
            order: document.activeElement.closest("th").getAttribute("aria-sort"),
            values: [...table.tBodies[0].rows].map((row) => Number(row.cells[0].dataset.v)),
          };
        });
        const sorted = [...column.values].sort((a, b) => order === "ascending" ? a - b : b - a);
        assert.equal(column.order, order);
        assert.ok(column.values.length > 20 && new Set(column.values).size > 10);
        assert.deepEqual(column.values, sorted);
      }
    }
    assert.deepEqual(reached, { sort: true, table: true });
    await close();
  });
}

test("many: all syncs can be paged to, and a link finds one on any page", async () => {
  const path = pagesOf(reports.many).find((page) => page.includes("runs/"));
  const { page, close } = await open(path);
  const said = () => page.locator(".pager [role=status]").textContent();
  assert.equal(await said(), "1 to 200 of 2,500");
  await page.getByRole("button", { name: "Next" }).click();
  assert.equal(await said(), "201 to 400 of 2,500");
  await page.goto(`${pathToFileURL(path).href}#s2400`);
  assert.equal(await said(), "2,401 to 2,500 of 2,500");
  assert.ok(await page.locator("#s2400").isVisible());
  await close();
});

for (const name of ["samples", "lockups"]) test(`${name}: every link leads somewhere`, async () => {
  for (const path of pagesOf(reports[name])) {
    const { page, close } = await open(path);
    const links = await page.evaluate(() => [...document.querySelectorAll("a[href]")].map((a) => a.href));
    assert.ok(links.length > 3, path);
    for (const link of new Set(links)) {
      const url = new URL(link);
      const target = new URL(url.href.split("#")[0]);
      assert.ok(existsSync(target), `${path}: ${link}`);
      const fragment = decodeURIComponent(url.hash.slice(1));
      if (fragment) assert.ok(readFileSync(target, "utf8").includes(`id="${fragment}"`), `${path}: ${link}`);
    }
    await close();
  }
});

test("hostile names are shown as they are written", async () => {
  const { page, close } = await open(pagesOf(reports.hostile).find((path) => path.includes("runs/b-bundle")));
  const text = await page.evaluate(() => document.body.textContent);
  for (const name of [HOSTILE.markup, HOSTILE.marks, HOSTILE.upwards, HOSTILE.long]) assert.ok(text.includes(name), name);
  assert.ok(text.includes("\u27e8U+202E\u27e9") && !text.includes("\u202e"));
  await close();
});

test("hostile names move no terminal and end no table, picture or file", () => {
  for (const format of ["table", "csv", "markdown", "html"]) {
    const text = printed(hostile, format);
    assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, format);
    if (format !== "csv" && format !== "table") assert.doesNotMatch(text, /<script>alert|<img src=x|<i>/, format);
  }
  const markdown = readFileSync(join(reports.hostile, "report.md"), "utf8");
  const rows = markdown.split("\n").filter((line) => line.startsWith("| ") && line.includes("alert"));
  assert.ok(rows.length > 0);
  // A comment that holds nothing keeps a name from being a link.
  const bare = (row) => row.replaceAll("<!-- -->", "").replace(/\\./g, "");
  for (const row of rows) assert.match(bare(row), /^\|([^|`<]*\|){8,12}$/, row);
  for (const file of readdirSync(join(reports.hostile, "charts")).filter((file) => file.endsWith(".svg"))) {
    const svg = readFileSync(join(reports.hostile, "charts", file), "utf8");
    assert.doesNotMatch(svg, /<script|<img|onerror=alert\(2\)>/, file);
  }
  const comment = printed(hostile, "markdown", ["--compact"]);
  assert.ok(comment.length <= 65_536);
});

// What the pages of the samples promise a reader, as numbers.
test("the first picture of a comparison is on the first screen", async () => {
  for (const [width, most] of [[1440, 900], [360, 1400]]) for (const path of kindsOf(reports.samples).filter((path) => path.includes("comparisons/"))) {
    const { page, close } = await open(path, { width });
    const top = await page.evaluate(() => document.querySelector("figure svg")?.getBoundingClientRect().top ?? 0);
    assert.ok(top <= most, `${path} at ${width}: ${top}`);
    await close();
  }
});

test("tables fit a screen, and a telephone shows their first four columns", async () => {
  const cut = [];
  for (const path of kindsOf(reports.samples)) for (const width of [1440, 360]) {
    const { page, close } = await open(path, { width });
    cut.push(...await page.evaluate((width) => {
      document.querySelectorAll("details").forEach((one) => { one.open = true; });
      return [...document.querySelectorAll(".scroll")].filter((one) => {
        const edge = one.getBoundingClientRect().right;
        const heads = [...one.querySelectorAll("thead th")].slice(0, width === 360 ? 4 : undefined);
        return heads.some((head) => head.getBoundingClientRect().right > edge + 1);
      }).map((one) => `${location.pathname.split("/").pop()} ${width}: ${one.getAttribute("aria-label")}`);
    }, width));
    await close();
  }
  assert.deepEqual(cut, []);
});

test("pages are small, and the keyboard has few stops on them", async () => {
  for (const path of pagesOf(reports.samples)) {
    const size = readFileSync(path).length;
    assert.ok(size < (path.endsWith("index.html") ? 200_000 : 1_000_000), `${path}: ${size} bytes`);
  }
  for (const path of kindsOf(reports.samples)) {
    const { page, close } = await open(path);
    const stops = await page.evaluate(() => [...document.querySelectorAll("a[href], button, summary, input, [tabindex]")]
      .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility()).length);
    assert.ok(stops < 250, `${path}: ${stops} stops`);
    await close();
  }
});

test("five clicks lead from the answer to the worst sync's log line, and back", async () => {
  const { page, close } = await open(join(reports.samples, "index.html"));
  const runs = page.locator("section[aria-labelledby=runs]");
  await runs.getByRole("searchbox").fill("full-scale");
  assert.equal(await runs.locator(".filter [role=status]").textContent(), `1 of ${await runs.locator("tbody tr").count()}`);
  await runs.getByRole("link", { name: "full-scale-host" }).click();
  await page.getByRole("link", { name: /^The slowest sync/ }).click();
  assert.match(await page.locator("tr.log mark").textContent(), /SyncProxyRules complete.*elapsed="3m49/);
  const lines = await page.locator("tr.log pre > *").count();
  assert.ok(lines > 10 && lines <= 21, `${lines}`);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByRole("link", { name: /^Next:/ }).click();
  assert.match(page.url(), /runs\//);
  await close();
});
