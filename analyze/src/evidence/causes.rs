//! From a hot function to a sentence: the table `causes.toml`.

use serde::Deserialize;

use super::names::by_release;
use crate::error::Error;
use crate::report::HotFunction;

const TABLE: &str = include_str!("causes.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    cause: Vec<Cause>,
}

/// A row: what is looked for, and what it means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cause {
    /// The function's name.
    function: String,
    /// It has at least so much of the kernel's samples, in percent.
    least_pct: f64,
    /// First series that it is said of.
    from: Option<String>,
    /// First series that it is not said of any more.
    before: Option<String>,
    /// A function that must be among the callers.
    under: Option<String>,
    /// Said only of loads with new maps.
    #[serde(default)]
    maps: bool,
    says: String,
    /// What it rests on.
    source: String,
}

/// The table.
///
/// # Errors
/// [`Error::Internal`] if it cannot be read.
pub(super) fn table() -> Result<Vec<Cause>, Error> {
    let table: Table = toml::from_str(TABLE).map_err(Error::making("the table of causes"))?;
    Ok(table.cause)
}

/// What these functions mean on a kernel, the hottest first. `whose` samples they are: `the
/// kernel's samples`. `maps`: new maps of the load, where its ledger is known.
pub(super) fn of(
    table: &[Cause],
    (whose, kernel): (&str, &str),
    functions: &[HotFunction],
    maps: Option<u64>,
) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for hot in functions {
        let Some(cause) = table.iter().find(|one| one.holds(kernel, hot, maps)) else {
            continue;
        };
        let sentence = format!(
            "{:.0} % of {whose} on {kernel} are in {}: {} ({}).",
            hot.kernel_pct, hot.function, cause.says, cause.source
        );
        // Two functions of one cause are one sentence.
        if !told.iter().any(|known| known.contains(&cause.says)) {
            told.push(sentence);
        }
    }
    told
}

impl Cause {
    fn holds(&self, kernel: &str, hot: &HotFunction, maps: Option<u64>) -> bool {
        let since = self.from.as_ref();
        let before = self.before.as_ref();
        hot.function == self.function
            && hot.kernel_pct >= self.least_pct
            && since.is_none_or(|first| by_release(kernel, first).is_ge())
            && before.is_none_or(|first| by_release(kernel, first).is_lt())
            && (!self.maps || maps != Some(0))
            && self
                .under
                .as_ref()
                .is_none_or(|caller| hot.callers.contains(caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hot(function: &str, kernel_pct: f64, callers: &[&str]) -> HotFunction {
        HotFunction {
            function: function.to_owned(),
            samples: 1,
            share_pct: kernel_pct,
            kernel_pct,
            callers: callers.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Whether anything is said.
    fn said(kernel: &str, hot: HotFunction, maps: Option<u64>) -> bool {
        !of(&table().unwrap(), ("", kernel), &[hot], maps).is_empty()
    }

    #[test]
    fn each_cause_is_said_from_its_share_on_and_not_below() {
        for cause in table().unwrap() {
            let callers: Vec<&str> = cause.under.iter().map(String::as_str).collect();
            let at = |pct: f64| hot(&cause.function, pct, &callers);
            assert!(said("6.1.192", at(cause.least_pct), Some(1)), "{cause:?}");
            assert!(
                !said("6.1.192", at(cause.least_pct - 0.01), Some(1)),
                "{cause:?}"
            );
            assert_eq!(said("6.1.192", at(50.0), Some(0)), !cause.maps, "{cause:?}");
            assert!(said("6.1.192", at(50.0), None), "{cause:?}");
            assert!(!cause.source.is_empty() && !cause.says.is_empty());
            if let Some(first) = &cause.before {
                assert!(!said(first, at(50.0), Some(1)), "{cause:?}");
                assert!(!said("7.3.4", at(50.0), Some(1)), "{cause:?}");
            }
            if cause.under.is_some() {
                assert!(!said("6.1.192", hot(&cause.function, 50.0, &[]), Some(1)));
            }
        }
    }

    #[test]
    fn of_a_function_that_the_table_does_not_have_nothing_is_said() {
        assert!(!said(
            "6.1.192",
            hot("nf_tables_commit", 90.0, &[]),
            Some(1)
        ));
    }

    #[test]
    fn one_cause_is_one_sentence() {
        let two = [
            hot("nft_set_lookup_byid", 20.0, &[]),
            hot("nft_set_lookup_global", 10.0, &[]),
        ];
        let of_kernel = ("the kernel's samples", "6.1.192");
        let told = of(&table().unwrap(), of_kernel, &two, Some(9));
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("20 % of the kernel's samples on 6.1.192 are in nft_set"));
    }
}
