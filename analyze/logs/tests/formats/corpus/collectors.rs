//! Collectors, stores and their consoles.

use serde_json::{Value, json};

use super::{Case, LINES, Line, check};

fn k8s() -> Value {
    json!({"namespace_name": "kube-system", "pod_name": "kube-proxy-x", "container_name": "kube-proxy", "host": "n1", "labels": {"k8s-app": "kube-proxy"}})
}

fn all(wrap: impl Fn(&Line) -> Value) -> Vec<Value> {
    LINES.iter().map(wrap).collect()
}

#[test]
fn loki_and_grafana() {
    let labels = || json!({"namespace": "kube-system", "pod": "kube-proxy-x", "node_name": "n1", "container": "kube-proxy"});
    check(&[
        Case::whole("api", json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": labels(), "values": all(|l| json!([l.ns.to_string(), l.klog]))}], "stats": {"summary": {"bytesProcessedPerSecond": 1}}}}).to_string()).node("n1"),
        Case::whole("api, pretty", serde_json::to_string_pretty(&json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": labels(), "values": all(|l| json!([l.ns.to_string(), l.klog]))}]}})).unwrap()).node("n1"),
        Case::whole("structured metadata", json!({"data": {"result": [{"stream": labels(), "values": all(|l| json!([l.ns.to_string(), l.klog, {"detected_level": "info"}]))}]}}).to_string()).node("n1"),
        Case::whole("push", json!({"streams": [{"stream": {"pod": "kube-proxy-x"}, "values": all(|l| json!([l.ns.to_string(), l.klog]))}]}).to_string()),
        Case::each("logcli", |l| format!("{} {{app=\"kube-proxy\", node_name=\"n1\", pod=\"kube-proxy-x\"}} {}", &l.t[..19].to_owned() .replace('Z', ""), l.klog).replacen(' ', "Z ", 1)).node("n1"),
        Case::joined("logcli, common labels", "2024/06/12 09:00:00 http://loki:3100/loki/api/v1/query_range?direction=BACKWARD\n2024/06/12 09:00:00 Common labels: {container=\"kube-proxy\", node_name=\"n1\", pod=\"kube-proxy-x\"}\n", "\n", "\n", |l| format!("{}Z {{}} {}", &l.t[..19], l.klog)),
        Case::each("logcli jsonl", |l| json!({"labels": labels(), "line": l.klog, "timestamp": l.t}).to_string()).node("n1"),
        Case::each("logcli raw", |l| l.klog.to_owned()).yearless(),
        Case::each("explore, txt", |l| format!("{}\t{}Z\t{}", l.ms(), &l.t[..23], l.klog)),
        Case::whole("explore, json", json!(all(|l| json!({"line": l.klog, "timestamp": l.ns.to_string(), "date": l.t, "fields": labels()}))).to_string()).node("n1"),
        Case::joined("explore, csv", "\"labels\",\"Time\",\"Line\",\"tsNs\",\"id\"\n", "\n", "\n", |l| format!("\"{{\"\"node_name\"\":\"\"n1\"\",\"\"pod\"\":\"\"kube-proxy-x\"\"}}\",{}Z,\"{}\",{},{}_a", &l.t[..23], l.doubled(), l.ns, l.ns)).node("n1"),
        Case::joined("inspector, csv", "\"Time\",\"Line\"\n", "\n", "\n", |l| format!("{},\"{}\"", l.spaced(), l.doubled())),
        Case::each("promtail dry run", |l| format!("{}+0000\t{{node_name=\"n1\", pod=\"kube-proxy-x\"}}\t{}", &l.t[..23], l.klog)).node("n1"),
        Case::each("victoria logs", |l| json!({"_time": l.t, "_stream_id": "0000", "_stream": "{node=\"n1\",pod=\"kube-proxy-x\"}", "_msg": l.klog}).to_string()).node("n1"),
    ]);
}

#[test]
fn amazon() {
    let insights = |l: &Line| json!([{"field": "@timestamp", "value": l.spaced()}, {"field": "@message", "value": l.klog}, {"field": "@ptr", "value": "CqQB"}]);
    check(&[
        Case::whole("get-log-events", json!({"events": all(|l| json!({"timestamp": l.ms(), "message": l.klog, "ingestionTime": l.ms() + 900})), "nextForwardToken": "f/1"}).to_string()),
        Case::whole("get-log-events, pretty", serde_json::to_string_pretty(&json!({"events": all(|l| json!({"timestamp": l.ms(), "message": l.klog, "ingestionTime": l.ms() + 900}))})).unwrap()),
        Case::whole("filter-log-events", json!({"events": all(|l| json!({"logStreamName": "kube-proxy-x", "timestamp": l.ms(), "message": l.klog, "ingestionTime": l.ms() + 900, "eventId": "3"})), "searchedLogStreams": []}).to_string()),
        Case::whole("container insights", json!({"events": all(|l| json!({"timestamp": l.ms(), "message": json!({"log": l.klog, "stream": "stderr", "kubernetes": k8s()}).to_string()}))}).to_string()).node("n1"),
        Case::whole("insights, json", json!({"results": all(insights), "status": "Complete"}).to_string()),
        Case::joined("insights, csv", "@timestamp,@message\n", "\n", "\n", |l| format!("{},\"{}\"", l.spaced(), l.doubled())),
        Case::joined("insights, csv of json", "@timestamp,@message,kubernetes.host\n", "\n", "\n", |l| format!("{},\"{}\",n1", l.spaced(), json!({"log": l.klog, "kubernetes": k8s()}).to_string().replace('"', "\"\""))).node("n1"),
        Case::joined("console, csv", "timestamp,message\n", "\n", "\n", |l| format!("{},\"{}\"", l.ms(), l.doubled())),
        Case::each("aws logs tail", |l| format!("{}000+00:00 kube-proxy-x {}", &l.t[..23], l.klog)),
        Case::each("aws logs tail, short", |l| format!("{} {}", &l.t[..19], l.klog)),
        Case::each("output text", |l| format!("EVENTS\t{}\t{}\t{}", l.ms() + 900, l.klog, l.ms())),
        Case::each("to S3", |l| format!("{}Z {}", &l.t[..23], l.klog)),
        Case::whole("subscription", json!({"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/eks/x", "logStream": "kube-proxy-x", "logEvents": all(|l| json!({"id": "1", "timestamp": l.ms(), "message": l.klog}))}).to_string()),
    ]);
}

#[test]
fn elastic() {
    let source = |l: &Line| json!({"@timestamp": l.t, "message": l.klog, "stream": "stderr", "kubernetes": {"node": {"name": "n1"}, "pod": {"name": "kube-proxy-x"}, "container": {"name": "kube-proxy"}}, "agent": {"hostname": "filebeat-7", "name": "filebeat-7"}, "host": {"name": "n1"}});
    let fluent = |l: &Line| json!({"@timestamp": l.t, "log": l.klog, "kubernetes": k8s()});
    check(&[
        Case::whole("hits", json!({"took": 3, "hits": {"total": {"value": 3}, "hits": all(|l| json!({"_index": "k", "_id": "a", "_score": 1.0, "_source": source(l)}))}}).to_string()).node("n1"),
        Case::whole("hits, pretty", serde_json::to_string_pretty(&json!({"took": 3, "hits": {"hits": all(|l| json!({"_index": "k", "_source": source(l)}))}})).unwrap()).node("n1"),
        Case::whole("hits with fields", json!({"hits": {"hits": all(|l| json!({"_source": fluent(l), "fields": {"@timestamp": [l.t], "log": [l.klog]}, "sort": [l.ms()]}))}}).to_string()).node("n1"),
        Case::each("elasticdump", |l| json!({"_index": "k", "_type": "_doc", "_id": "1", "_score": 1, "_source": fluent(l)}).to_string()).node("n1"),
        Case::joined("bulk", "", "", "", |l| format!("{}\n{}\n", json!({"index": {"_index": "k"}}), fluent(l))).node("n1"),
        Case::joined("kibana, csv", "\"@timestamp\",\"kubernetes.node.name\",message\n", "\n", "\n", |l| format!("\"Jun 12, 2024 @ {}\",n1,\"{}\"", &l.t[11..23], l.doubled())).node("n1"),
        Case::joined("kibana, csv of log", "\"@timestamp\",\"_id\",\"kubernetes.host\",log\n", "\n", "\n", |l| format!("\"Jun 12, 2024 @ {}\",AY1,n1,\"{}\"", &l.t[11..23], l.doubled())).node("n1"),
        Case::each("filebeat", |l| source(l).to_string()).node("n1"),
        Case::each("logstash, event.original", |l| json!({"@timestamp": l.t, "@version": "1", "message": l.klog, "event": {"original": l.klog}, "host": {"hostname": "n1"}}).to_string()).node("n1"),
        Case::joined("logstash, rubydebug", "", "", "", |l| format!("{{\n    \"@timestamp\" => {},\n          \"host\" => \"n1\",\n       \"message\" => \"{}\"\n}}\n", &l.t, l.escaped())).node("n1"),
        Case::whole("opensearch sql", json!({"schema": [{"name": "@timestamp", "type": "timestamp"}, {"name": "log", "type": "text"}], "datarows": all(|l| json!([l.spaced(), l.klog])), "total": 3}).to_string()),
        Case::whole("es sql", json!({"columns": [{"name": "@timestamp", "type": "datetime"}, {"name": "message", "type": "text"}, {"name": "kubernetes.node.name"}], "rows": all(|l| json!([l.t, l.klog, "n1"]))}).to_string()).node("n1"),
        Case::joined("es|ql, txt", "       @timestamp       |       message\n------------------------+---------------------\n", "\n", "\n", |l| format!("{}Z|{}", &l.t[..23], l.klog)),
    ]);
}

#[test]
fn splunk_and_sumo_and_graylog() {
    let result = |l: &Line| json!({"_raw": l.klog, "_time": format!("{} UTC", l.spaced()), "host": "n1", "source": "/var/log/x", "sourcetype": "kube:container:kube-proxy"});
    check(&[
        Case::each("raw", |l| l.klog.to_owned()).yearless(),
        Case::joined("csv", "\"_raw\",\"_time\",host,source\n", "\n", "\n", |l| format!("\"{}\",\"{}+0000\",n1,\"/var/log/x\"", l.doubled(), l.t[..23].to_owned())).node("n1"),
        Case::each("json", |l| json!({"preview": false, "offset": 1, "result": result(l)}).to_string()).node("n1"),
        Case::whole("results", json!({"preview": false, "results": all(result)}).to_string()).node("n1"),
        Case::whole("json rows", json!({"preview": false, "fields": ["_time", "host", "_raw"], "rows": all(|l| json!([l.t, "n1", l.klog]))}).to_string()).node("n1"),
        Case::each("hec", |l| json!({"time": l.ms() as f64 / 1e3, "host": "n1", "sourcetype": "kube", "event": l.klog}).to_string()).node("n1"),
        Case::joined("xml", "<?xml version='1.0' encoding='UTF-8'?>\n<results preview='0'>\n", "", "</results>\n", |l| format!("<result offset='0'>\n<field k='_time'>\n<value><text>{}+00:00</text></value>\n</field>\n<field k='_raw'><v xml:space='preserve' trunc='0'>{}</v></field>\n</result>\n", &l.t[..23], l.klog.replace('"', "&quot;"))).yearless(),
        Case::joined("sumo, csv", "\"_messagetime\",\"_sourcehost\",\"_raw\"\n", "\n", "\n", |l| format!("\"{}\",\"n1\",\"{}\"", l.ms(), l.doubled())).node("n1"),
        Case::joined("graylog, csv", "\"timestamp\",\"source\",\"message\"\n", "\n", "\n", |l| format!("\"{}Z\",\"n1\",\"{}\"", &l.t[..23], l.doubled())).node("n1"),
        Case::each("gelf", |l| json!({"version": "1.1", "host": "n1", "short_message": l.klog, "timestamp": l.ms() as f64 / 1e3, "level": 6, "_pod_name": "kube-proxy-x"}).to_string()).node("n1"),
        Case::each("humio", |l| json!({"@timestamp": l.ms(), "@rawstring": l.klog, "@timezone": "Z", "kubernetes.node_name": "n1"}).to_string()).node("n1"),
    ]);
}

#[test]
fn datadog_and_others() {
    let attributes = |l: &Line| json!({"timestamp": l.t, "host": "n1", "service": "kube-proxy", "status": "info", "message": l.klog, "tags": ["pod_name:kube-proxy-x", "kube_node:n1"], "attributes": {"service": "kube-proxy"}});
    check(&[
        Case::whole("api v2", json!({"data": all(|l| json!({"id": "AQ", "type": "log", "attributes": attributes(l)})), "meta": {"page": {}}}).to_string()).node("n1"),
        Case::whole("api v1", json!({"logs": all(|l| json!({"id": "AQ", "content": attributes(l)}))}).to_string()).node("n1"),
        Case::joined("csv", "Date,Host,Service,Message\n", "\n", "\n", |l| format!("\"{}Z\",\"n1\",\"kube-proxy\",\"{}\"", &l.t[..23], l.doubled())).node("n1"),
        Case::joined("csv, content", "date,host,service,content\n", "\n", "\n", |l| format!("{}Z,n1,kube-proxy,\"{}\"", &l.t[..23], l.doubled())).node("n1"),
        Case::each("archive", |l| json!({"_id": "AQ", "date": l.t, "host": "n1", "service": "kube-proxy", "message": l.klog, "attributes": {}, "ddtags": "pod_name:kube-proxy-x"}).to_string()).node("n1"),
        Case::each("agent stream-logs", |l| format!("Integration Name: kube-proxy | Type: file | Status: info | Timestamp: {} | Hostname: n1 | Service: kube-proxy | Source: kube-proxy | Tags: pod_name:kube-proxy-x | Message: {}", &l.t, l.klog)).node("n1"),
        Case::whole("new relic", json!(all(|l| json!({"message": l.klog, "timestamp": l.ms(), "cluster_name": "c", "node_name": "n1", "pod_name": "kube-proxy-x"}))).to_string()).node("n1"),
        Case::each("mezmo", |l| json!({"_line": l.klog, "_ts": l.ms(), "_host": "n1", "_app": "kube-proxy"}).to_string()).node("n1"),
        Case::each("better stack", |l| json!({"dt": l.t, "message": l.klog, "kubernetes": {"pod_node_name": "n1"}}).to_string()).node("n1"),
        Case::each("axiom", |l| json!({"_time": l.t, "_sysTime": l.t, "data": {"message": l.klog, "k8s.node.name": "n1"}}).to_string()).node("n1"),
        Case::each("openobserve", |l| json!({"_timestamp": l.us(), "log": l.klog, "kubernetes_host": "n1"}).to_string()).node("n1"),
        Case::each("clickhouse, JSONEachRow", |l| json!({"Timestamp": l.spaced() + "000000", "Body": l.klog, "ResourceAttributes": {"k8s.node.name": "n1"}}).to_string()).node("n1"),
        Case::each("clickhouse, TSV", |l| format!("{}000000\t{}", l.spaced(), l.klog)),
        Case::whole("papertrail", json!({"events": all(|l| json!({"id": "1", "received_at": l.t, "display_received_at": "Jun 12 08:02:05", "source_name": "n1", "hostname": "n1", "program": "kube-proxy", "message": l.klog}))}).to_string()).node("n1"),
        Case::each("honeycomb", |l| json!({"Timestamp": l.t, "body": l.klog, "k8s.node.name": "n1"}).to_string()).node("n1"),
    ]);
}

#[test]
fn otlp() {
    let record = |l: &Line| json!({"timeUnixNano": l.ns.to_string(), "observedTimeUnixNano": (l.ns + 5_000_000_000).to_string(), "severityNumber": 9, "body": {"stringValue": l.klog}, "attributes": [{"key": "log.iostream", "value": {"stringValue": "stderr"}}]});
    let resource = || json!({"attributes": [{"key": "k8s.pod.name", "value": {"stringValue": "kube-proxy-x"}}, {"key": "k8s.node.name", "value": {"stringValue": "n1"}}]});
    check(&[
        Case::whole("file exporter", json!({"resourceLogs": [{"resource": resource(), "scopeLogs": [{"scope": {}, "logRecords": all(record)}]}]}).to_string()).node("n1"),
        Case::whole("pretty", serde_json::to_string_pretty(&json!({"resourceLogs": [{"resource": resource(), "scopeLogs": [{"scope": {}, "logRecords": all(record)}]}]})).unwrap()).node("n1"),
        Case::each("one a line", |l| json!({"resourceLogs": [{"resource": resource(), "scopeLogs": [{"logRecords": [record(l)]}]}]}).to_string()).node("n1"),
        Case::joined("debug exporter", "Resource attributes:\n     -> k8s.pod.name: Str(kube-proxy-x)\n     -> k8s.node.name: Str(n1)\nScopeLogs #0\n", "", "", |l| format!("LogRecord #0\nObservedTimestamp: {} +0000 UTC\nTimestamp: {} +0000 UTC\nSeverityText: \nBody: Str({})\nAttributes:\n     -> log.iostream: Str(stderr)\nTrace ID: \n", l.spaced(), l.spaced(), l.klog)).yearless(),
        Case::each("attributes merged", |l| json!({"body": l.klog, "timestamp": l.t, "resource": {"attributes": {"k8s.node.name": "n1", "k8s.pod.name": "kube-proxy-x"}}}).to_string()).node("n1"),
    ]);
}

#[test]
fn agents() {
    check(&[
        Case::each("fluent-bit, json lines", |l| json!({"date": l.ms() as f64 / 1e3, "log": l.klog, "stream": "stderr", "kubernetes": k8s()}).to_string()).node("n1"),
        Case::whole("fluent-bit, json", json!(all(|l| json!({"date": l.t, "log": format!("{}\n", l.klog), "kubernetes": k8s()}))).to_string()).node("n1"),
        Case::each("fluent-bit, stdout", |l| format!("[0] kube.var.log: [{}000, {{\"log\"=>\"{}\", \"stream\"=>\"stderr\", \"kubernetes\"=>{{\"pod_name\"=>\"kube-proxy-x\", \"host\"=>\"n1\"}}}}]", l.seconds(), l.klog)).node("n1"),
        Case::each("fluent-bit, stdout with metadata", |l| format!("[0] kube.var.log: [[{}000, {{}}], {{\"log\"=>\"{}\", \"kubernetes\"=>{{\"host\"=>\"n1\"}}}}]", l.seconds(), l.escaped())).node("n1"),
        Case::each("fluent-bit, cri kept", |l| json!({"date": l.ms() as f64 / 1e3, "log": format!("{} stderr F {}", l.t, l.klog)}).to_string()),
        Case::each("fluent-bit, cri parsed", |l| json!({"@timestamp": l.t, "time": l.t, "stream": "stderr", "_p": "F", "logtag": "F", "message": l.klog}).to_string()),
        Case::each("fluentd, stdout", |l| format!("{}000000 +0000 kubernetes.var.log.containers.kube-proxy-x_kube-system_kube-proxy-0a.log: {}", l.spaced(), json!({"log": format!("{}\n", l.klog), "stream": "stderr"}))),
        Case::each("fluentd, file", |l| format!("{}+00:00\tkube.var.log\t{}", &l.t[..19], json!({"log": l.klog, "kubernetes": k8s()}))).node("n1"),
        Case::each("fluentd, json in the text", |l| json!({"log": json!({"log": l.klog, "kubernetes": k8s()}).to_string()}).to_string()).node("n1").yearless(),
        Case::each("vector, json", |l| json!({"file": "/var/log/pods/x/0.log", "kubernetes": {"pod_name": "kube-proxy-x", "pod_node_name": "n1", "container_name": "kube-proxy"}, "message": l.klog, "source_type": "kubernetes_logs", "stream": "stderr", "timestamp": l.t, "timestamp_end": l.t}).to_string()).node("n1"),
        Case::each("vector, logfmt", |l| format!("file=/var/log/x kubernetes.pod_node_name=n1 message=\"{}\" source_type=kubernetes_logs stream=stderr timestamp={}", l.escaped(), l.t)).node("n1"),
        Case::each("vector, text", |l| l.klog.to_owned()).yearless(),
        Case::each("logspout", |l| format!("kube-proxy-x|{}", l.klog)).yearless(),
        Case::each("rsyslog, json", |l| json!({"message": l.klog, "fromhost": "n1", "timereported": l.t, "syslogtag": "kube-proxy:"}).to_string()).node("n1"),
        Case::each("syslog-ng, json", |l| json!({"PROGRAM": "kube-proxy", "MESSAGE": l.klog, "HOST": "n1", "ISODATE": l.t}).to_string()).node("n1"),
        Case::each("kafka, key and value", |l| format!("null\t{}", json!({"@timestamp": l.t, "message": l.klog, "kubernetes": k8s()}))).node("n1"),
        Case::each("banzai, nested", |l| json!({"time": l.t, "record": {"log": l.klog, "kubernetes": k8s()}}).to_string()).node("n1"),
    ]);
}

#[test]
fn google_and_azure() {
    let entry = |l: &Line| json!({"insertId": "1", "logName": "projects/p/logs/stderr", "receiveTimestamp": "2024-06-12T08:09:00Z", "resource": {"type": "k8s_container", "labels": {"pod_name": "kube-proxy-x", "container_name": "kube-proxy"}}, "labels": {"compute.googleapis.com/resource_name": "n1"}, "severity": "INFO", "textPayload": l.klog, "timestamp": l.t});
    let payload = |l: &Line| json!({"jsonPayload": {"message": l.body(), "pid": "1"}, "resource": {"labels": {"pod_name": "kube-proxy-x", "node_name": "n1"}}, "severity": "INFO", "sourceLocation": {"file": "proxier.go", "line": "1190"}, "timestamp": l.t});
    let container = |l: &Line| json!({"TimeGenerated": l.t, "Computer": "n1", "ContainerName": "kube-proxy", "PodName": "kube-proxy-x", "PodNamespace": "kube-system", "LogMessage": l.klog, "LogSource": "stderr", "TableName": "PrimaryResult"});
    check(&[
        Case::whole("gcloud, json", serde_json::to_string_pretty(&json!(all(entry))).unwrap()).node("n1"),
        Case::whole("gcloud, one line", json!(all(entry)).to_string()).node("n1"),
        Case::each("sink", |l| entry(l).to_string()).node("n1"),
        Case::whole("json payload", serde_json::to_string_pretty(&json!(all(payload))).unwrap()).node("n1"),
        Case::each("json payload, a line", |l| payload(l).to_string()).node("n1"),
        Case::each("gcloud, value", |l| format!("{}\t{}", l.t, l.klog)),
        Case::joined("gcloud, yaml", "", "", "", |l| format!("---\ninsertId: '1'\nlabels:\n  compute.googleapis.com/resource_name: n1\ntextPayload: '{}'\ntimestamp: '{}'\n", l.klog, l.t)).node("n1"),
        Case::joined("console, csv", "insertId,timestamp,severity,textPayload,resource.labels.node_name\n", "\n", "\n", |l| format!("a1,{},INFO,\"{}\",n1", l.t, l.doubled())).node("n1"),
        Case::whole("container log v2", json!(all(container)).to_string()).node("n1"),
        Case::whole("container log v2, pretty", serde_json::to_string_pretty(&json!(all(container))).unwrap()).node("n1"),
        Case::joined("log analytics, csv", "\"TimeGenerated [UTC]\",Computer,PodName,LogMessage\n", "\n", "\n", |l| format!("\"6/12/2024, {} AM\",n1,kube-proxy-x,\"{}\"", &l.t[12..23], l.doubled())).node("n1"),
        Case::whole("log analytics, api", json!({"tables": [{"name": "PrimaryResult", "columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Computer", "type": "string"}, {"name": "LogEntry", "type": "string"}], "rows": all(|l| json!([l.t, "n1", l.klog]))}]}).to_string()).node("n1"),
        Case::each("event hub", |l| json!({"records": [{"time": l.t, "category": "kube-proxy", "properties": {"log": format!("{}\n", l.klog), "pod": "kube-proxy-x"}}]}).to_string()),
    ]);
}
