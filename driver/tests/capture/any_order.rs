//! Faults in an order that a seed draws: whatever is missing lies in a gap.

use std::time::Duration;

use bundle::Bundle;

use super::{AT_ONCE, MS, capture, captured, gaps, seconds};
use crate::judge::{Begin, hold};
use crate::kubelet::Kubelet;

/// Orders of faults that are tried.
const SEEDS: u64 = 40;

/// A thousand faults in any order: whatever is missing lies inside a gap.
#[tokio::test(start_paused = true)]
async fn nothing_is_lost_silently_in_any_order_of_faults() {
    for seed in 0..SEEDS {
        let (reasons, kubelet, place) =
            capture(async |kubelet: &Kubelet| chaos(kubelet, seed).await).await;
        let container = kubelet.state().containers[0].clone();
        let text = captured(place.path(), 0);
        let gaps = gaps(place.path(), 0);
        assert_eq!(reasons.len(), gaps.len());
        let mut lines = text.lines().peekable();
        for (time, line) in &container.lines {
            if lines.peek() == Some(&line.as_str()) {
                lines.next();
                continue;
            }
            let covered = gaps
                .iter()
                .any(|g| g.from <= *time && g.to.is_none_or(|to| *time <= to));
            assert!(
                covered,
                "seed {seed}: {line} is missing outside of {gaps:?}"
            );
        }
        assert_eq!(
            lines.next(),
            None,
            "seed {seed}: a line too many, or out of order"
        );
    }
}

/// The same with containers that are replaced, an API server that hears of it late, and a clock that is
/// set: by place, for times say nothing then.
#[tokio::test(start_paused = true)]
async fn no_log_gets_another_ones_lines_in_any_order_of_faults() {
    let (mut taken, mut missing) = (0, 0);
    let seeds = std::env::var("SEEDS").map_or(5 * SEEDS, |seeds| seeds.parse().unwrap());
    for seed in 0..seeds {
        let mut story = Vec::new();
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            let mut random = Random::of(seed);
            for _ in 0..40 {
                // No rotations: of a log that loses its first lines unread only times could tell.
                let fault = random.below(12);
                story.push(fault);
                match fault {
                    0 => kubelet.cut(true),
                    1 => kubelet.cut(false),
                    2 => kubelet.go_down(),
                    3..=5 => kubelet.come_back(),
                    6 => kubelet.restart(true),
                    7 => kubelet.restart(false),
                    8 => kubelet.status_catches_up(),
                    9 => kubelet.set_clock(random.below(14_400) as i64 - 7_200),
                    10 => kubelet.stall(true),
                    _ => kubelet.stall(false),
                }
                // A container speaks as it starts, now and then by more than is asked for at once.
                let burst = if random.below(10) == 0 { 400 } else { 16 };
                kubelet.write(1 + random.below(burst) as usize, MS);
                // The API server hears of a container within 11 s, and before the next one; what is
                // restarted is let live for a while, as kubelets do.
                let peace = if matches!(fault, 6 | 7) { 25 } else { 6 };
                for pause in [random.below(11), peace + random.below(17)] {
                    seconds(pause).await;
                    kubelet.set_clock(pause as i64);
                    kubelet.status_catches_up();
                }
            }
            kubelet.come_back();
            kubelet.stall(false);
            seconds(90).await;
        })
        .await;
        let containers = kubelet.state().containers.clone();
        let entries = Bundle::open(place.path()).unwrap().manifest.capture;
        for (instance, entry) in entries.iter().enumerate() {
            let own = &containers[entry.restart.unwrap() as usize];
            let text = captured(place.path(), u32::try_from(instance).unwrap());
            let found =
                hold(&own.truth(), &text, &entry.gaps, Begin::Whole).unwrap_or_else(|problem| {
                    let file = &entry.file;
                    panic!("seed {seed}, {file}: {problem}\n{story:?}\n{reasons:?}")
                });
            taken += found.taken;
            missing += found.missing;
        }
    }
    assert!(
        taken > 25 * missing.max(1),
        "{taken} taken, {missing} missing"
    );
}

/// xorshift64: any order will do, the same one each time.
struct Random(u64);

impl Random {
    fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

async fn chaos(kubelet: &Kubelet, seed: u64) {
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..50 {
        // xorshift64: any order will do, the same one each time.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        match random % 8 {
            0 => kubelet.cut(true),
            1 => kubelet.cut(false),
            2 => kubelet.go_down(),
            3 => kubelet.come_back(),
            4 => kubelet.stall(true),
            5 => kubelet.stall(false),
            6 => kubelet.rotate(),
            _ => {}
        }
        let every = if random & 256 == 0 {
            AT_ONCE
        } else {
            Duration::from_millis(random % 1500)
        };
        kubelet.write((random % 17) as usize, every);
        seconds(random % 23).await;
    }
    kubelet.come_back();
    kubelet.stall(false);
    seconds(60).await;
}
