//! The rule in words.

use kube_proxy_logs::Family;

use super::TrialRule;
use crate::report::words::count;

impl TrialRule<'_> {
    /// The clauses on endpoints.
    fn scale_words(&self) -> Vec<String> {
        let full = self.scale.common();
        let from = self.scale.from();
        let mut clauses = Vec::new();
        // A step asks for as many, or the sync programmed as many.
        let or_step = if self.steps_told[0] && !self.by_timeline() && !self.min_is_asked_for() {
            ", or carried the load of a ramp step to as many"
        } else {
            ""
        };
        if let (Some(min), Some(full)) = (self.min(full), full) {
            clauses.push(format!(
                "it programmed at least {} endpoints (full scale, {from}: {}){or_step}",
                count(min),
                count(full)
            ));
        } else if let Some([least, most]) = self.scale.range() {
            let min = self.plan.min_endpoints;
            clauses.push(format!(
                "it programmed at least {min} of its own bundle's endpoints (full scale, {from}: \
                 {} to {}){or_step}",
                count(least),
                count(most)
            ));
        }
        if let Some(max) = self.plan.max_endpoints {
            clauses.push(match self.max(full) {
                Some(max) => format!("it programmed at most {} endpoints", count(max)),
                None => format!("it programmed at most {max} of its own bundle's endpoints"),
            });
        }
        clauses
    }

    pub(super) fn family_words(&self) -> &'static str {
        match self.family {
            None => "all",
            Some(Family::Ipv4) => "IPv4",
            Some(Family::Ipv6) => "IPv6",
            Some(Family::Unknown) => "not named in the log",
        }
    }

    pub(super) fn words(&self) -> String {
        let mut clauses = vec!["it succeeded".to_owned()];
        match self.family {
            None => {}
            Some(Family::Unknown) => clauses.push("the log names no family".to_owned()),
            Some(_) => clauses.push(format!("its family is {}", self.family_words())),
        }
        if self.family != Some(Family::Unknown) {
            clauses.push("it did not only wait for the other family's commit".to_owned());
        }
        if !self.endpoints_told {
            clauses.push("endpoints are not asked for, because no sync tells them".to_owned());
        } else {
            clauses.extend(self.scale_words());
        }
        if let Some(seconds) = self.plan.min_elapsed_s {
            clauses.push(format!("it took at least {seconds} s"));
        }
        if self.by_timeline() {
            clauses
                .push("it is the node's first to begin after an action of the timeline".to_owned());
        } else if !self.plan.include_small_changes && self.endpoints_told {
            clauses.push(self.load_words());
        }
        format!("A sync is a trial if {}.", clauses.join("; "))
    }

    /// The clause on the load.
    fn load_words(&self) -> String {
        let by_steps = "it carried the load of a ramp step: of the syncs that carried a third of \
                        the step or more (any part, where none did) it changed the most endpoints";
        let by_neighbours = "its net change is at least 1 % of its endpoints, and at least half of \
                             that of the syncs right before and after it, or unknown";
        match self.steps_told {
            [_, true] => by_steps.to_owned(),
            [false, _] => by_neighbours.to_owned(),
            [true, false] => {
                format!("{by_steps} (where no timeline tells of steps: {by_neighbours})")
            }
        }
    }
}
