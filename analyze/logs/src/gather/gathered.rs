//! What was read of each log, before logs are compared with one another: what a data set keeps.

use std::collections::BTreeMap;

use super::inputs::{self, Part};
use super::{during, kernel_log, merge, warnings};
use crate::error::Error;
use crate::metadata::Cluster;
use crate::reading::{Input, KernelEvent, Reading};
use crate::sync::Sync;
use crate::syncs::Syncs;

/// Logs, each read by itself.
///
/// Which syncs two logs have in common, when a machine booted, and what kernel a log is of, only
/// all logs together tell: [`Gathered::reading`] does. So logs that are read in turns, or on
/// several machines, and joined, are the same as those that are read at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    pub(super) parts: Vec<Part>,
    pub(super) syncs: Syncs,
    pub(super) kernel_events: Vec<KernelEvent>,
    /// Nodes and pods that dumps of the cluster list, by source.
    pub(super) listed: Vec<(u32, Cluster)>,
}

/// What is known of a log beside its syncs and kernel events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Place of its source in [`crate::Request::sources`], or wherever it was put.
    pub source: u32,
    /// The rest, as JSON; its layout is this crate's own.
    pub json: String,
}

impl Gathered {
    /// The logs, as far as each tells of itself; [`Sync::input`] and [`KernelEvent::input`] are
    /// places among them.
    pub fn logs(&self) -> impl ExactSizeIterator<Item = &Input> {
        self.parts.iter().map(|part| &part.input)
    }

    /// Place of the source that a log is from.
    #[must_use]
    pub fn source(&self, log: u32) -> Option<u32> {
        self.parts.get(log as usize).map(|part| part.source)
    }

    /// The syncs.
    #[must_use]
    pub fn syncs(&self) -> &Syncs {
        &self.syncs
    }

    /// The kernel's complaints, without times that only other logs tell, episodes and syncs.
    #[must_use]
    pub fn kernel_events(&self) -> &[KernelEvent] {
        &self.kernel_events
    }

    /// What is known of each log, in order.
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be written as JSON.
    pub fn states(&self) -> Result<Vec<LogState>, Error> {
        let state = |part: &Part| {
            let json = serde_json::to_string(part);
            json.map(|json| LogState {
                source: part.source,
                json,
            })
        };
        let states: Result<_, _> = self.parts.iter().map(state).collect();
        states.map_err(|error| Error::Internal(error.to_string()))
    }

    /// The lists of nodes and pods that stand in logs, each with the place of its source.
    ///
    /// # Errors
    /// As [`Gathered::states`].
    pub fn lists(&self) -> Result<Vec<LogState>, Error> {
        let state = |(source, cluster): &(u32, Cluster)| {
            let json = serde_json::to_string(cluster);
            json.map(|json| LogState {
                source: *source,
                json,
            })
        };
        let lists: Result<_, _> = self.listed.iter().map(state).collect();
        lists.map_err(|error| Error::Internal(error.to_string()))
    }

    /// Puts together again what was taken apart.
    ///
    /// # Errors
    /// [`Error::Internal`] if a state or list is not of this crate's layout, or a sync or an event
    /// is of a log that has no state.
    pub fn of(
        states: &[LogState],
        lists: &[LogState],
        syncs: Syncs,
        kernel_events: Vec<KernelEvent>,
    ) -> Result<Self, Error> {
        let wrong = |error: serde_json::Error| Error::Internal(error.to_string());
        let mut parts: Vec<Part> = Vec::with_capacity(states.len());
        for state in states {
            let mut part: Part = serde_json::from_str(&state.json).map_err(wrong)?;
            part.source = state.source;
            parts.push(part);
        }
        let mut listed = Vec::new();
        for list in lists {
            listed.push((
                list.source,
                serde_json::from_str(&list.json).map_err(wrong)?,
            ));
        }
        let of_syncs = (0..syncs.len()).map(|place| syncs.input_at(place));
        let of_events = kernel_events.iter().map(|event| event.input);
        if let Some(stray) = of_syncs
            .chain(of_events)
            .find(|input| *input as usize >= parts.len())
        {
            let logs = parts.len();
            return Err(Error::Internal(format!("log {stray} of {logs}")));
        }
        Ok(Self {
            parts,
            syncs,
            kernel_events,
            listed,
        })
    }

