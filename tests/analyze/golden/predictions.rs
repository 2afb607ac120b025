//! What `analyze predict` prints, whole.

use crate::program::{analyze, expected, stderr, stdout};

#[test]
fn predictions_are_as_expected() {
    let mut found = String::new();
    for (services, endpoints, kernel) in [
        ("1000", "30", "6.1"),
        ("12000", "8", "6.12"),
        ("4000", "30", "7.3"),
    ] {
        let output = analyze(&[
            "predict",
            "--services",
            services,
            "--endpoints",
            endpoints,
            "--kernel",
            kernel,
            "--kube-proxy",
            "1.32",
            "--from",
            "samples",
        ]);
        assert!(output.status.success(), "{}", stderr(&output));
        found += &stdout(&output);
        found.push('\n');
    }
    assert_eq!(expected("predict.txt", &found), found);
}
