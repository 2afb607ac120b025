//! Memory of the past: a row a run and figure in a CSV file that is only ever appended to, and
//! where each figure changed.

mod file;
mod rows;
mod series;

pub use file::History;
pub use rows::{RunFigure, of_report};
pub use series::series;
