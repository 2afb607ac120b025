"""Data sets and logs in an object store that is refused, killed and asked again.

stores.py ANALYZE GOFAKES3: serves S3 on loopback, and prints a line in TAP for each check.
"""

import http.client
import http.server
import os
import random
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

SECRET = "a-secret-that-stands-nowhere"
NODES = 300
REFUSED = 0.10
# Two of them read at a time, each with requests of its own.
UNDER_WAY = 2 * 64


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Refusing(http.server.BaseHTTPRequestHandler):
    """Passes requests on to the store, and refuses one of ten as a store does under load; or none, if
    that is a while away."""

    protocol_version = "HTTP/1.1"
    target = 0
    chance = random.Random(7)
    away_s = 0
    seen = refused = under_way = most_under_way = 0
    lock = threading.Lock()

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.lock:
            Refusing.seen += 1
            Refusing.under_way += 1
            Refusing.most_under_way = max(Refusing.most_under_way, Refusing.under_way)
            refuse = self.chance.random() < REFUSED and not self.away_s
            Refusing.refused += refuse
        time.sleep(self.away_s)
        with self.lock:
            Refusing.under_way -= 1
        if refuse:
            self.answer(503, {}, b"<Error><Code>SlowDown</Code></Error>")
            return
        onward = http.client.HTTPConnection("127.0.0.1", self.target)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
        onward.request(self.command, self.path, body, headers)
        got = onward.getresponse()
        self.answer(got.status, dict(got.getheaders()), got.read())
        onward.close()

    def answer(self, status, headers, body):
        self.send_response(status)
        length = headers.get("Content-Length") if self.command == "HEAD" else None
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


class Checks:
    passed = failed = 0

    def told(self, holds, what):
        self.passed += bool(holds)
        self.failed += not holds
        print(f"{'ok' if holds else 'not ok'} {self.passed + self.failed} - {what}", flush=True)


def environment(port):
    known = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return known | {
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
    }


def keys(port, bucket, prefix):
    """All keys below a prefix, by the store's own listing."""
    found, after = [], ""
    while True:
        query = urllib.parse.urlencode({"list-type": "2", "prefix": prefix, "start-after": after})
        store = http.client.HTTPConnection("127.0.0.1", port)
        store.request("GET", f"/{bucket}?{query}")
        page = store.getresponse().read().decode()
        more = re.findall(r"<Key>(.*?)</Key>", page)
        found += more
        if "<IsTruncated>true" not in page or not more:
            return sorted(key[len(prefix):] for key in found)
        after = more[-1]


def upload(port, folder, bucket):
    for root, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(root, name)
            store = http.client.HTTPConnection("127.0.0.1", port)
            with open(path, "rb") as file:
                store.request("PUT", f"/{bucket}/{urllib.parse.quote(path)}", file.read())
            assert store.getresponse().read() is not None


def logs_of_nodes(folder):
    """A log a node, from one that was recorded: its times shifted, so that none is another's."""
    with open("samples/churn-host/nodes/node-a/kube-proxy.0.log") as file:
        text = file.read()
    os.makedirs(folder)
    stamp = re.compile(r"(?<=:\d\d\.)(\d{6})")
    for node in range(NODES):
        shifted = stamp.sub(lambda m: f"{(int(m[1]) + node * 3_331) % 1_000_000:06}", text)
        with open(f"{folder}/node-{node}.log", "w") as file:
            file.write(shifted)


