// How large a report is and how long it takes, for 10, 1,000 and 100,000 syncs:
//   ANALYZE=target/release/analyze node tests/browser/sizes.js
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "./corpora.js";

const scratch = mkdtempSync(join(tmpdir(), "sizes-"));
const kilobytes = (path) => Math.round(statSync(path).size / 1024);
console.log("syncs\tseconds\tindex kB\tcomparison kB\trun kB\treport.md kB\tresults.json kB");
for (const n of [10, 1_000, 100_000]) {
  const input = join(scratch, `${n}.log`);
  const out = join(scratch, `out-${n}`);
  writeFileSync(input, log(n));
  const began = process.hrtime.bigint();
  execFileSync(process.env.ANALYZE, [input, "--label", `${n}.log=6.12.46`, "-o", out, "--quiet"]);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const only = (folder) => join(out, folder, readdirSync(join(out, folder))[0]);
  const files = [join(out, "index.html"), only("comparisons"), only("runs"), join(out, "report.md"), join(out, "results.json")];
  console.log([n, seconds.toFixed(2), ...files.map(kilobytes)].join("\t"));
}
rmSync(scratch, { recursive: true });
