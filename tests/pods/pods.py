"""The Jobs of cluster/ and cluster/fleet as pods of a real kubelet and containerd.

pods.py LAB KUBELET ANALYZE PLACE IMAGE=ARCHIVE...: prints a line for each check, and what it measured.
KUBECONFIG is of a lab that is up.
"""

import datetime
import filecmp
import glob
import json
import os
import re
import subprocess
import sys
import threading
import time

from node import NAME, TAINT, Node, hierarchies, kubectl, quiet, wait

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VOLUME = "tried"
RUN = "kube-proxy-bench"
FLEET = "kube-proxy-fleet"
# So many logs that an ingest is still at it when its pod is deleted.
MANY = int(os.environ.get("MANY", "4000"))
FOR = int(os.environ.get("FOR", "60"))


class Checks:
    failed = 0

    def __call__(self, good, what, why=""):
        print(f"ok: {what}" if good else f"FAILED: {what}: {why}", flush=True)
        self.failed += not good


check = Checks()


def measured(text):
    print(f"   {text}", flush=True)


class Memory(threading.Thread):
    """The most that each pod's processes had, looked at often while they run."""

    def __init__(self, group):
        super().__init__(daemon=True)
        self.base = next(h for h in hierarchies() if os.path.exists(f"{h}/memory.stat")) + group
        self.most = {}
        self.start()

    def run(self):
        while True:
            for path in glob.glob(f"{self.base}/kubepods/*/pod*/*/cgroup.procs"):
                quiet(self.look, path)
            time.sleep(0.05)

    def look(self, path):
        with open(path) as file:
            processes = file.read().split()
        for process in processes:
            with open(f"/proc/{process}/status") as file:
                status = dict(line.split(":", 1) for line in file if ":" in line)
            name = status["Name"].strip()
            # One that has just ended has no memory any more.
            if name not in ("driver", "analyze") or "VmHWM" not in status:
                continue
            pod = re.search(r"/pod([^/]+)/", path)[1]
            own = int(status["VmHWM"].split()[0]) / 1024
            try:
                # Version 1; the page cache is counted too, and given up at the limit.
                with open(os.path.join(os.path.dirname(path), "memory.max_usage_in_bytes")) as file:
                    group = int(file.read()) / 2**20
            except OSError:
                with open(os.path.join(os.path.dirname(path), "memory.peak")) as file:
                    group = int(file.read()) / 2**20
            before = self.most.get(pod, (0, 0, ""))
            self.most[pod] = (max(own, before[0]), max(group, before[1]), process)

    def of(self, pods):
        return [self.most.get(pod["metadata"]["uid"], (0, 0, ""))[:2] for pod in pods]


def pods_of(namespace, job):
    return json.loads(kubectl("-n", namespace, "get", "pods", "-l", f"job-name={job}", "-o", "json"))["items"]


def state_of(namespace, job, container):
    """How the container of the Job's pod stands: waiting, running or terminated."""
    for pod in pods_of(namespace, job):
        for status in pod.get("status", {}).get("containerStatuses", []):
            if status["name"] == container:
                return status["state"]
    return {}


def ended(namespace, job, container, seconds=300):
    return wait(
        f"the end of {job}", lambda: state_of(namespace, job, container).get("terminated"), seconds
    )


def overlay(place, name, base, jobs, patches=()):
    """A kustomization of `base` with the images of this machine, on the real node alone."""
    here = [
        {"op": "add", "path": "/spec/template/spec/nodeSelector", "value": {"kubernetes.io/hostname": NAME}},
        {"op": "add", "path": "/spec/template/spec/tolerations", "value": [{"key": TAINT, "operator": "Exists"}]},
    ]
    folder = os.path.join(place, name)
    os.makedirs(folder, exist_ok=True)
    whole = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(os.path.join(ROOT, base), folder), *(["volume.yaml"] if "volume" in name else [])],
        "images": [
            {"name": f"kube-proxy-bench-{one}", "newName": f"localhost/kube-proxy-bench-{one}", "newTag": "tried"}
            for one in ("driver", "analyze")
        ],
        "patches": [
            *({"target": {"kind": "Job", "name": job}, "patch": json.dumps(here)} for job in jobs),
            *patches,
        ],
    }
    with open(os.path.join(folder, "kustomization.yaml"), "w") as file:
        json.dump(whole, file, indent=1)
    return folder


def words_of(job, *words, container=0):
    path = f"/spec/template/spec/containers/{container}/args/-"
    patch = [{"op": "add", "path": path, "value": word} for word in words]
    return {"target": {"kind": "Job", "name": job}, "patch": json.dumps(patch)}


