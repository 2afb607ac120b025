//! The door into the lab: what comes in on 127.0.0.1 goes to the API server in the namespace.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::addresses::{API_PORT, CONTROL_PLANE};
use crate::error::Error;

/// Serves the listener, which was bound outside of the namespace that this process is in.
pub(super) fn serve(door: std::net::TcpListener) -> Result<JoinHandle<()>, Error> {
    let refused = |error| Error::Usage(format!("cannot serve the API server's port: {error}"));
    door.set_nonblocking(true).map_err(refused)?;
    let listener = TcpListener::from_std(door).map_err(refused)?;
    Ok(tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((outside, _)) => {
                    tokio::spawn(pass_on(outside));
                }
                // Out of file handles, or a client that left in the queue: the next one is served.
                Err(error) => {
                    eprintln!("accepting a connection to the API server: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        }
    }))
}

async fn pass_on(mut outside: TcpStream) {
    // With the API server stopped, dropping the connection is what a client sees of it.
    let Ok(mut inside) = TcpStream::connect((CONTROL_PLANE, API_PORT)).await else {
        return;
    };
    for stream in [&outside, &inside] {
        // Slower without, no more.
        stream.set_nodelay(true).ok();
    }
    // An end from either side is an end, whatever its manner.
    copy_bidirectional(&mut outside, &mut inside).await.ok();
}
