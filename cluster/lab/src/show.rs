//! `lab status` and `lab logs`.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::{Global, Logs, StatusFormat};
use crate::control::{self, NodeStatus, Phase, Status};
use crate::error::Error;
use crate::marked;
use crate::state::{Place, Spec};

/// Prints what is running.
///
/// # Errors
/// [`Error::NotUp`]; [`Error::LeftOver`] if only parts of a lab are left.
pub async fn status(global: &Global, format: StatusFormat) -> Result<(), Error> {
    let place = Place::of(&global.name)?;
    let spec = place.read()?;
    let status = control::status(&place).await.map_err(|_| Error::LeftOver {
        name: place.name.clone(),
    })?;
    let processes = marked::processes(&place.name)?;
    let memory_kib: u64 = processes.iter().map(|process| process.resident_kib).sum();
    match format {
        StatusFormat::Kubeconfig => println!("{}", place.kubeconfig("admin").display()),
        StatusFormat::Json => {
            let memory: Vec<_> = processes
                .iter()
                .map(|p| json!({"pid": p.pid, "command": p.command, "anonymous_kib": p.resident_kib}))
                .collect();
            let all = json!({
                "name": place.name,
                "directory": place.root(),
                "kubeconfig": place.kubeconfig("admin"),
                "server": format!("https://127.0.0.1:{}", spec.port),
                "spec": spec,
                "status": status,
                "memory_kib": memory_kib,
                "memory": memory,
            });
            println!("{all:#}");
        }
        StatusFormat::Text => text(&place, &spec, &status, memory_kib),
    }
    Ok(())
}

fn text(place: &Place, spec: &Spec, status: &Status, memory_kib: u64) {
    let phase = match &status.phase {
        Phase::Starting(what) => format!("waiting for {what}"),
        Phase::Ready => "ready".to_owned(),
        Phase::Failed(problem) => format!("failed: {problem}"),
    };
    println!(
        "lab {} is {phase}; it holds {} MiB of memory",
        place.name,
        memory_kib / 1024
    );
    println!("kubeconfig {}", place.kubeconfig("admin").display());
    println!("control plane {}", spec.kubernetes.tag);
    println!(
        "kube-proxy {} in mode {}, --v={}",
        spec.kube_proxy.tag,
        spec.mode.name(),
        spec.verbosity
    );
    let (played, others): (Vec<_>, Vec<_>) =
        status.nodes.iter().partition(|node| node.kind == "played");
    if !played.is_empty() {
        let ready = played.iter().filter(|node| node.ready).count();
        let silent = played.iter().filter(|node| node.silent).count();
        println!(
            "{} played nodes, {ready} of them ready, {silent} with a silent kubelet",
            played.len()
        );
    }
    others.into_iter().for_each(about);
    println!();
    for process in &status.processes {
        let state = match (&process.pid, &process.ended) {
            (Some(pid), _) => format!("pid {pid}"),
            (None, Some(ended)) => ended.clone(),
            (None, None) => "not started".to_owned(),
        };
        println!("{:<24} {state:<22} {}", process.name, process.log.display());
    }
}

/// A node, its logs and what is wrong with it.
fn about(node: &NodeStatus) {
    let state = if node.ready { "ready" } else { "not ready" };
    let version = node.kernel_version.as_ref();
    let version = version.map_or_else(String::new, |version| format!(" ({version})"));
    println!(
        "\nnode {}: {}, kernel {}{version}, {state}, {} restarts",
        node.name, node.kind, node.kernel, node.restarts
    );
    for (what, path) in [
        ("log", &node.log),
        ("log before", &node.previous_log),
        ("kernel log", &node.kernel_log),
    ] {
        if let Some(path) = path {
            println!("  {what:<11}{}", path.display());
        }
    }
    if node.silent {
        println!(
            "  its kubelet answers nobody: `lab kubelet start {}`",
            node.name
        );
    }
    if let Some(problem) = &node.problem {
        println!("  {problem}");
    }
}

/// Prints a node's log; becomes `tail`.
///
/// # Errors
/// [`Error::NotUp`], and [`Error::Refused`] if there is no such node or log.
pub async fn logs(global: &Global, flags: &Logs) -> Result<(), Error> {
    let place = Place::of(&global.name)?;
    place.read()?;
    let status = control::status(&place).await?;
    let node = status.nodes.iter().find(|node| node.name == flags.node);
    let node = node.ok_or_else(|| {
        let names: Vec<&str> = status.nodes.iter().map(|node| node.name.as_str()).collect();
        Error::Refused(format!(
            "no node `{}`; there is {}",
            flags.node,
            names.join(", ")
        ))
    })?;
    let path = wanted(node, flags).map_err(Error::Refused)?;
    let mut tail = std::process::Command::new("tail");
    tail.args(["-n", "+1"]);
    if flags.follow {
        // By name: it goes on after a rotation.
        tail.arg("-F");
    }
    let error = tail.arg(&path).exec();
    Err(Error::io(&path, "running tail on")(error))
}

fn wanted(node: &NodeStatus, flags: &Logs) -> Result<PathBuf, String> {
    let (path, absent) = if flags.kernel {
        let absent = "it runs on this machine's kernel: `dmesg` has its messages";
        (&node.kernel_log, absent)
    } else if flags.previous {
        (&node.previous_log, "its kube-proxy has not been restarted")
    } else {
        (&node.log, "its kube-proxy has not started")
    };
    path.clone()
        .ok_or_else(|| format!("node {}: {absent}", node.name))
}
