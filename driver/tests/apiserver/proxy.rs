//! A kubeconfig with a `proxy-url`, as clusters behind a bastion have it.

use std::sync::{Arc, Mutex};

use clap::Parser as _;
use driver::api::cluster::connect;
use driver::cli::Cli;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The lines of a request's head.
async fn head(stream: &mut BufReader<TcpStream>) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        match line.trim() {
            "" => return lines,
            text => lines.push(text.to_owned()),
        }
    }
}

/// A proxy that leads every tunnel to one server, and remembers where they were to lead.
async fn http_proxy(server: u16, asked: Arc<Mutex<Vec<String>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let asked = Arc::clone(&asked);
            tokio::spawn(async move {
                let mut near = BufReader::new(stream);
                let request = head(&mut near).await;
                asked.lock().unwrap().push(request[0].clone());
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut far = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::io::copy_bidirectional(&mut near, &mut far)
                    .await
                    .ok();
            });
        }
    });
    port
}

/// The same as a SOCKS 5 proxy without a password: RFC 1928.
async fn socks_proxy(server: u16, asked: Arc<Mutex<Vec<String>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let asked = Arc::clone(&asked);
            tokio::spawn(async move {
                let mut greeting = [0; 2];
                near.read_exact(&mut greeting).await.unwrap();
                let mut methods = vec![0; usize::from(greeting[1])];
                near.read_exact(&mut methods).await.unwrap();
                near.write_all(&[5, 0]).await.unwrap();
                // Version, CONNECT, reserved, a name, its length.
                let mut request = [0; 5];
                near.read_exact(&mut request).await.unwrap();
                assert_eq!(request[..4], [5, 1, 0, 3]);
                let mut target = vec![0; usize::from(request[4]) + 2];
                near.read_exact(&mut target).await.unwrap();
                let name = String::from_utf8_lossy(&target[..target.len() - 2]).into_owned();
                asked.lock().unwrap().push(name);
                near.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
                    .await
                    .unwrap();
                let mut far = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::io::copy_bidirectional(&mut near, &mut far)
                    .await
                    .ok();
            });
        }
    });
    port
}

/// A server that answers everything with its version.
async fn api_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            head(&mut stream).await;
            let version = json!({
                "major": "1", "minor": "34", "gitVersion": "v1.34.1", "gitCommit": "",
                "gitTreeState": "clean", "buildDate": "", "goVersion": "", "compiler": "",
                "platform": ""
            })
            .to_string();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{version}",
                version.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    port
}

/// Asks a server, whose name only the proxy knows, for its version.
async fn version_through(proxy_url: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kubeconfig");
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "far",
        "clusters": [{"name": "far", "cluster": {
            "server": "http://api.cluster.invalid:6443", "proxy-url": proxy_url
        }}],
        "users": [{"name": "far", "user": {}}],
        "contexts": [{"name": "far", "context": {"cluster": "far", "user": "far"}}]
    });
    std::fs::write(&path, kubeconfig.to_string()).unwrap();
    let words = ["driver", "check", "--kubeconfig", path.to_str().unwrap()];
    let cli = Cli::try_parse_from(words).unwrap();
    connect(&cli.global).await.unwrap().version
}

#[tokio::test]
async fn a_server_behind_an_http_proxy_is_reached() {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let port = http_proxy(api_server().await, Arc::clone(&asked)).await;
    let version = version_through(&format!("http://127.0.0.1:{port}")).await;
    assert_eq!(version, "v1.34.1");
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0], "CONNECT api.cluster.invalid:6443 HTTP/1.1");
}

#[tokio::test]
async fn a_server_behind_a_socks_proxy_is_reached() {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let port = socks_proxy(api_server().await, Arc::clone(&asked)).await;
    let version = version_through(&format!("socks5://127.0.0.1:{port}")).await;
    assert_eq!(version, "v1.34.1");
    assert_eq!(asked.lock().unwrap()[0], "api.cluster.invalid");
}
