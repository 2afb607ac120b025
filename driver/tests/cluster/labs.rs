//! The labs of the tests: each test that runs has one for itself, and the next test gets it as it was
//! left.

use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::asked;
use crate::lab::Lab;

/// What the labs are called, unless `LAB_NAME` says otherwise: others may be up beside them.
const NAME: &str = "driver-tests";

/// What a test needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cluster {
    /// One node, whose controllers are as fast as they can be.
    Small,
    /// The same for the test that leaves everything upside down: no other gets it.
    Battered,
    /// The node, and `FLEET_NODES` (40) that are played.
    Fleet,
}

impl Cluster {
    fn start(self, name: String) -> Lab {
        match self {
            Self::Small | Self::Battered => Lab::start(name, &["--controller-qps", "1000"]),
            Self::Fleet => {
                let nodes = asked("FLEET_NODES", 40_u32).to_string();
                Lab::start(name, &["--kwok-nodes", &nodes])
            }
        }
    }
}

/// Every lab that was started.
#[derive(Default)]
pub struct Labs(Mutex<Known>);

#[derive(Default)]
struct Known {
    started: usize,
    free: Vec<(Cluster, Lab)>,
}

impl Labs {
    /// Runs a test with a lab that no other one uses meanwhile, started if there is none.
    pub fn with_one(&self, cluster: Cluster, test: fn(&Lab)) {
        test(&self.lend(cluster));
    }

    /// Takes all of them down.
    pub fn take_down(&self) {
        for (_, lab) in self.known().free.drain(..) {
            lab.run(&["down"]);
        }
    }

    fn lend(&self, cluster: Cluster) -> Lent<'_> {
        let lab = self.free(cluster).unwrap_or_else(|number| {
            let name = asked("LAB_NAME", NAME.to_owned());
            cluster.start(match number {
                0 => name,
                number => format!("{name}-{number}"),
            })
        });
        Lent {
            labs: self,
            lab: Some((cluster, lab)),
        }
    }

    /// One that nobody uses, or the number of one that is to be started.
    fn free(&self, cluster: Cluster) -> Result<Lab, usize> {
        let mut known = self.known();
        let mut free = known.free.iter();
        if let Some(at) = free.position(|(of, _)| *of == cluster) {
            return Ok(known.free.swap_remove(at).1);
        }
        known.started += 1;
        Err(known.started - 1)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lab that a test uses; a test that fails gives it back too.
struct Lent<'a> {
    labs: &'a Labs,
    lab: Option<(Cluster, Lab)>,
}

impl Deref for Lent<'_> {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        &self.lab.as_ref().unwrap().1
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.labs.known().free.extend(self.lab.take());
    }
}
