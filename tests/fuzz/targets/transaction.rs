//! Any transaction: a ledger or an error with a line of the text, never a panic, and twice the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transaction::Tables;

fuzz_target!(|input: (&str, &str)| {
    let (before, text) = input;
    let mut tables = Tables::default();
    if tables.load(before).is_err() {
        tables = Tables::default();
    }
    let first = tables.clone().load(text);
    assert_eq!(first, tables.load(text));
    if let Err(error) = first {
        assert!(error.line >= 1 && error.line <= text.lines().count());
    }
});