def main():
    analyze, gofakes3 = sys.argv[1:]
    checks, said = Checks(), []
    port, refusing = free_port(), free_port()
    store = subprocess.Popen(
        [gofakes3, "-backend", "memory", "-autobucket", "-quiet", "-host", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    Refusing.target = port
    threading.Thread(target=Server(("127.0.0.1", refusing), Refusing).serve_forever, daemon=True).start()
    home = tempfile.mkdtemp()

    def run(*arguments, through=port, cwd="."):
        done = subprocess.run([analyze, *arguments], env=environment(through), cwd=cwd, capture_output=True, text=True)
        said.append(done.stdout + done.stderr)
        return done

    def report(*paths, **more):
        done = run("--format", "json", *paths, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        upload(port, "samples", "logs")
        expected = report("samples")
        local = lambda text: text.replace("s3://logs/", "")
        checks.told(local(report("s3://logs/samples")) == expected, "bundles in a bucket: the report of the files")
        one = "samples/churn-host/nodes/node-a/kube-proxy.0.log"
        checks.told(local(report(f"s3://logs/{one}")) == report(one), "one log in a bucket")
        done = run("--format", "table", "s3://logs/samples/**/nothing-*.gz")
        checks.told(done.returncode == 2 and "no bundle and no log" in done.stderr, "a pattern that fits nothing is told")

        Refusing.seen = Refusing.refused = 0
        run("ingest", "samples", "-o", "s3://sets/refused", through=refusing)
        run("ingest", "s3://logs/samples", "-o", "s3://sets/from-there", through=refusing)
        seen, refused = Refusing.seen, Refusing.refused
        checks.told(report("s3://sets/refused", through=refusing) == expected, f"{refused} of {seen} requests refused: the same report")
        checks.told(local(report("s3://sets/from-there")) == expected and refused > seen / 20, "and from bucket to bucket")

        logs_of_nodes(f"{home}/nodes")
        whole = report("nodes", cwd=home)
        run("ingest", "nodes", "-o", "s3://sets/whole", cwd=home)
        # A share that is killed in the middle, twice.
        killed = 0
        share = ["ingest", "nodes", "-o", "s3://sets/killed", "--shard", "0/2"]
        for parts in (3, 12):
            running = subprocess.Popen([analyze, *share], env=environment(port), cwd=home, stdout=subprocess.DEVNULL)
            while running.poll() is None and len(keys(port, "sets", "killed/parts/")) < parts:
                pass
            running.send_signal(signal.SIGKILL)
            killed += running.wait() == -signal.SIGKILL
        there = len(keys(port, "sets", "killed/parts/"))
        # A part's number is its bin's: the share's are even.
        whole_share = sum(int(key[-8:-5]) % 2 == 0 for key in keys(port, "sets", "whole/parts/"))
        checks.told(killed == 2 and 0 < there < whole_share, f"killed twice, with {there} of {whole_share} parts there")
        done = run("--format", "json", "s3://sets/killed")
        checks.told(done.returncode == 2 and "not whole" in done.stderr, "until it is whole it is refused")
        # The other share meanwhile, then the killed one again; and both once more.
        for index in (1, 0, 1, 0):
            run("ingest", "nodes", "-o", "s3://sets/killed", "--shard", f"{index}/2", cwd=home)
        checks.told(keys(port, "sets", "killed/") == keys(port, "sets", "whole/"), "the same parts, nothing twice, nothing left over")
        shutil.rmtree(f"{home}/nodes")
        checks.told(report("s3://sets/killed") == whole == report("s3://sets/whole"), f"the same report of {NODES} nodes, without their logs")

        # Far away, requests do not wait for each other: of logs, of parts, of tables.
        upload(port, "samples", "far")
        Refusing.away_s = 0.05
        for name, words in {
            "logs of a report": ("--format", "json", "s3://far/samples"),
            "parts of an ingest": ("ingest", "s3://far/samples", "-o", "s3://sets/far"),
            "parts of a report": ("--format", "json", "s3://sets/whole"),
            "parts of a fleet": ("fleet", "s3://sets/whole"),
        }.items():
            Refusing.most_under_way = 0
            done = run(*words, through=refusing)
            most = Refusing.most_under_way
            checks.told(done.returncode == 0 and 8 <= most <= UNDER_WAY, f"{most} requests under way for {name}")

        done = run("--format", "table", "s3://sets/whole", through=free_port())
        checks.told(done.returncode == 2 and done.stderr.count("\n") == 1, "a store that is not there is one line")
        checks.told(not any(SECRET in text for text in said), "credentials stand nowhere")
    finally:
        store.kill()
        shutil.rmtree(home)
    print(f"# pass {checks.passed}\n# fail {checks.failed}\n# skipped 0")
    sys.exit(checks.failed > 0)


main()
