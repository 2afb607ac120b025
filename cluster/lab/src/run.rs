//! The verbs.

use std::path::Path;

use crate::ablate;
use crate::bench;
use crate::caller;
use crate::cli::{Api, Cli, Global, Kubelet, Verb};
use crate::control::{self, Request};
use crate::debian;
use crate::down;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::node::profile;
use crate::prepare;
use crate::replay;
use crate::show;
use crate::state::Place;
use crate::whole_run::{bring_up, whole_run};

/// Does what the command line asks.
///
/// # Errors
/// See [`Error`]; [`Error::exit_code`] gives the exit status.
pub async fn run(cli: Cli) -> Result<(), Error> {
    let global = &cli.global;
    match cli.verb {
        Verb::Up(flags) => bring_up(global, &flags, &Interrupt::listen()?).await,
        Verb::Down => down::down(global),
        Verb::Status(flags) => show::status(global, flags.output).await,
        Verb::Logs(flags) => show::logs(global, &flags).await,
        Verb::Kernels => debian::list_kernels().await,
        Verb::Prepare(flags) => {
            let prepared = prepare::prepare(global, &flags);
            Interrupt::listen()?.or(prepared).await
        }
        Verb::Restart(one) => order(global, &Request::Restart(one.node)).await,
        Verb::Rotate(one) => order(global, &Request::Rotate(one.node)).await,
        Verb::Profile(flags) => {
            let place = Place::of(&global.name)?;
            profile::into_bundle(&place, &flags.bundle).await
        }
        Verb::Api(Api::Stop) => order(global, &Request::StopApi).await,
        Verb::Api(Api::Start) => order(global, &Request::StartApi).await,
        Verb::Kubelet(Kubelet::Stop { nodes }) => kubelets(global, nodes, false).await,
        Verb::Kubelet(Kubelet::Start { nodes }) => kubelets(global, nodes, true).await,
        Verb::Clock(flags) => {
            let clock = flags.clock();
            order(global, &Request::Clock(flags.node, clock)).await
        }
        Verb::Run(flags) => whole_run(global, &flags, &Interrupt::listen()?).await,
        Verb::Bench(flags) => bench::bench(global, &flags, &Interrupt::listen()?).await,
        Verb::Ruleset(flags) => replay::ruleset(&flags),
        // Dropped, a load takes its guest with it.
        Verb::Ablate(flags) => theirs(&flags.output, ablate::ablate(global, &flags)).await,
        Verb::Replay(flags) => theirs(&flags.output, replay::replay(global, &flags)).await,
        // `main` does that without a runtime of ours.
        Verb::Supervise => Ok(()),
    }
}

/// Work that ends when that is asked for; what it has written is the caller's.
async fn theirs(output: &Path, work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    if let Some(above) = output
        .parent()
        .filter(|above| !above.as_os_str().is_empty())
    {
        caller::directory(above)?;
    }
    let done = Interrupt::listen()?.or(work).await;
    caller::hand_over(output)?;
    done
}

async fn order(global: &Global, request: &Request) -> Result<(), Error> {
    let place = Place::of(&global.name)?;
    control::ask(&place, request).await.map(|_| ())
}

async fn kubelets(global: &Global, nodes: Vec<String>, answers: bool) -> Result<(), Error> {
    for node in nodes {
        order(global, &Request::Kubelet { node, answers }).await?;
    }
    Ok(())
}
