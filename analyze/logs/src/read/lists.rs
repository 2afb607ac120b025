//! Lists of nodes with their kernels, as kubectl prints them beside logs.

use crate::metadata::Cluster;

/// Takes in the nodes' kernels that `kubectl describe node` and `kubectl get nodes -o wide` print.
///
/// ```text
/// Name:               node-a
///   Kernel Version:             6.1.144
///
/// NAME     STATUS   ROLES    AGE   VERSION   INTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME
/// node-a   Ready    <none>   3d    v1.32.6   10.0.0.9      Debian 12  6.1.144          containerd://1.7
/// ```
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// The node that is being described.
    described: Option<String>,
    /// Where the column of kernels begins, in characters.
    column: Option<usize>,
}

impl Lists {
    /// Takes the next line that is no log's; gives whether it is part of a list.
    pub(crate) fn push(&mut self, line: &str, cluster: &mut Cluster) -> bool {
        if let Some(name) = line.strip_prefix("Name:") {
            self.described = Some(name.trim().to_owned());
            return false;
        }
        if let Some(kernel) = line.trim_start().strip_prefix("Kernel Version:")
            && line.starts_with(' ')
            && let Some(node) = &self.described
        {
            cluster
                .kernels
                .insert(node.clone(), kernel.trim().to_owned());
            return true;
        }
        if line.starts_with("NAME ") {
            self.column = line.find("KERNEL-VERSION");
            return self.column.is_some();
        }
        let Some(column) = self.column else {
            return false;
        };
        let row: String = line.chars().skip(column).collect();
        let (node, kernel) = (
            line.split_whitespace().next(),
            row.split_whitespace().next(),
        );
        match node.zip(kernel) {
            Some((node, kernel)) if kernel.starts_with(|c: char| c.is_ascii_digit()) => {
                cluster.kernels.insert(node.to_owned(), kernel.to_owned());
                true
            }
            _ => {
                self.column = None;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_of_lists() {
        let mut cluster = Cluster::default();
        let mut lists = Lists::default();
        for line in [
            "Name:               node-a",
            "Roles:              <none>",
            "  Kernel Version:             6.1.144",
            "NAME     STATUS   OS-IMAGE    KERNEL-VERSION   CONTAINER-RUNTIME",
            "node-b   Ready    Debian 12   6.12.46          containerd://1.7",
            "node-c   Ready    Debian 12   6.12.55+deb12    containerd://1.7",
            "",
            "node-d   Ready    Debian 12   9.9.9            containerd://1.7",
        ] {
            lists.push(line, &mut cluster);
        }
        let found: Vec<(&str, &str)> = cluster
            .kernels
            .iter()
            .map(|(node, kernel)| (node.as_str(), kernel.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("node-a", "6.1.144"),
                ("node-b", "6.12.46"),
                ("node-c", "6.12.55+deb12")
            ]
        );
    }
}
