//! From lines to marks: klog headers, values, durations, messages, kernel complaints.

mod civil;
pub(crate) mod clock;
pub(crate) mod content;
mod digits;
pub(crate) mod duration;
mod fields;
pub(crate) mod header;
pub(crate) mod moment;

pub(crate) mod kernel;
pub(crate) mod line;
pub(crate) mod message;
pub(crate) mod pairs;
pub(crate) mod transport;
mod unwrap;
mod value;
pub(crate) mod years;
