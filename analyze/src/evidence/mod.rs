//! From syncs to evidence: what counts, what it is compared with, and what lies behind it.

pub mod assemble;
pub mod claims;
pub mod compare;
mod convergence;
pub mod cross_check;
mod examine;
pub mod excerpts;
mod facts;
pub mod failure;
pub mod family_lock;
pub mod full_scale;
pub mod groups;
mod judge;
mod load;
pub mod lockups;
pub mod matched;
mod names;
pub mod net_change;
pub mod order;
pub mod provenance;
mod ramp;
pub mod recordings;
pub mod runs;
pub mod scaling;
pub mod staleness;
pub mod time_split;
pub mod trial;
