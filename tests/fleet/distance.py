"""How much longer an object store takes than a disk, near and far.

distance.py ANALYZE GOFAKES3 FAR [OBJECTS]: serves S3 on loopback from memory, and times a report and an
ingest of so many small logs (5,000) by turns: from the disk, from the store, and from a store whose
answers take 10 and 40 ms. Processor time is told beside it, the store's too: where both share the
processors, what the store takes is no fault of its client's. Needs two processors of its own.
"""

import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import http.client

DISTANCES_MS = (0, 10, 40)
ROUNDS = 3


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def served(command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{command[0]} does not answer")


def processor_s(process):
    """Of a process that lives, user and system."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def small_logs(folder, count):
    """A log a node, from one that was recorded: its times shifted, so that none is another's."""
    with open("samples/churn-host/nodes/node-a/kube-proxy.0.log") as file:
        text = file.read()
    stamp = re.compile(r"(?<=:\d\d\.)(\d{6})")
    os.makedirs(folder)
    for node in range(count):
        shifted = stamp.sub(lambda m: f"{(int(m[1]) + node * 199) % 1_000_000:06}", text)
        with open(f"{folder}/node-{node}.log", "w") as file:
            file.write(shifted)
    return len(text.encode())


def main():
    analyze, gofakes3, far = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 5_000
    home = tempfile.mkdtemp()
    port = free_port()
    store = served([gofakes3, "-backend", "memory", "-autobucket", "-quiet", "-host", f"127.0.0.1:{port}"], port)
    running, ports = [store], {0: port}
    for ms in DISTANCES_MS[1:]:
        ports[ms] = free_port()
        running.append(served([far, str(ports[ms]), str(port), str(ms)], ports[ms]))

    def timed(ms, *arguments):
        known = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        known |= {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
                  "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports[ms or 0]}", "AWS_ALLOW_HTTP": "true"}
        before, began, of_store = resource.getrusage(resource.RUSAGE_CHILDREN), time.time(), processor_s(store.pid)
        done = subprocess.run([analyze, *arguments], env=known, cwd=home, capture_output=True, text=True)
        wall, after = time.time() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stderr
        own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall, own, processor_s(store.pid) - of_store

    try:
        size = small_logs(f"{home}/nodes", count)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for node in range(count):
            with open(f"{home}/nodes/node-{node}.log", "rb") as file:
                connection.request("PUT", f"/logs/nodes/node-{node}.log", file.read())
            connection.getresponse().read()
        print(f"{count} logs of {size} bytes; the median of {ROUNDS} rounds: wall s (times the disk's), "
              "analyze's processor s, the store's")
        places = [None, *DISTANCES_MS]
        works = {
            "report": lambda ms: ("nodes" if ms is None else "s3://logs/nodes", "--format", "csv", "--quiet"),
            "ingest": lambda ms: ("ingest", "nodes" if ms is None else "s3://logs/nodes", "-o",
                                  f"{home}/set" if ms is None else f"s3://sets/{ms}-{time.time_ns()}"),
            "report of the set": lambda ms: (f"{home}/kept" if ms is None else "s3://sets/kept", "--format", "csv", "--quiet"),
            "fleet of the set": lambda ms: ("fleet", f"{home}/kept" if ms is None else "s3://sets/kept", "--json"),
        }
        timed(None, "ingest", "nodes", "-o", f"{home}/kept")
        timed(0, "ingest", "nodes", "-o", "s3://sets/kept")
        for name, words in works.items():
            taken = {ms: [] for ms in places}
            for _ in range(ROUNDS):
                for ms in places:
                    shutil.rmtree(f"{home}/set", ignore_errors=True)
                    taken[ms].append(timed(ms, *words(ms)))
            middle = {ms: [statistics.median(one[at] for one in all) for at in range(3)] for ms, all in taken.items()}
            for ms, (wall, own, of_store) in middle.items():
                where = "disk" if ms is None else f"store, {ms} ms"
                print(f"{name:18} {where:13} {wall:7.2f} ({wall / middle[None][0]:.2f})  {own:6.2f}  {of_store:6.2f}", flush=True)
    finally:
        for process in running:
            process.kill()
        shutil.rmtree(home)


main()