def volume(place, name, claim):
    """A volume of this node for a claim; being local, the kubelet gives it to the pod's group."""
    path = os.path.join(place, "volumes", name)
    os.makedirs(path)
    kubectl("apply", "-f", "-", given=json.dumps({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{VOLUME}-{name}"},
        "spec": {
            "capacity": {"storage": "50Gi"},
            "accessModes": ["ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": VOLUME,
            "claimRef": {"namespace": claim[0], "name": claim[1]},
            "local": {"path": path},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "kubernetes.io/hostname", "operator": "In", "values": [NAME]}]}]}},
        },
    }))
    return path


def analyze(program, *words):
    done = subprocess.run([program, *words, "--format", "table"], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"analyze {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def verdict_of(bundle):
    """`{"state": "complete"}`; what is incomplete says why."""
    with open(f"{bundle}/bundle.json") as file:
        return json.load(file)["verdict"]


def tight(memory, uid):
    """What the kernel says of the container's process."""
    process = memory.most.get(uid, (0, 0, ""))[2]
    with open(f"/proc/{process}/status") as file:
        status = dict(line.strip().split(":\t", 1) for line in file if ":\t" in line)
    with open(f"/proc/{process}/mountinfo") as file:
        root = next(line.split()[5] for line in file if line.split()[4] == "/")
    return {
        "user": status["Uid"].split()[0],
        "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
        "no new privileges": status["NoNewPrivs"],
        "seccomp": status["Seccomp"],
        "root": root.split(",")[0],
        "process 1": status["NSpid"].split()[-1],
    }


def the_job(node, memory, program):
    """cluster/: the Job runs the benchmark, and its bundle is copied out as job.yaml says."""
    load = ["--nodes=node-a", "--services=20", "--replicas=1,3", "--step-pause=3s", "--stabilise=5s", "--quiet-for=5s"]
    folder = overlay(node.place, "run", "cluster", ["driver"], [words_of("driver", *load)])
    kubectl("apply", "-k", folder)
    wait("driver", lambda: "running" in state_of(RUN, "driver", "driver"))
    pod = pods_of(RUN, "driver")[0]
    uid, name = pod["metadata"]["uid"], pod["metadata"]["name"]
    wait("its process", lambda: uid in memory.most, 30)
    found = tight(memory, uid)
    wanted = {"user": "65532", "capabilities": 0, "no new privileges": "1", "seccomp": "2", "root": "ro", "process 1": "1"}
    check(found == wanted, "job: user 65532, no capability, seccomp, read-only root, process 1", found)
    said = ended(RUN, "driver", "driver")
    log = kubectl("-n", RUN, "logs", "job/driver", "-c", "driver")
    check(said["exitCode"] == 0 and pods_of(RUN, "driver")[0]["spec"]["nodeName"] == NAME,
          "job: ends with 0 on the real node", f"{said}\n{log[-2000:]}")
    bundle = os.path.join(node.place, "copied")
    kubectl("-n", RUN, "cp", "-c", "keeper", f"{name}:/bundles/run", bundle)
    verdict = verdict_of(bundle)
    headline = analyze(program, bundle).splitlines()
    check(verdict["state"] == "complete" and "slowest" in "".join(headline[:3]),
          "job: kubectl cp from the keeper, and analyze reads a complete bundle", verdict)
    measured(f"{' '.join(headline[:2])}")
    (own, group), = memory.of([pod])
    measured(f"driver: {own:.0f} MiB ({group:.0f} with its page cache), 20 Services")
    kubectl("-n", RUN, "delete", "job", "driver", "--timeout=60s")


def the_job_is_deleted(node, program):
    """A Job that is deleted in mid-run: SIGTERM to process 1, and a finished bundle on the claim."""
    path = volume(node.place, "run", (RUN, "bundles"))
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "bundles", "namespace": RUN},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": VOLUME,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    instead = {"target": {"kind": "Job", "name": "driver"}, "patch": json.dumps([
        {"op": "replace", "path": "/spec/template/spec/volumes/0",
         "value": {"name": "bundles", "persistentVolumeClaim": {"claimName": "bundles"}}}])}
    load = ["--nodes=node-a", "--services=20", "--replicas=1,3,5", "--step-pause=60s", "--stabilise=5s"]
    folder = overlay(node.place, "run-volume", "cluster", ["driver"], [words_of("driver", *load), instead])
    node.write("run-volume/volume.yaml", claim)
    kubectl("apply", "-k", folder)
    wait("the ramp", lambda: "ramp" in quiet(kubectl, "-n", RUN, "logs", "job/driver", "-c", "driver"))
    time.sleep(5)
    began = time.monotonic()
    kubectl("-n", RUN, "delete", "job", "driver")
    wait("its pod's end", lambda: not pods_of(RUN, "driver"))
    took = time.monotonic() - began
    verdict = verdict_of(f"{path}/run")
    headline = analyze(program, f"{path}/run").splitlines()
    check(took < 60 and verdict["state"] == "incomplete" and headline,
          "job: deleted in mid-run, it finishes the bundle", f"{took:.0f} s, {verdict}")
    measured(f"from the Job's deletion to the pod's end {took:.1f} s; the bundle says {json.dumps(verdict)}")


