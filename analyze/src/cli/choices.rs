//! Choices of the plan and of the renderers, as clap offers them.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::plan::{FamilyChoice, GroupBy};
use crate::render::Format;

impl ValueEnum for GroupBy {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Kernel => "Kernel release",
            Self::Node => "Node",
            Self::Mode => "kube-proxy's mode",
            Self::KubeProxy => "kube-proxy's version",
            Self::Instance => "Instance type",
            Self::Os => "OS image",
            Self::Bundle => "Bundle",
            Self::Label => "What --label says",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

impl ValueEnum for FamilyChoice {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::All => "Both",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Table => "The headline and a table",
            Self::Json => "results.json",
            Self::Csv => "syncs.csv",
            Self::Markdown => "report.md",
            Self::Html => "index.html",
            Self::Benchstat => "Trials and runs as Go's benchmark text, for benchstat",
            Self::OpenMetrics => "Every sync with its time, for promtool",
            Self::Perfdash => "Percentiles by group, as perfdash keeps them",
            Self::Otava => "Runs in order of time, for Apache Otava",
            Self::GithubAction => "Means by group, for github-action-benchmark",
            Self::Bencher => "Means by group, for Bencher",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A choice that `ALL` forgets could not be chosen; one there twice would be shown twice.
    #[test]
    fn every_choice_is_offered_once() {
        fn names<T: ValueEnum>() -> Vec<String> {
            let offered = T::value_variants().iter().filter_map(T::to_possible_value);
            offered.map(|one| one.get_name().to_owned()).collect()
        }
        let expected = [
            "kernel",
            "node",
            "mode",
            "kube-proxy",
            "instance",
            "os",
            "bundle",
            "label",
        ];
        assert_eq!(names::<GroupBy>(), expected);
        assert_eq!(names::<FamilyChoice>(), ["ipv4", "ipv6", "all"]);
        assert_eq!(
            names::<Format>(),
            [
                "table",
                "json",
                "csv",
                "markdown",
                "html",
                "benchstat",
                "openmetrics",
                "perfdash",
                "otava",
                "github-action",
                "bencher"
            ]
        );
    }
}
