//! Tables: CSV of every kind, consoles of databases.

use super::{Case, check};

#[test]
fn tables() {
    let row = |l: &super::Line| format!("{},\"{}\"", l.t, l.doubled());
    check(&[
        Case::each("no heading", row),
        Case::joined("heading", "timestamp,message\n", "\n", "\n", row),
        Case::joined("heading in quotes", "\"timestamp\",\"message\"\n", "\n", "\n", |l| format!("\"{}\",\"{}\"", l.t, l.doubled())),
        Case::joined("any heading", "When,What it said\n", "\n", "\n", row),
        Case::joined("heading of numbers", "Unnamed: 0,0,1\n", "\n", "\n", |l| format!("1,{},\"{}\"", l.t, l.doubled())),
        Case::joined("text first", "message,time,host\n", "\n", "\n", |l| format!("\"{}\",{},n1", l.doubled(), l.t)).node("n1"),
        Case::joined("semicolons", "time;node;log\n", "\n", "\n", |l| format!("{};n1;\"{}\"", l.t, l.doubled())).node("n1"),
        Case::joined("semicolons of Excel", "\u{feff}sep=;\ntime;node;log\n", "\n", "\n", |l| format!("{};n1;\"{}\"", l.t, l.doubled())).node("n1"),
        Case::joined("tabs", "time\tnode\tlog\n", "\n", "\n", |l| format!("{}\tn1\t\"{}\"", l.t, l.doubled())).node("n1"),
        Case::joined("tabs, bare", "time\tnode\tlog\n", "\n", "\n", |l| format!("{}\tn1\t{}", l.t, l.klog)).node("n1"),
        Case::joined("bars", "time|node|log\n", "\n", "\n", |l| format!("{}|n1|\"{}\"", l.t, l.doubled())).node("n1"),
        Case::joined("bars, bare", "time|node|log\n", "\n", "\n", |l| format!("{}|n1|{}", l.t, l.klog)).node("n1"),
        Case::joined("backslashes", "time,log\n", "\n", "\n", |l| format!("\"{}\",\"{}\"", l.t, l.escaped())),
        Case::joined("windows", "time,log\r\n", "\r\n", "\r\n", row),
        Case::joined("mark", "\u{feff}time,log\n", "\n", "\n", row),
        Case::joined("one column", "message\n", "\n", "\n", |l| format!("\"{}\"", l.doubled())).yearless(),
        Case::joined("cells end in a line end", "message,time\n", "\n", "\n", |l| format!("\"{}\n\",{}", l.doubled(), l.t)),
        Case::joined("all lines in one cell", "pod,log\nkube-proxy-x,\"", "\n", "\"\n", |l| l.doubled()).yearless(),
        Case::joined("blanks behind commas", "time, node, log\n", "\n", "\n", |l| format!("{}, n1, \"{}\"", l.t, l.doubled())).node("n1"),
        Case::joined("psql", "            ts             | node |   message\n---------------------------+------+-----------\n", "\n", "\n(3 rows)\n", |l| format!(" {}+00 | n1   | {}", l.spaced(), l.klog)).node("n1"),
        Case::joined("mysql", "+-------------------------+------+--------------+\n| ts                      | node | message      |\n+-------------------------+------+--------------+\n", "\n", "\n+-------------------------+------+--------------+\n", |l| format!("| {} | n1   | {} |", l.spaced(), l.klog)).node("n1"),
        Case::joined("sqlite", "", "\n", "\n", |l| format!("{}|n1|{}", l.spaced(), l.klog)).node("n1"),
        Case::joined("markdown", "| time | node | log |\n|---|---|---|\n", "\n", "\n", |l| format!("| {} | n1 | {} |", l.t, l.klog)).node("n1"),
        Case::joined("rounded", "┌─────┬──────┐\n│ ts  │ message │\n", "\n", "\n", |l| format!("│ {} │ {} │", l.spaced(), l.klog)),
        Case::joined("a comment before", "# exported 2024-06-13\ntime,log\n", "\n", "\n", row),
        Case::joined("day first", "time,log\n", "\n", "\n", |l| format!("12.06.2024 {},\"{}\"", &l.t[11..23], l.doubled())),
    ]);
}