def complete(job, seconds=300):
    began = time.monotonic()
    kubectl("-n", FLEET, "wait", "--for=condition=complete", f"--timeout={seconds}s", f"job/{job}")
    return time.monotonic() - began


def resume(job):
    kubectl("-n", FLEET, "patch", "job", job, "--type=merge", "-p", '{"spec":{"suspend":false}}')


def tell(memory, job, what):
    """Time and memory of the Job's pods."""
    pods = pods_of(FLEET, job)
    figures = memory.of(pods)
    times = []
    for pod in pods:
        state = pod["status"]["containerStatuses"][0]["state"].get("terminated") or {}
        span = [time.mktime(time.strptime(state[key], "%Y-%m-%dT%H:%M:%SZ")) for key in ("startedAt", "finishedAt")]
        times.append(span[1] - span[0])
    own = " + ".join(f"{one:.0f}" for one, _ in figures)
    group = " + ".join(f"{one:.0f}" for _, one in figures)
    measured(f"{job}: {own} MiB ({group} with the page cache), {' + '.join(f'{one:.0f}' for one in times)} s; {what}")
    # What ends within a moment may be missed by all looks.
    check(all(pod["spec"]["nodeName"] == NAME for pod in pods) and any(own for own, _ in figures),
          f"fleet: {job} ran in {len(pods)} pods of the real node", figures)


def the_fleet(node, memory):
    """cluster/fleet: the three Jobs, one after the other, as docs/fleet.md has them."""
    path = volume(node.place, "fleet", (FLEET, "fleet"))
    storage = {"target": {"kind": "PersistentVolumeClaim", "name": "fleet"}, "patch": json.dumps(
        [{"op": "add", "path": "/spec/storageClassName", "value": VOLUME}])}
    shorter = {"target": {"kind": "Job", "name": "capture"}, "patch": json.dumps(
        [{"op": "replace", "path": "/spec/template/spec/containers/0/args/2", "value": f"--for={FOR}s"}])}
    folder = overlay(node.place, "fleet", "cluster/fleet", ["capture", "ingest", "report"], [storage, shorter])
    kubectl("apply", "-k", folder)
    wait("capture", lambda: len(pods_of(FLEET, "capture")) == 4)
    # The one kube-proxy that is real has something to say.
    speak(node)
    took = complete("capture", FOR + 120)
    nodes = len(kubectl("get", "nodes", "-o", "name").split())
    size = sum(os.path.getsize(p) for p in glob.glob(f"{path}/bundles/**", recursive=True) if os.path.isfile(p))
    tell(memory, "capture", f"{nodes - 1} nodes, {FOR} s, {size / 1e6:.1f} MB of bundles")
    verdicts = [verdict_of(p) for p in sorted(glob.glob(f"{path}/bundles/shard-*"))]
    check([v["state"] for v in verdicts] == ["complete"] * 4, "fleet: four complete bundles", verdicts)
    resume("ingest")
    complete("ingest")
    tell(memory, "ingest", f"{len(parts(path + '/data'))} files")
    resume("report")
    complete("report")
    tell(memory, "report", "of that data set")
    # The same program and paths, on the bundles themselves.
    node.ctr("run", "--rm", "--mount", f"type=bind,src={path},dst=/fleet,options=rbind:rw",
             "localhost/kube-proxy-bench-analyze:tried", "direct",
             "/bin/analyze", "/fleet/bundles", "--output=/fleet/direct")
    same = filecmp.cmp(f"{path}/report/results.json", f"{path}/direct/results.json", shallow=False)
    syncs = json.load(open(f"{path}/report/results.json"))
    check(same, "fleet: results.json of the data set is that of the bundles")
    measured(f"results.json: {os.path.getsize(f'{path}/report/results.json')} bytes, {len(syncs.get('trials', []))} trials")
    return path


