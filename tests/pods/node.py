"""A node with a kubelet and a containerd of its own, beside those of a lab that are played.

Both live in the network namespace of the lab's node-a, whose kube-proxy so serves the pods: they
reach the API server by the Service `kubernetes`, for which the lab has no endpoints. One is added.
"""

import json
import os
import shutil
import signal
import subprocess
import time

NAME = "real"
API = ("10.1.0.1", 6443)
ADDRESS = "10.1.1.2"
# Not of the range that kube-proxy takes for pods': what comes from here is masqueraded, and so finds back.
PODS = "10.3.0.0/24"
TAINT = "kube-proxy-bench/real"
PAUSE = "localhost/pods-pause:tried"

CONTAINERD = """
version = 2
root = "{root}"
state = "{place}/state"
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # In a container or a virtual machine root may not be allowed to lower it (CAP_SYS_RESOURCE).
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{place}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
"""

ENDPOINTS = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {
        "name": "kubernetes",
        "namespace": "default",
        "labels": {"kubernetes.io/service-name": "kubernetes"},
    },
    "addressType": "IPv4",
    "endpoints": [{"addresses": [API[0]], "conditions": {"ready": True}}],
    "ports": [{"name": "https", "port": API[1], "protocol": "TCP"}],
}


def wait(what, look, seconds=120, every=0.5):
    """What `look` gives as soon as that is something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        got = look()
        if got:
            return got
        time.sleep(every)
    raise TimeoutError(f"{what}: not within {seconds} s")


class Node:
    def __init__(self, lab, kubelet, place):
        self.lab, self.kubelet, self.place = lab, kubelet, place
        # /run, since a socket's path has 107 characters at most.
        self.socket = f"{place}/containerd.sock"
        self.state = os.path.dirname(os.environ["KUBECONFIG"])
        self.group = f"/{os.path.basename(place)}"
        self.processes = []
        # A kubelet has these where no flag reaches; what was not there goes again.
        self.made = [path for path in ("/var/lib/kubelet", "/var/log/containers") if not os.path.exists(path)]
        os.makedirs(place, exist_ok=True)

    def write(self, name, text):
        path = os.path.join(self.place, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text if isinstance(text, str) else json.dumps(text, indent=1))
        return path

    def start(self, name, *words):
        """A process in the node's network namespace; the mounts stay this machine's."""
        log = open(os.path.join(self.place, f"{name}.log"), "wb")
        inside = ["nsenter", f"--net=/run/netns/kpb-{self.lab}.node-a"]
        # In a session of its own: Ctrl-C is this script's, which stops them in order.
        process = subprocess.Popen(
            [*inside, *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.processes.append(process)
        return process

    def ctr(self, *words):
        command = ["nsenter", f"--net=/run/netns/kpb-{self.lab}.node-a", "ctr", "-a", self.socket, "-n", "k8s.io"]
        done = subprocess.run([*command, *words], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"ctr {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def up(self, archives):
        """Starts containerd with these images, then the kubelet, and waits until the node is ready."""
        self.write("cni/10-bridge.conflist", network(self.place))
        config = CONTAINERD.format(
            root=f"{self.place}/containerd", place=self.place, socket=self.socket, pause=PAUSE
        )
        self.start("containerd", "containerd", "--config", self.write("containerd.toml", config))
        wait("containerd", lambda: os.path.exists(self.socket) and quiet(self.ctr, "version"), 30)
        for archive, name, tag in archives:
            self.ctr("images", "import", archive)
            self.ctr("images", "tag", "--force", name, tag)
        for hierarchy in hierarchies():
            os.makedirs(hierarchy + self.group, exist_ok=True)
            # A cpuset of nobody's processors takes no process.
            for file in ("cpuset.cpus", "cpuset.mems"):
                if os.path.exists(f"{hierarchy}/{file}"):
                    shutil.copyfile(f"{hierarchy}/{file}", f"{hierarchy}{self.group}/{file}")
        kubectl("apply", "-f", "-", given=json.dumps(ENDPOINTS))
        self.start(
            "kubelet",
            self.kubelet,
            f"--config={self.write('kubelet.json', self.configuration())}",
            f"--kubeconfig={self.write('kubelet.kubeconfig', self.account())}",
            f"--root-dir={self.place}/kubelet",
            f"--cert-dir={self.place}/certificates",
            f"--hostname-override={NAME}",
            f"--node-ip={ADDRESS}",
            "--v=2",
        )
        wait("the node", lambda: self.ready())

    def ready(self):
        if self.processes[-1].poll() is not None:
            raise RuntimeError(f"the kubelet has ended: {tail(f'{self.place}/kubelet.log')}")
        words = ["get", "node", NAME, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"]
        return quiet(kubectl, *words) == "True"

    def account(self):
        """The lab's administrator, who puts on the node's name and group: its rights are a node's."""
        with open(f"{self.state}/lab.kubeconfig") as file:
            account = json.load(file)
        account["users"][0]["user"]["as"] = f"system:node:{NAME}"
        account["users"][0]["user"]["as-groups"] = ["system:nodes", "system:authenticated"]
        return account

    def configuration(self):
        pki = f"{self.state}/pki"
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": ADDRESS,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": f"{pki}/ca.crt"},
            },
            "authorization": {"mode": "Webhook"},
            # Good for the nodes of the lab too, of which this one has an address.
            "tlsCertFile": f"{pki}/kubelet.crt",
            "tlsPrivateKeyFile": f"{pki}/kubelet.key",
            "containerRuntimeEndpoint": f"unix://{self.socket}",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": self.group,
            "failCgroupV1": False,
            "failSwapOn": False,
            "podLogsDir": f"{self.place}/pods",
            "volumePluginDir": f"{self.place}/plugins",
            "resolvConf": "",
            # Other work on this machine's disk is not this node's.
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
            "registerWithTaints": [{"key": TAINT, "value": "only", "effect": "NoSchedule"}],
        }

    def down(self):
        """Stops what was started, last first, and removes what they leave: containers, mounts, groups."""
        for process in reversed(self.processes[1:]):
            stop(process)
        if self.processes:
            for task in quiet(self.ctr, "tasks", "ls", "-q").split():
                quiet(self.ctr, "tasks", "kill", "-s", "SIGKILL", task)
                quiet(self.ctr, "tasks", "delete", "--force", task)
            for container in quiet(self.ctr, "containers", "ls", "-q").split():
                quiet(self.ctr, "containers", "delete", container)
            stop(self.processes[0])
        with open("/proc/self/mounts") as file:
            mounts = [line.split()[1] for line in file]
        for mount in sorted((m for m in mounts if m.startswith(self.place + "/")), reverse=True):
            subprocess.run(["umount", "--lazy", mount], check=False)
        for hierarchy in hierarchies():
            for directory, _, _ in os.walk(hierarchy + self.group, topdown=False):
                quiet(os.rmdir, directory)
        for path in self.made:
            shutil.rmtree(path, ignore_errors=True)


def network(place):
    return {
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [
            {
                "type": "bridge",
                "bridge": "pods",
                "isGateway": True,
                "ipam": {
                    "type": "host-local",
                    "dataDir": f"{place}/addresses",
                    "ranges": [[{"subnet": PODS}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }


def hierarchies():
    """Where cgroups are: a directory each in version 1, one in version 2, both side by side too."""
    with open("/proc/self/mounts") as file:
        mounts = [line.split()[1:3] for line in file]
    return [where for where, kind in mounts if kind in ("cgroup", "cgroup2")]


def stop(process, seconds=20):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def kubectl(*words, given=None):
    done = subprocess.run(["kubectl", *words], capture_output=True, text=True, input=given)
    if done.returncode:
        raise RuntimeError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def quiet(call, *words):
    """What the call gives; nothing if it fails."""
    try:
        return call(*words) or ""
    except (OSError, RuntimeError):
        return ""


def tail(path, lines=5):
    with open(path, errors="replace") as file:
        return "".join(file.readlines()[-lines:]).strip()
