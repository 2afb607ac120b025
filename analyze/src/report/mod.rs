//! The report model: all that any renderer prints, computed before and nowhere else.
//!
//! Numbers are seconds (floats) and counts (integers), never formatted text; sentences are
//! made from them in [`words`]. The model serialises as `results.json`.

pub mod ablation;
pub mod changes;
pub mod clause;
pub mod comparison;
pub mod converged;
pub mod cost;
pub mod crossed;
pub mod evidence;
pub mod excerpt;
pub mod fleet;
pub mod group;
pub mod in_sync;
pub mod input;
pub mod kernel;
pub mod metrics;
pub mod names;
pub mod of_study;
pub mod past;
pub mod permalink;
pub mod places;
pub mod prediction;
pub mod profile;
pub mod recording;
pub mod repetition;
pub mod replay;
pub mod run;
pub mod scaling;
pub mod schema;
pub mod study;
pub mod sync_table;
pub mod tally;
pub mod trace;
pub mod visible;
pub mod words;

use schemars::JsonSchema;
use serde::Serialize;

pub use crate::plan::Selection;
pub use ablation::{Ablation, AblationBuild, AblationPart};
pub use changes::Changes;
pub use clause::Clause;
pub use comparison::{ClaimCheck, Comparison, Verdict};
pub use converged::{ConvergedGroup, Outcome};
pub use cost::{CostCheck, CostModel, CostPoint, CostTerm, UnitCost, UntoldTerm};
pub use crossed::{Condition, Crossed, CrossedCell, Interaction};
pub use evidence::{Convergence, LineRef, MetricsCheck, RampStep, Staleness, TimeSplit};
pub use group::Group;
pub use in_sync::TimeInSync;
pub use input::{Action, BundleFacts, InputFacts, NodeFacts};
pub use kernel::{Complaint, HotStack, KernelEventRow, LockupSummary};
pub use of_study::{OfStudy, of_study};
pub use places::Places;
pub use prediction::{
    Basis, PredictedLoad, PredictedSeconds, Prediction, Upgrade, UpgradeKind, Work,
};
pub use profile::{HotFunction, Profile};
pub use recording::{Failure, Recording};
pub use repetition::{NoiseFloor, Sequence};
pub use replay::{
    Replay, ReplayCost, ReplayFigure, ReplayedTransaction, RuleWriter, SplitCurve, TwoFactors,
};
pub use run::{Independence, RunRow};
pub use scaling::{Crossing, Curve, CurveKind, CurvePoint, Divergence, Fit, OnCurve};
pub use study::{Drift, LeftOut, Rule, Study};
pub use sync_table::{SyncRow, SyncTable};
pub use trace::Trace;

/// The major version of `results.json`.
pub const SCHEMA: u32 = 1;

/// Everything that a report says.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Report {
    /// Major version of this layout.
    pub schema: u32,
    /// The program that computed it.
    pub tool: Tool,
    /// One sentence that answers the question, with its uncertainty.
    pub headline: Headline,
    /// The options that chose trials and groups.
    pub selection: Selection,
    /// What was compared with what.
    pub studies: Vec<Study>,
    /// The bundles read.
    pub bundles: Vec<BundleFacts>,
    /// The logs read.
    pub inputs: Vec<InputFacts>,
    /// Runs that have a trial: the unit that every n counts.
    pub runs: Vec<RunRow>,
    /// Each side of each comparison, over all its trials.
    pub groups: Vec<Group>,
    /// The same over trials at matched scale only.
    pub matched_groups: Vec<Group>,
    /// Groups against the baseline, over all trials and at matched scale.
    pub comparisons: Vec<Comparison>,
    /// Published figures and what was computed instead.
    pub claims: Vec<ClaimCheck>,
    /// What a sync costs by what it carries, by group.
    pub costs: Vec<CostModel>,
    /// How durations grow with scale.
    pub scaling: Vec<Curve>,
    /// Where two groups' fits meet.
    pub crossings: Vec<Crossing>,
    /// How far two groups' fits are apart.
    pub divergences: Vec<Divergence>,
    /// Where the time goes.
    pub time_split: Vec<TimeSplit>,
    /// How much of the time each node was in a sync.
    pub in_sync: Vec<TimeInSync>,
    /// From the driver's action to the sync that carried it.
    pub ramp_steps: Vec<RampStep>,
    /// From a ramp's first step to its last endpoint in the kernel, node by node: the outcome of
    /// a run with a timeline.
    pub convergence: Vec<Convergence>,
    /// The same by group: the mean of a run's steps, each step, the whole ramp.
    pub converged: Vec<ConvergedGroup>,
    /// Groups against the baseline by convergence: the mean of the steps is tested, each step and
    /// the whole ramp stand beside it.
    pub convergence_comparisons: Vec<Comparison>,
    /// The steps by group.
    pub staleness: Vec<Staleness>,
    /// Kernel complaints, by kernel and kind.
    pub lockups: Vec<LockupSummary>,
    /// Each kernel complaint.
    pub kernel_events: Vec<KernelEventRow>,
    /// The log's sums beside the metrics' own.
    pub metrics: Vec<MetricsCheck>,
    /// Studies of one load under several conditions: kernels by who writes the rules.
    pub crossed: Vec<Crossed>,
    /// Bundles of replays.
    pub replays: Vec<Replay>,
    /// Profiles: of loads, of nodes, and of what the kernel's watchdog saw.
    pub profiles: Vec<Profile>,
    /// What to do next, a sentence each, the most useful first.
    pub next: Vec<String>,
    /// What a reader must know before believing the figures.
    pub warnings: Vec<Warning>,
    /// Each bundle, and the loose logs, at a glance.
    pub recordings: Vec<Recording>,
    /// Every sync.
    pub syncs: SyncTable,
    /// Short names of kernels.
    #[serde(skip)]
    pub names: names::Names,
    /// Lines around syncs, where pages are to show them.
    #[serde(skip)]
    pub excerpts: excerpt::Excerpts,
}

/// The program that computed a report.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The report's first paragraph.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Headline {
    /// The answer in one sentence.
    pub sentence: String,
    /// What that sentence rests on.
    pub from: Trace,
    /// What the answer does and does not show, one sentence each, the gravest first.
    pub doubts: Vec<String>,
    /// Identity of the study that it speaks of; absent if no study has a comparison.
    pub study: Option<String>,
    /// The comparison of trials that it rests on: a place in `comparisons`, from 0.
    pub comparison: Option<usize>,
    /// The comparison of convergence that it rests on: a place in `convergence_comparisons`.
    pub convergence: Option<usize>,
}

/// Something that the reader must know.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Warning {
    /// A stable name: `verbosity_too_low`, `few_trials` ...
    pub code: String,
    /// What is the matter, in a sentence.
    pub message: String,
    /// The input that it is about.
    pub input: Option<String>,
    /// The line in that input, from 1.
    pub line: Option<u64>,
    /// Identity of the study that it is about.
    pub study: Option<String>,
}

impl Warning {
    /// A warning about nothing in particular; see [`Self::at`] and [`Self::about`].
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            input: None,
            line: None,
            study: None,
        }
    }

    /// The same, about a line of an input.
    #[must_use]
    pub fn at(mut self, input: impl Into<String>, line: Option<u64>) -> Self {
        self.input = Some(input.into());
        self.line = line;
        self
    }

    /// The same, about a study.
    #[must_use]
    pub fn about(mut self, study: &str) -> Self {
        self.study = Some(study.to_owned());
        self
    }
}
