//! Where a lab's files are: state and cache, under the XDG directories.

use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::caller::{self, Caller};
use crate::error::Error;
use crate::state::Spec;

/// The directory of this project below the XDG directories.
const PROJECT: &str = "kube-proxy-bench";

/// A lab's directory.
#[derive(Debug, Clone)]
pub struct Place {
    /// The lab's name.
    pub name: String,
    root: PathBuf,
}

/// `$XDG_CACHE_HOME/kube-proxy-bench`: what can be built again.
///
/// # Errors
/// [`Error::Usage`] if there is no home directory.
pub fn cache() -> Result<PathBuf, Error> {
    below("XDG_CACHE_HOME", ".cache")
}

impl Place {
    /// The place of the lab `name`: `$XDG_STATE_HOME/kube-proxy-bench/labs/NAME`.
    ///
    /// # Errors
    /// [`Error::Usage`] if the name cannot be part of file and namespace names.
    pub fn of(name: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let sound = !name.is_empty() && name.len() <= 20 && name.chars().all(plain);
        if !sound {
            let problem = "at most 20 of a-z, 0-9 and -";
            return Err(Error::Usage(format!("--name {name}: {problem}")));
        }
        Ok(Self {
            name: name.to_owned(),
            root: below("XDG_STATE_HOME", ".local/state")?
                .join("labs")
                .join(name),
        })
    }

    /// The lab's directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The lock that `up` and `down` take; beside the directory, which `down` removes.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.with_extension("lock")
    }

    /// The socket of the lab's supervisor.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.root.join("control.sock")
    }

    /// Certificates and keys.
    #[must_use]
    pub fn pki(&self) -> PathBuf {
        self.root.join("pki")
    }

    /// The kubeconfig of a user: `admin`, `kube-proxy`.
    #[must_use]
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        self.root.join(format!("{user}.kubeconfig"))
    }

    /// The log of a process.
    #[must_use]
    pub fn log(&self, process: &str) -> PathBuf {
        self.root.join("logs").join(format!("{process}.log"))
    }

    /// A node's directory.
    #[must_use]
    pub fn node(&self, node: &str) -> PathBuf {
        self.root.join("nodes").join(node)
    }

    /// A guest's kernel messages.
    #[must_use]
    pub fn kernel_log(&self, node: &str) -> PathBuf {
        self.node(node).join("kernel.log")
    }

    /// Makes the lab's directories, for root's eyes only; whoever called `sudo` may pass to the
    /// kubeconfig, which is theirs.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn make(&self, spec: &Spec) -> Result<(), Error> {
        passable_directory(&self.root)?;
        let nodes = spec.nodes.iter().map(|node| self.node(&node.name));
        for directory in [self.pki(), self.root.join("logs"), self.root.join("etcd")]
            .into_iter()
            .chain(nodes)
        {
            private_directory(&directory)?;
        }
        let text = serde_json::to_string_pretty(spec).map_err(|error| Error::State {
            path: self.spec(),
            problem: error.to_string(),
        })?;
        write_private(&self.spec(), text.as_bytes())
    }

    /// Reads what was asked for.
    ///
    /// # Errors
    /// [`Error::NotUp`] if there is no lab; [`Error::State`] for a file that is no lab's.
    pub fn read(&self) -> Result<Spec, Error> {
        let path = self.spec();
        if !path.exists() {
            return Err(Error::NotUp {
                name: self.name.clone(),
            });
        }
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path, "reading"))?;
        serde_json::from_str(&text).map_err(|error| Error::State {
            path,
            problem: error.to_string(),
        })
    }

    fn spec(&self) -> PathBuf {
        self.root.join("lab.json")
    }
}

/// Makes a directory of root's that others may pass through if there is somebody behind `sudo`; what
/// is made above this project's own is theirs.
pub(super) fn passable_directory(path: &Path) -> Result<(), Error> {
    let named = |path: &&Path| path.file_name().is_some_and(|name| name == PROJECT);
    let (Some(_), Some(project)) = (Caller::known(), path.ancestors().find(named)) else {
        return private_directory(path);
    };
    if let Some(above) = project.parent() {
        caller::directory(above)?;
    }
    private_directory(path)?;
    for directory in path
        .ancestors()
        .take_while(|path| path.starts_with(project))
    {
        let passable = std::fs::Permissions::from_mode(0o711);
        let set = std::fs::set_permissions(directory, passable);
        set.map_err(Error::io(directory, "letting others pass"))?;
    }
    Ok(())
}

/// Makes a directory that only its owner may enter.
///
/// # Errors
/// Those of the file system.
fn private_directory(path: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(path);
    made.map_err(Error::io(path, "making the directory"))
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// Those of the file system.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(path).map_err(Error::io(path, "creating"))?;
    file.write_all(bytes).map_err(Error::io(path, "writing"))
}

fn below(variable: &str, in_home: &str) -> Result<PathBuf, Error> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    // The XDG specification has relative paths ignored.
    if let Some(path) = set(variable).map(PathBuf::from).filter(|p| p.is_absolute()) {
        return Ok(path.join(PROJECT));
    }
    let home = match Caller::known() {
        Some(caller) => caller.home,
        None => set("HOME").map(PathBuf::from).ok_or_else(|| {
            Error::Usage(format!(
                "neither HOME nor {variable} is set; set one of them"
            ))
        })?,
    };
    Ok(home.join(in_home).join(PROJECT))
}
