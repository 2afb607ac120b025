//! Statistics: numbers in, numbers out, one file a subject.
//!
//! Every function takes plain slices of seconds (or any one unit), says what it gives for
//! n = 0, 1 and 2, and cites its source. None but
//! [`change`] and [`drift`] looks at the order of its samples.

pub mod blocks;
pub mod change;
pub mod contrast;
pub mod correlation;
pub mod cost;
pub mod drift;
pub mod histogram;
pub mod holm;
pub mod improvement;
pub mod interaction;
pub mod outlier;
pub mod planning;
pub mod quadratic;
pub mod rank;
pub mod scaling;
pub mod sequential;
pub mod shift;
pub mod spread;
pub mod summary;
pub mod t_interval;
pub mod welch;