    /// The logs, with nodes and kernels as far as these logs tell and `kernels`, by node, has them.
    #[must_use]
    pub fn named(&self, kernels: &BTreeMap<String, String>) -> Vec<Input> {
        let mut parts = self.parts.clone();
        inputs::name_kernels(&mut parts, &self.cluster(kernels));
        parts.into_iter().map(Part::finish).collect()
    }

    /// What logs list, and what was told beside them.
    fn cluster(&self, kernels: &BTreeMap<String, String>) -> Cluster {
        let mut cluster = Cluster::default();
        for (_, more) in &self.listed {
            cluster.append(more.clone());
        }
        cluster.kernels.extend(kernels.clone());
        cluster
    }

    /// Adds kernel releases by node that beat what logs list.
    pub fn list(&mut self, kernels: &BTreeMap<String, String>) {
        if !kernels.is_empty() {
            let kernels = kernels.clone();
            let cluster = Cluster {
                kernels,
                ..Cluster::default()
            };
            self.listed.push((u32::MAX, cluster));
        }
    }

    /// Gives each log's source another place.
    pub fn place(&mut self, of: impl Fn(u32) -> u32) {
        for part in &mut self.parts {
            part.source = of(part.source);
        }
        for (source, _) in &mut self.listed {
            *source = of(*source);
        }
    }

    /// Gives the user's word for a kernel to each log, by its path, that has one.
    pub fn label(&mut self, of: impl Fn(&str) -> Option<String>) {
        for part in &mut self.parts {
            if let Some(label) = of(&part.input.path) {
                part.label(label);
            }
        }
    }

    /// All of several, in the order of their sources' places.
    #[must_use]
    pub fn joined(all: Vec<Self>) -> Self {
        let mut joined = Self::default();
        // As many as there will be: a list that grows by doubling takes three times its room.
        let count = all.iter().map(|one| one.syncs.len()).sum();
        joined.syncs.reserve(count);
        for more in all {
            let before = u32::try_from(joined.parts.len()).unwrap_or(u32::MAX);
            joined.parts.extend(more.parts);
            joined.listed.extend(more.listed);
            let moved = |sync: Sync| Sync {
                input: before + sync.input,
                ..sync
            };
            joined.syncs.extend(more.syncs.iter().map(moved));
            let events = more.kernel_events.into_iter().map(|event| KernelEvent {
                input: before + event.input,
                ..event
            });
            joined.kernel_events.extend(events);
        }
        joined.sort();
        joined
    }

    /// Logs by the places of their sources, in a file as they stand; behind all of them the other
    /// processes of a log, as where all are read at once.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.parts.len()).collect();
        let key = |part: &Part| (part.process > 0, part.source);
        order.sort_by_key(|at| key(&self.parts[*at]));
        let mut new = vec![0u32; order.len()];
        for (place, at) in (0u32..).zip(&order) {
            new[*at] = place;
        }
        let mut parts: Vec<Option<Part>> = self.parts.drain(..).map(Some).collect();
        self.parts = order.iter().filter_map(|at| parts[*at].take()).collect();
        self.listed.sort_by_key(|(source, _)| *source);
        for event in &mut self.kernel_events {
            event.input = new[event.input as usize];
        }
        if !new.is_sorted() {
            let syncs = std::mem::take(&mut self.syncs);
            let moved = |sync: Sync| Sync {
                input: new[sync.input as usize],
                ..sync
            };
            self.syncs = syncs.iter().map(moved).collect();
        }
    }

    /// What all logs together tell. `kernels`: kernel release by node, which beats what logs list.
    #[must_use]
    pub fn reading(self, kernels: &BTreeMap<String, String>) -> Reading {
        let cluster = self.cluster(kernels);
        let Self {
            mut parts,
            mut syncs,
            mut kernel_events,
            ..
        } = self;
        merge::sort(&mut syncs);
        let repeated = merge::drop_repeated(&mut syncs);
        kernel_log::settle(&mut kernel_events, &parts);
        inputs::name_kernels(&mut parts, &cluster);
        let warnings = warnings::of(&parts, &syncs, repeated);
        let mut reading = Reading {
            warnings,
            inputs: parts.into_iter().map(Part::finish).collect(),
            syncs,
            kernel_events,
        };
        during::join_kernel_events(&mut reading);
        reading
    }
}
