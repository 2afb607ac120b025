//! How two groups are compared.

use crate::stats::blocks::{self, Block};
use crate::stats::contrast::Contrast;
use crate::stats::rank;

/// How two sides were compared, and what came of it.
pub(super) struct Way {
    pub(super) contrast: Contrast,
    pub(super) blocks: Option<usize>,
    pub(super) drift: bool,
    pub(super) pairs: Vec<Block>,
}

impl Way {
    pub(super) fn method(&self) -> String {
        match (self.blocks, self.drift) {
            (Some(blocks), _) => {
                format!("paired in {blocks} blocks, Student's t on logarithms of run means")
            }
            (None, true) => "Welch's t on logarithms of run means, a straight drift over time \
                             taken out"
                .to_owned(),
            (None, false) => "Welch's t on logarithms of run means".to_owned(),
        }
    }

    /// p of an exact test, the least it can give, its name.
    pub(super) fn exact(&self, a: &[f64], b: &[f64]) -> Option<(f64, f64, &'static str)> {
        if self.blocks.is_some() {
            let (p, least) = blocks::exact(&self.pairs)?;
            return Some((p, least, "exchange within blocks, exact"));
        }
        let test = rank::mann_whitney(a, b).filter(|_| !self.drift)?;
        Some((test.p, rank::smallest_p(a.len(), b.len()), test.method))
    }
}
