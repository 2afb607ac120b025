//! An API server in memory: objects by path, created, fetched and listed; faults as told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use kube::client::Body;
use serde_json::{Value, json};

/// What is done about a request instead of answering it.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Refused with a status, a message, and a wish for a pause in seconds.
    Refused(u16, &'static str, u32),
    /// The connection breaks before anything is done.
    RequestLost,
    /// The connection breaks when everything is done.
    AnswerLost,
}

/// A request as it came, for what decides about it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    /// The path, without a query.
    pub path: String,
    pub query: String,
    pub body: Value,
}

type Decide = dyn Fn(&Asked) -> Option<Fault> + Send + Sync;
type Answer = dyn Fn(&Asked) -> Option<Value> + Send + Sync;

/// What the server holds and has seen.
#[derive(Default)]
pub struct State {
    /// By path: `/api/v1/namespaces/debug/services/nginx-service-00001`.
    pub objects: BTreeMap<String, Value>,
    /// Everything that was asked, in order.
    pub asked: Vec<Asked>,
    at_once: usize,
    /// Most requests under way at one time.
    pub most_at_once: usize,
}

/// The server.
#[derive(Clone)]
pub struct Server {
    state: Arc<Mutex<State>>,
    faults: Arc<Decide>,
    answers: Arc<Answer>,
    delay: Duration,
}

impl Server {
    /// A server without faults.
    pub fn new() -> Self {
        Self {
            state: Arc::default(),
            faults: Arc::new(|_| None),
            answers: Arc::new(|_| None),
            delay: Duration::from_millis(5),
        }
    }

    /// Answers after this time.
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Breaks what `decide` says.
    pub fn with_faults(
        self,
        decide: impl Fn(&Asked) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        Self {
            faults: Arc::new(decide),
            ..self
        }
    }

    /// Answers as `answer` says where it says anything: for what is no stored object.
    pub fn with_answers(
        self,
        answer: impl Fn(&Asked) -> Option<Value> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answers: Arc::new(answer),
            ..self
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Puts an object there.
    pub fn hold(&self, path: &str, object: Value) {
        self.state().objects.insert(path.to_owned(), object);
    }

    /// How many objects lie directly below a path.
    pub fn count(&self, collection: &str) -> usize {
        children(&self.state().objects, collection).count()
    }

    /// A client whose requests are answered here, each after a moment of virtual time.
    pub fn client(&self) -> kube::Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { server.serve(request).await }
        });
        kube::Client::new(service, "default")
    }

    async fn serve(&self, request: Request<Body>) -> std::io::Result<Response<Full<bytes::Bytes>>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let asked = Asked {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        {
            let mut state = self.state();
            state.at_once += 1;
            state.most_at_once = state.most_at_once.max(state.at_once);
        }
        tokio::time::sleep(self.delay).await;
        self.state().at_once -= 1;
        let broken = || Err(std::io::Error::other("connection reset by peer"));
        let fault = (self.faults)(&asked);
        self.state().asked.push(asked.clone());
        match fault {
            Some(Fault::RequestLost) => broken(),
            Some(Fault::Refused(code, message, pause)) => Ok(failure(code, "", message, pause)),
            None => Ok(self.answer(&asked)),
            Some(Fault::AnswerLost) => {
                self.answer(&asked);
                broken()
            }
        }
    }

    fn answer(&self, asked: &Asked) -> Response<Full<bytes::Bytes>> {
        if let Some(answer) = (self.answers)(asked) {
            return match answer.get("code").and_then(Value::as_u64) {
                Some(code) => failure(
                    u16::try_from(code).unwrap(),
                    "",
                    answer["message"].as_str().unwrap_or_default(),
                    0,
                ),
                None => success(&answer),
            };
        }
        let mut state = self.state();
        let objects = &mut state.objects;
        match (&asked.method, objects.get(&asked.path)) {
            (&Method::POST, _) => {
                let name = asked.body["metadata"]["name"].as_str().unwrap_or_default();
                let path = format!("{}/{name}", asked.path);
                if objects.contains_key(&path) {
                    return failure(409, "AlreadyExists", "already exists", 0);
                }
                objects.insert(path, asked.body.clone());
                success(&asked.body)
            }
            (&Method::PUT, Some(_)) => {
                objects.insert(asked.path.clone(), asked.body.clone());
                success(&asked.body)
            }
            (&Method::DELETE, Some(_)) => {
                let below = format!("{}/", asked.path);
                objects.retain(|path, _| *path != asked.path && !path.starts_with(&below));
                success(&json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
            }
            (_, Some(object)) => success(object),
            (_, None) if is_collection(&asked.path) => {
                let selected = |object: &&Value| is_selected(object, &asked.query);
                let items = children(objects, &asked.path).filter(selected);
                let items: Vec<Value> = items.cloned().collect();
                success(
                    &json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items}),
                )
            }
            (_, None) => failure(404, "NotFound", &format!("{} not found", asked.path), 0),
        }
    }
}

/// Objects whose path has one part more than the collection's.
fn children<'a>(
    objects: &'a BTreeMap<String, Value>,
    collection: &'a str,
) -> impl Iterator<Item = &'a Value> {
    let below = move |path: &str| {
        let rest = path
            .strip_prefix(collection)
            .and_then(|r| r.strip_prefix('/'));
        rest.is_some_and(|rest| !rest.contains('/'))
    };
    let mine = objects.iter().filter(move |(path, _)| below(path));
    mine.map(|(_, object)| object)
}

/// Whether the query's label selector, `key=value` if any, selects an object.
fn is_selected(object: &Value, query: &str) -> bool {
    let mut parts = query.split('&');
    let Some(selector) = parts.find_map(|part| part.strip_prefix("labelSelector=")) else {
        return true;
    };
    let selector = selector.replace("%2F", "/").replace("%3D", "=");
    let (key, value) = selector.split_once('=').unwrap();
    object["metadata"]["labels"][key] == value
}

/// A path ends in a kind, as `/api/v1/nodes` and `/apis/apps/v1/namespaces/debug/deployments`
/// do, or in a name.
fn is_collection(path: &str) -> bool {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let after_version = parts.iter().position(|part| *part == "v1").unwrap_or(0) + 1;
    matches!(&parts[after_version..], ["namespaces", _, _] | [_])
}

fn success(value: &Value) -> Response<Full<bytes::Bytes>> {
    let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
    let response = Response::builder().header("date", date.to_string());
    response.body(Full::from(value.to_string())).unwrap()
}

fn failure(code: u16, reason: &str, message: &str, pause: u32) -> Response<Full<bytes::Bytes>> {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
        "reason": reason, "message": message, "details": {"retryAfterSeconds": pause}
    });
    let mut response = success(&status);
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}
