//! What a process takes, as the kernel tells it.

use std::time::{Duration, Instant};

/// Processor time of a process since it began, user and system.
///
/// ```text
/// 4711 (kube-apiserver) S 1 4711 4711 0 -1 4194560 5 0 0 0 1234 567 0 0 20 0 9 0 ...
/// ```
fn processor_time(process: u64) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, behind) = text.rsplit_once(") ").unwrap();
    // The third field is the first one behind the name; times are the 14th and 15th.
    let fields = behind.split(' ').skip(11).take(2);
    let ticks: u64 = fields.map(|field| field.parse::<u64>().unwrap()).sum();
    // A tick is 10 ms on every Linux that matters here.
    Duration::from_millis(ticks * 10)
}

/// A process whose share of a processor is taken.
pub struct Share {
    process: u64,
    began: Instant,
    before: Duration,
}

impl Share {
    pub fn begin(process: u64) -> Self {
        Self {
            process,
            began: Instant::now(),
            before: processor_time(process),
        }
    }

    /// Percent of one processor since the beginning.
    pub fn percent(&self) -> f64 {
        let taken = processor_time(self.process) - self.before;
        taken.as_secs_f64() / self.began.elapsed().as_secs_f64() * 100.0
    }
}

/// The most memory that a process has had, in KiB; none of one that has ended.
pub fn most_memory(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
