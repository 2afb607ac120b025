//! Issues, mails, chats, and files of other languages.

use serde_json::json;

use super::{Case, LINES, check};

#[test]
fn of_people() {
    let smart = |text: &str| {
        let mut open = false;
        text.chars()
            .map(|c| match c {
                '"' => {
                    open = !open;
                    if open { '\u{201c}' } else { '\u{201d}' }
                }
                other => other,
            })
            .collect::<String>()
    };
    check(&[
        Case::joined("fence", "What we see:\n\n```\n", "\n", "\n```\n\nThanks\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("fence with a language", "```console\n$ kubectl logs kube-proxy-x\n", "\n", "\n```\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("indented", "Logs:\n\n", "\n", "\n", |l| format!("    {}", l.klog)).yearless(),
        Case::each("quote", |l| format!("> {}", l.klog)).yearless(),
        Case::joined("quoted fence", "> ```\n", "\n", "\n> ```\n", |l| format!("> {}", l.klog)).yearless(),
        Case::joined("pre", "<details><summary>logs</summary>\n<pre>\n", "\n", "\n</pre></details>\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("pre on the line", "<pre>", "\n", "</pre>\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("pre, entities", "<pre><code>", "\n", "</code></pre>\n", |l| l.entities()).yearless(),
        Case::joined("one line with breaks", "<p>", "<br>", "</p>\n", |l| l.entities()).yearless(),
        Case::each("numeric entities", |l| l.klog.replace('"', "&#34;")).yearless(),
        Case::each("entities twice", |l| l.klog.replace('"', "&amp;quot;")).yearless(),
        Case::each("spans", |l| format!("<span class=\"line\"><span class=\"o\">{}</span></span>", l.entities())).yearless(),
        Case::each("github table", |l| format!("<tr><td id=\"L1\" data-line-number=\"1\"></td><td id=\"LC1\" class=\"blob-code\">{}</td></tr>", l.entities())).yearless(),
        Case::each("list", |l| format!("- {}", l.klog)).yearless(),
        Case::each("list with ticks", |l| format!("* `{}`", l.klog)).yearless(),
        Case::each("numbered list", |l| format!("1. {}", l.klog)).yearless(),
        Case::each("table", |l| format!("| {} | `{}` |", l.t, l.klog)),
        Case::each("mail", |l| format!("> > {}", l.klog)).yearless(),
        Case::each("mail, tight", |l| format!(">>{}", l.klog)).yearless(),
        Case::joined("mail, folded", "", "\n", "\n", |l| {
            let at = l.klog[..72].rfind(' ').unwrap();
            format!("> {}\n> {}", &l.klog[..at], &l.klog[at + 1..])
        }).yearless(),
        Case::joined("mail, unquoted folds", "", "\n", "\n", |l| {
            let at = l.klog[..72].rfind(' ').unwrap();
            format!("{}\n{}", &l.klog[..at], &l.klog[at + 1..])
        }).yearless(),
        Case::joined("quoted-printable", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n", "\n", "\n", |l| {
            let text = l.klog.replace('=', "=3D");
            let (a, b) = text.split_at(70);
            format!("{a}=\n{b}")
        }).yearless(),
        Case::each("smart quotes", |l| smart(l.klog)).yearless(),
        Case::each("hard spaces", |l| l.klog.replace(' ', "\u{a0}")).yearless(),
        Case::each("guillemets", |l| l.klog.replace('"', "\u{ab}")).yearless(),
        Case::each("dead quotes", |l| l.klog.replace('"', "''")).yearless(),
        Case::each("primes", |l| l.klog.replace('"', "\u{2033}")).yearless(),
        Case::joined("jira", "{noformat:title=kube-proxy}\n", "\n", "\n{noformat}\n", |l| l.klog.to_owned()).yearless(),
        Case::each("jira, mono", |l| format!("{{{{{}}}}}", l.klog)).yearless(),
        Case::each("slack", |l| format!("```{}```", l.klog)).yearless(),
        Case::each("slack export", |l| json!({"type": "message", "user": "U1", "text": format!("```{}```", l.klog), "ts": "1718187999.000100"}).to_string()).yearless(),
        Case::each("first letter lost", |l| l.klog[1..].to_owned()).yearless(),
        Case::each("single spaces", |l| l.klog.replace("       1", " 1")).yearless(),
        Case::each("tabs for spaces", |l| l.klog.replace("       1", "\t1")).yearless(),
        Case::each("mojibake", |l| format!("\u{fffd}{}", l.klog)).yearless(),
        Case::joined("blank lines between", "", "\n\n\n", "\n\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("ellipses between", "...\n", "\n[...]\n", "\n...\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("comments", "# node-7, m6i.8xlarge\n", "\n# here it hangs\n", "\n", |l| l.klog.to_owned()).yearless(),
        Case::each("arrow behind", |l| format!("{}    <-- here", l.klog)).yearless(),
        Case::each("bold", |l| format!("**{}**", l.klog)).yearless(),
    ]);
}

#[test]
fn of_languages() {
    check(&[
        Case::joined("yaml, block", "kube-proxy-x:\n  log: |\n", "\n", "\n  rc: 0\n", |l| format!("    {}", l.klog)).yearless(),
        Case::each("yaml, single quotes", |l| format!("- message: '{}'", l.klog)).yearless(),
        Case::each("yaml, double quotes", |l| format!("- message: \"{}\"", l.escaped())).yearless(),
        Case::joined("yaml, documents", "", "", "", |l| format!("---\ntimestamp: \"{}\"\nlog: \"{}\"\n", l.t, l.escaped())).yearless(),
        Case::joined("python, list", "[", ", ", "]\n", |l| format!("'{}'", l.klog)).yearless(),
        Case::each("python, bytes", |l| format!("b'{}\\n'", l.klog)).yearless(),
        Case::each("python, dict", |l| format!("{{'log': '{}', 'stream': 'stderr', 'host': 'n1'}}", l.klog)).node("n1").yearless(),
        Case::each("python, logging", |l| format!("{},250 - INFO - {}", &l.t[..19].replace('T', " "), l.klog)),
        Case::joined("python, one string", "'", "\\n", "'\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("go, %q", "\"", "\\n", "\"\n", |l| l.escaped()).yearless(),
        Case::each("go, struct", |l| format!("{{Pod:kube-proxy-x Line:{} Err:<nil>}}", l.klog)).yearless(),
        Case::each("ruby, hash", |l| format!("{{\"log\"=>\"{}\", \"host\"=>\"n1\"}}", l.escaped())).node("n1").yearless(),
        Case::each("perl", |l| format!("          'log' => '{}',", l.klog)).yearless(),
        Case::each("toml", |l| format!("message = \"{}\"", l.escaped())).yearless(),
        Case::joined("toml, block", "[logs]\ntext = \"\"\"\n", "\n", "\n\"\"\"\n", |l| l.klog.to_owned()).yearless(),
        Case::each("ini", |l| format!("msg={}", l.klog)).yearless(),
        Case::each("xml", |l| format!("<entry><time>{}</time><message>{}</message></entry>", l.t, l.entities())),
        Case::each("xml, cdata", |l| format!("<message><![CDATA[{}]]></message>", l.klog)).yearless(),
        Case::each("shell", |l| format!("echo '{}'", l.klog)).yearless(),
        Case::each("json in json in a string", |l| json!({"message": json!({"log": json!({"line": l.klog}).to_string()}).to_string()}).to_string()).yearless(),
        Case::joined("one json text of lines", "{\"logs\": \"", "\\n", "\"}\n", |l| l.escaped()).yearless(),
        Case::whole("json, object by pod", json!({"kube-proxy-x": LINES.map(|l| l.klog)}).to_string()).yearless(),
        Case::whole("json, base", json!({"items": [{"metadata": {"name": "kube-proxy-x"}, "spec": {"nodeName": "n1"}, "logs": LINES.map(|l| l.klog).join("\n")}]}).to_string()).node("n1").yearless(),
        Case::each("json, trailing commas", |l| format!("{},", json!({"message": l.klog, "time": l.t}))),
        Case::joined("json, pretty with odd marks", "[{\n", "}, {\n", "}]\n", |l| format!("\t\"time\": \"{}\",\n\t\"message\": \"{}\"\n", l.t, l.escaped())).yearless(),
        Case::joined("har", "", "", "", |_| String::new()),
        Case::whole("termination message", json!({"containerStatuses": [{"name": "kube-proxy", "state": {"terminated": {"finishedAt": "2024-06-12T08:03:00Z", "message": LINES.map(|l| l.klog).join("\n")}}}]}).to_string()).yearless(),
        Case::joined("sse", "", "\n", "\n", |l| format!("event: log\ndata: {}\n", json!({"line": l.klog, "timestamp": l.t}))),
        Case::joined("json-seq", "", "", "", |l| format!("\u{1e}{}\n", json!({"message": l.klog, "time": l.t}))),
        Case::each("concatenated json", |l| format!("{}{}", json!({"message": l.klog, "time": l.t}), json!({"message": "other", "time": l.t}))),
    ].into_iter().filter(|case| case.name != "har").collect::<Vec<_>>());
}
