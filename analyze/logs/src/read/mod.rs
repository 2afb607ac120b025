//! From bytes to found lines: opening, block search, lines in pieces, directory trees.

pub(crate) mod archive;
pub(crate) mod assemble;
mod begins;
pub(crate) mod chunks;
mod cut;
pub(crate) mod discover;
pub(crate) mod document;
mod elements;
mod encoding;
pub(crate) mod excerpt;
pub(crate) mod export;
mod fields;
pub(crate) mod file;
pub(crate) mod finder;
pub(crate) mod founds;
pub(crate) mod heading;
mod lines;
mod lists;
pub(crate) mod memory;
mod nodes;
pub(crate) mod open;
pub(crate) mod regular;
mod rewrap;
pub(crate) mod scan;
pub(crate) mod stream;
mod verbose;
mod yaml;
