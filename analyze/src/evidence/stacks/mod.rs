//! Stacks of a profile: folded ones, or what `perf script` prints, which is folded here.

mod folded;
mod functions;
mod script;
mod spans;

use std::io::BufReader;

use inferno::collapse::Collapse as _;
use inferno::collapse::perf::{Folder, Options};

pub(super) use folded::Stacks;
use folded::{folded, is_folded, is_timed, timed};
pub(super) use functions::{count, functions, in_calls};
use script::within;

/// Reads a profile of any kind: folded stacks, the same with a time in front as the lab writes
/// them of a node, or what `perf script` prints. Where the samples have the time of day, only those
/// within `spans` (nanoseconds since 1970), if there are any.
///
/// # Errors
/// What inferno says of a text that is neither.
pub(super) fn read(text: &str, spans: &[(i64, i64)]) -> Result<Stacks, String> {
    if is_folded(text) {
        return Ok(match is_timed(text) {
            true => timed(text, spans),
            false => folded(text, None),
        });
    }
    let (text, outside) = within(text, spans);
    let mut options = Options::default();
    options.annotate_kernel = true;
    let mut out = Vec::new();
    let mut folder = Folder::from(options);
    if outside.is_some() && text.trim().is_empty() {
        return Ok(folded("", outside));
    }
    if folder.is_applicable(&text) != Some(true) {
        return Err("no event with a stack below it".to_owned());
    }
    let collapsed = folder.collapse(BufReader::new(text.as_bytes()), &mut out);
    collapsed.map_err(|error| error.to_string())?;
    Ok(folded(&String::from_utf8_lossy(&out), outside))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "nft  4711 [001] 1764254400.500000:    1003009 cpu-clock:pppH: \n\
        \tffffffff81000001 __nft_set_trans_bind.isra.0+0x10 ([kernel.kallsyms])\n\
        \tffffffff81000002 nf_tables_newrule+0x1 ([kernel.kallsyms])\n\
        \tffffffff81000003 entry_SYSCALL_64_after_hwframe+0x76 ([kernel.kallsyms])\n\
        \t    7f0000000001 __libc_sendmsg+0x1 (/usr/lib/libc.so.6)\n\n\
        nft  4711 [001] 1764254401.250000:    1003009 cpu-clock:pppH: \n\
        \t    7f0000000002 main+0x1 (/usr/sbin/nft)\n\n";

    #[test]
    fn what_perf_prints_is_folded_to_the_kernels_own() {
        let read = read(SCRIPT, &[]).unwrap();
        let wanted = [
            ("nft;[user]", 1),
            (
                "nft;entry_SYSCALL_64_after_hwframe;nf_tables_newrule;__nft_set_trans_bind",
                1,
            ),
        ];
        assert_eq!(read.all, wanted.map(|(stack, n)| (stack.to_owned(), n)));
        assert_eq!((read.outside, read.unread), (None, 0));
        assert_eq!((count(&read.all), in_calls(&read.all)), ((2, 1), 1));
        let [hot] = &functions(&read.all)[..] else {
            panic!("one function of the kernel");
        };
        assert_eq!((hot.share_pct, hot.kernel_pct), (50.0, 100.0));
        assert_eq!(
            hot.callers,
            ["nf_tables_newrule", "entry_SYSCALL_64_after_hwframe"]
        );
    }

    #[test]
    fn samples_outside_of_commits_are_left_out_where_the_clock_is_of_the_day() {
        const AT: i64 = 1_764_254_400_500_000_000;
        for (span, kept, outside) in [
            ((AT, AT), 1, Some(1)),
            ((AT + 1, AT + 2), 0, Some(2)),
            ((AT, AT + 750_000_000), 2, Some(0)),
        ] {
            let read = read(SCRIPT, &[span]).unwrap();
            assert_eq!(
                (count(&read.all).0, read.outside),
                (kept, outside),
                "{span:?}"
            );
        }
        // A clock that begins with the boot says nothing of a commit.
        let booted = SCRIPT.replace("17642544", "");
        let read = read(&booted, &[(AT, AT)]).unwrap();
        assert_eq!((count(&read.all).0, read.outside), (2, None));
    }

    #[test]
    fn of_folded_stacks_with_times_those_within_a_commit_count() {
        const AT: i64 = 1_764_254_400_500_000_000;
        let text = "1764254400.500000 nft;do_syscall_64;f 1\n1764254400.500001 nft;[user] 1\n\
                    1764254401.250000 nft;do_syscall_64;f 2\nnft;x 1\n";
        for (spans, kept, outside) in [
            (&[][..], 4, None),
            (&[(AT, AT)], 1, Some(3)),
            (&[(AT - 1, AT + 1000)], 2, Some(2)),
            (&[(AT + 1001, AT + 749_999_999)], 0, Some(4)),
            (
                &[(AT, AT), (AT + 750_000_000, AT + 750_000_000)],
                3,
                Some(1),
            ),
        ] {
            let read = read(text, spans).unwrap();
            let found = (count(&read.all).0, read.outside, read.unread);
            assert_eq!(found, (kept, outside, 1), "{spans:?}");
        }
    }

    #[test]
    fn folded_stacks_of_others_are_read_and_what_is_none_is_counted() {
        let text = "nft;main;entry_SYSCALL_64;f.constprop.0_[k] 3\nnft;main 2\nnft;x y\n";
        let read = read(text, &[]).unwrap();
        let wanted = [("nft;[user]", 2), ("nft;entry_SYSCALL_64;f", 3)];
        assert_eq!(read.all, wanted.map(|(stack, n)| (stack.to_owned(), n)));
        assert_eq!(read.unread, 1);
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "",
            "a\n\tb\n",
            "no profile at all, just words\nand more of them\n",
            "\t\n\n",
        ] {
            assert!(read(text, &[]).is_err(), "{text:?}");
        }
    }
}
