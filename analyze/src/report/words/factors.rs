//! Kernels by who writes the rules, in words.

use super::change::{STEP, change};
use super::count;
use crate::report::TwoFactors;
use crate::report::names::short;

/// Whether what the kernel changes depends on who writes the rules.
pub(super) fn interaction(table: &TwoFactors) -> String {
    let each = table.writers.iter().zip(&table.ratios);
    let each: Vec<String> = each
        .map(|(writer, ratio)| format!("{} ({}) {}", writer.shape, writer.mode, change(*ratio)))
        .collect();
    let ends = [table.kernels.first(), table.kernels.last()];
    let [from, to] = ends.map(|kernel| kernel.map_or("", |name| short(name)));
    let depends = match table.interaction < 1.0 + STEP {
        true => format!(
            "What the kernel changes is the same for all of them within {:.0} %.",
            STEP * 100.0
        ),
        false => format!(
            "What the kernel changes depends on who writes the rules: the largest of these ratios \
             is {:.2} times the smallest.",
            table.interaction
        ),
    };
    format!(
        "{} Services x {}, from {from} to {to}: {}. {depends}",
        count(table.services),
        table.endpoints_per_service,
        each.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::interaction;
    use crate::report::{RuleWriter, TwoFactors};

    fn table(ratios: [f64; 2]) -> TwoFactors {
        let writer = |shape: &str| RuleWriter {
            mode: "nftables".to_owned(),
            shape: shape.to_owned(),
        };
        TwoFactors {
            services: 250,
            endpoints_per_service: 30,
            kernels: vec!["6.1.192".to_owned(), "7.3.4".to_owned()],
            writers: vec![writer("kube-proxy-1.32"), writer("kube-proxy-1.36")],
            cells: vec![vec![0, 1], vec![2, 3]],
            ratios: ratios.to_vec(),
            interaction: ratios[1] / ratios[0],
        }
    }

    #[test]
    fn less_than_three_per_cent_apart_is_the_same() {
        let same = interaction(&table([1.0, 1.0299]));
        assert!(
            same.contains("is the same for all of them within 3 %"),
            "{same}"
        );
        let depends = interaction(&table([1.0, 1.0301]));
        assert!(
            depends.contains("depends on who writes the rules"),
            "{depends}"
        );
        assert!(depends.contains("from 6.1.192 to 7.3.4"), "{depends}");
    }
}
