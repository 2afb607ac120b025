// Logs and bundles to make reports of: the samples, names that want to be more than text, and
// as many syncs as asked for.
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

// What a name could hold: markup, table and code marks, a path upwards, text that runs the other
// way and a mark that turns it, an escape of the terminal, and 300 characters.
export const HOSTILE = {
  markup: "<script>alert(1)</script><img src=x onerror=alert(2)>",
  marks: "a|b`c`*d*[e](javascript:f)_g_&amp;@everyone",
  upwards: "../../../etc/passwd",
  turned: "\u05e9\u05dc\u05d5\u05dd\u202egnp.exe",
  escape: "\u001b[31mred\u001b]0;title\u0007",
  long: "x".repeat(300),
};

// A bundle of the samples under other names: nodes, kernels, images, notes, and its own.
export function hostileBundles(into) {
  const names = Object.values(HOSTILE);
  const one = join(into, "<b>bundle|`x`\u202e&quot;");
  cpSync(join(ROOT, "samples/guests-6.1-6.12-501x30"), one, { recursive: true });
  const path = join(one, "bundle.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  manifest.nodes.forEach((node, at) => {
    const old = node.name;
    node.name = at ? names[1] + names[2] : names[0];
    node.kernel_version = at ? names[3] + names[1] : names[0] + names[5];
    node.os_image = names[(at + 2) % 6];
    node.instance_type = names[4];
    node.kube_proxy.version = names[0];
    const directory = directoryOf(node.name);
    renameSync(join(one, "nodes", old), join(one, "nodes", directory));
    for (const capture of manifest.capture) if (capture.node === old) {
      capture.node = node.name;
      capture.file = `nodes/${directory}/kube-proxy.0.log`;
    }
  });
  Object.assign(manifest, { run_id: names[1], notes: names, series: names[0] });
  manifest.cluster = { server_version: names[0], provider: names[3] };
  writeFileSync(path, JSON.stringify(manifest));
  const loose = join(into, "loose");
  mkdirSync(loose);
  const name = "=cmd|<i>`log`\u202e" + "y".repeat(150) + ".log";
  const broken = `I1015 12:00:20.000000       1 proxier.go:1] "Sync failed" ipFamily="${names[0]}" elapsed="${names[1]}"\n`;
  writeFileSync(join(loose, name), log(40) + broken);
  return [one, loose];
}

// A node's directory in a bundle: see `node_directory` in bundle/src/layout.rs.
function directoryOf(node) {
  const plain = (byte) => /[A-Za-z0-9._-]/.test(String.fromCharCode(byte));
  const encoded = (byte) => "%" + byte.toString(16).toUpperCase().padStart(2, "0");
  return [...Buffer.from(node)].map((byte) => plain(byte) ? String.fromCharCode(byte) : encoded(byte)).join("");
}

// A log of `n` syncs of one node: mostly short ones, every tenth of them large.
export function log(n) {
  const lines = [];
  const start = Date.UTC(2025, 9, 15);
  let at = start;
  for (let i = 0; i < n; i += 1) {
    const large = i % 10 === 9;
    const took = (large ? 9000 : 120) + (i * 7919) % 997;
    const build = Math.round(took * 0.3);
    const endpoints = large ? 10_000 + (i % 3) * 20 : 5_000 + (i * 31) % 900;
    const line = (ms, text) => {
      const iso = new Date(ms).toISOString();
      const klog = `I${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`;
      lines.push(`${iso} ${klog}       1 proxier.go:1168] ${text}`);
    };
    line(at + build, `"Reloading service nftables data" ipFamily="IPv4" numServices=500 numEndpoints=${endpoints}`);
    line(at + took, `"SyncProxyRules complete" ipFamily="IPv4" elapsed="${took}ms"`);
    at += took + 500;
  }
  return lines.join("\n") + "\n";
}
