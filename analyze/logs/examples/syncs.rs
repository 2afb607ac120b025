//! Prints the syncs of logs, one a line: `cargo run -p kube-proxy-logs --example syncs -- FILE...`

use std::error::Error;
use std::path::Path;

use kube_proxy_logs::{Request, Silent, discover, read};

fn main() -> Result<(), Box<dyn Error>> {
    let mut request = Request::default();
    for path in std::env::args().skip(1) {
        request.sources.extend(discover(Path::new(&path))?);
    }
    let reading = read(&request, &Silent)?;
    for sync in reading.syncs.iter().take(20_000) {
        println!("{sync:?}");
    }
    for event in &reading.kernel_events {
        println!("{event:?}");
    }
    for input in &reading.inputs {
        println!("{input:?}");
    }
    for warning in &reading.warnings {
        println!("{warning:?}");
    }
    println!("{} syncs", reading.syncs.len());
    Ok(())
}
