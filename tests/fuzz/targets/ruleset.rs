//! Any rules of a node: transactions that the ledger reads, or an error with a line of the text,
//! never a panic; what is scrambled carries the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transaction::{Tables, cold, is_dump, own, scrub};

fuzz_target!(|bytes: &[u8]| {
    // The end of a text that ends with a line's end is on the next line.
    let lines = |text: &str| text.matches('\n').count() + 1;
    let text = match transaction::text(bytes.to_vec()) {
        Ok(text) => text,
        Err(error) => {
            let before = bytes.iter().filter(|byte| **byte == b'\n').count();
            assert!((1..=before + 1).contains(&error.line));
            return;
        }
    };
    let made = match cold(&text) {
        Ok((made, _)) => made,
        Err(error) => {
            assert!((1..=lines(&text)).contains(&error.line), "{error}");
            assert!(own(&text, None).is_err() || !is_dump(&text));
            return;
        }
    };
    assert!(!made.is_empty());
    for cold in made {
        let Ok(ledger) = Tables::default().load(&cold.text) else {
            // What stood in a rule stands in it still, and may be nothing that kube-proxy writes.
            continue;
        };
        let Ok(scrubbed) = scrub(&[&cold.text], &[7; 32]) else {
            continue;
        };
        let after = Tables::default().load(&scrubbed[0]);
        let after = after.expect("what was read is read when scrambled");
        // Addresses and names have lengths of their own.
        let counted = transaction::Ledger {
            bytes: ledger.bytes,
            ..after
        };
        assert_eq!(counted, ledger, "{}\n---\n{}", cold.text, scrubbed[0]);
    }
});