def speak(node):
    """Gives node-a's kube-proxy some syncs: Services that come."""
    for number in range(8):
        kubectl("create", "service", "clusterip", f"spoken-{number}", "--tcp=80:80")
        time.sleep(1)
    kubectl("delete", "service", *[f"spoken-{number}" for number in range(8)])


def parts(folder):
    """What a data set consists of; names of tables are hashes of their bytes."""
    return sorted(os.path.relpath(p, folder) for p in glob.glob(f"{folder}/**", recursive=True) if os.path.isfile(p))


def a_day():
    """The log of a sample 24 times, each an hour after the one before."""
    with open(os.path.join(ROOT, "samples/churn-host/nodes/node-a/kube-proxy.0.log")) as file:
        text = file.read()
    # 2026-11-24T11:36:44.951136160Z I1124 11:36:44.951030   19757 proxier.go:1168] ...
    times = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\S* [IWE])\d{4} \d\d:\d\d:\d\d", re.MULTILINE)

    def later(match):
        time = datetime.datetime.fromisoformat(match[1]) + datetime.timedelta(hours=hour)
        return f"{time:%Y-%m-%dT%H:%M:%S}{match[2]}{time:%m%d %H:%M:%S}"

    copies = []
    for hour in range(24):
        copies.append(times.sub(later, text))
    return "".join(copies)


def a_pod_of_the_ingest_is_deleted(node, memory, path):
    """Another ingest of many logs, twice; in the second a pod is deleted at its work."""
    more = os.path.join(path, "bundles", "more")
    os.makedirs(more)
    first = os.path.join(more, "node-00000.log")
    with open(first, "w") as file:
        file.write(a_day())
    for number in range(1, MANY):
        os.link(first, os.path.join(more, f"node-{number:05}.log"))
    kept = json.loads(kubectl("-n", FLEET, "get", "job", "ingest", "-o", "json"))
    template = kept["spec"]["template"]
    template["metadata"]["labels"] = {"app": "kube-proxy-fleet-ingest"}
    template["metadata"].pop("creationTimestamp", None)
    # Slow enough, on any machine, to be deleted in the middle.
    template["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "100m"
    template["spec"]["containers"][0]["resources"]["limits"]["cpu"] = "300m"
    made = {}
    for name, disturbed in (("whole", False), ("lost", True)):
        template["spec"]["containers"][0]["args"][2] = f"--output=/fleet/{name}"
        spec = {key: value for key, value in kept["spec"].items() if key not in ("selector", "suspend", "manualSelector")}
        kubectl("apply", "-f", "-", given=json.dumps({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": name, "namespace": FLEET}, "spec": {**spec, "template": template}}))
        if disturbed:
            waiting = wait("four pods", lambda: len(pods_of(FLEET, name)) == 4 and pods_of(FLEET, name))
            # Found by its process, for the server hears of it later.
            lost = wait("a pod at its work", lambda: next(
                (pod for pod in waiting if pod["metadata"]["uid"] in memory.most), None), every=0.05)
            kubectl("-n", FLEET, "delete", "pod", lost["metadata"]["name"], "--grace-period=1", "--wait=false")
        complete(name, 600)
        tell(memory, name, f"{MANY} logs, {MANY * os.path.getsize(first) / 1e9:.2f} GB")
        made[name] = parts(f"{path}/{name}")
    index = lost["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"]
    again = [pod for pod in pods_of(FLEET, "lost")
             if pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"] == index]
    replaced = [pod["metadata"]["name"] for pod in again if pod["metadata"]["uid"] != lost["metadata"]["uid"]]
    check(len(replaced) == 1, "ingest: the deleted pod is replaced", replaced)
    check(made["whole"] == made["lost"], "ingest: the data set is the same",
          sorted(set(made["whole"]) ^ set(made["lost"]))[:5])


def main():
    lab, kubelet, program, place, *images = sys.argv[1:]
    archives = []
    for image in images:
        name, archive = image.split("=")
        archives.append((archive, *name.split(">")))
    node = Node(lab, kubelet, place)
    try:
        node.up(archives)
        measured(kubectl("get", "node", NAME, "--no-headers", "-o", "wide").strip())
        memory = Memory(node.group)
        the_job(node, memory, program)
        the_job_is_deleted(node, program)
        path = the_fleet(node, memory)
        a_pod_of_the_ingest_is_deleted(node, memory, path)
    finally:
        for namespace in (RUN, FLEET):
            quiet(kubectl, "delete", "namespace", namespace, "--timeout=60s", "--ignore-not-found")
        node.down()
    sys.exit(bool(check.failed))


if __name__ == "__main__":
    main()
