//! Flame graphs, by inferno: a profile's stacks, or how two kernels' differ.

use inferno::differential;
use inferno::flamegraph::color::{Color, PaletteMap};
use inferno::flamegraph::{self, Options};

use super::palette::{TITLE, WIDTH};
use super::{Figures, Picture, file_name, svg};
use crate::error::Error;
use crate::report::names::short;
use crate::report::{HotFunction, Profile, Report, Trace};

/// Height of a frame, in SVG units.
const FRAME: usize = 16;
/// Room for the heading.
const TOP: usize = 52;
/// Width of a character as a share of its height: of the narrowest that may be drawn with.
const CHARACTER: f64 = 0.62;
/// Functions in the table behind a picture.
const ROWS: usize = 20;
/// Narrower frames are left out, in percent.
const NARROWEST: f64 = 0.4;

/// A picture of each profile, and of the first and last kernel that were sampled in one load.
pub(super) fn draw(report: &Report) -> Result<Vec<Picture>, Error> {
    let mut pictures = Vec::new();
    for profile in &report.profiles {
        let mut picture = one(profile)?;
        // A node's own stands with its run; of soft lockups with the study's other pictures.
        let of_node = !profile.path.is_empty();
        let bundles = report.bundles.iter().map(|bundle| &bundle.id);
        let mut mine = bundles.filter(|id| of_node && profile.run.as_ref() == Some(id));
        picture.bundle = mine.next().cloned();
        pictures.push(picture);
    }
    let mut done: Vec<(&Option<String>, &str)> = Vec::new();
    for first in report.profiles.iter().filter(|one| one.replay.is_some()) {
        let key = (&first.replay, first.what.as_str());
        if done.contains(&key) {
            continue;
        }
        done.push(key);
        let alike = |one: &&Profile| (&one.replay, one.what.as_str()) == key;
        let last = report.profiles.iter().rfind(alike);
        if let Some(last) = last.filter(|last| last.kernel != first.kernel) {
            pictures.push(two(first, last)?);
        }
    }
    Ok(pictures)
}

fn one(of: &Profile) -> Result<Picture, Error> {
    let kernel = short(&of.kernel);
    let hottest = of.functions.first();
    let title = match hottest {
        Some(hot) => format!("{kernel}: {:.0} % in {}", hot.kernel_pct, hot.function),
        None => format!("{kernel}: no sample in the kernel"),
    };
    let functions: Vec<String> = of.functions.iter().take(5).map(told).collect();
    let described = format!(
        "Flame graph: {} on {kernel}, {} samples, {} of them in the kernel. Of these: {}.",
        of.what,
        of.samples,
        of.kernel_samples,
        functions.join(", ")
    );
    let mut colours = colours(&of.stacks);
    let lines: Vec<String> = of
        .stacks
        .iter()
        .map(|(stack, n)| format!("{stack} {n}"))
        .collect();
    let mut options = options();
    options.palette_map = Some(&mut colours);
    let frames = frames(&mut options, &lines)?;
    let mut figures = Figures::new(&["function", "samples", "of the kernel's", "called by"]);
    for hot in of.functions.iter().take(ROWS) {
        figures.push_from(|| {
            let cells = vec![
                hot.function.clone(),
                hot.samples.to_string(),
                format!("{:.1} %", hot.kernel_pct),
                hot.callers.join(" in "),
            ];
            (cells, Trace::default())
        });
    }
    picture(
        of,
        &format!("{}-flame", file_name(&of.id)),
        title,
        described,
        &frames,
        figures,
    )
}

fn told(hot: &HotFunction) -> String {
    format!("{} {:.1} %", hot.function, hot.kernel_pct)
}

/// The last as it is, coloured by what became more (red) and less (blue) since the first.
fn two(first: &Profile, last: &Profile) -> Result<Picture, Error> {
    let (before, after) = (short(&first.kernel), short(&last.kernel));
    let title = format!("From {before} to {after}: red more, blue less");
    let text = |of: &Profile| -> String {
        let kernel = of
            .stacks
            .iter()
            .filter(|(stack, _)| !stack.ends_with(";[user]"));
        kernel.map(|(stack, n)| format!("{stack} {n}\n")).collect()
    };
    let mut out = Vec::new();
    let how = differential::Options {
        normalize: true,
        ..differential::Options::default()
    };
    let (a, b) = (text(first), text(last));
    differential::from_readers(how, a.as_bytes(), b.as_bytes(), &mut out)
        .map_err(Error::making("a flame graph"))?;
    let text = String::from_utf8_lossy(&out).into_owned();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let frames = frames(&mut options(), &lines)?;
    let mut figures = Figures::new(&["function", "first", "last", "change"]);
    let share = |of: &Profile, function: &str| {
        let mut all = of.functions.iter();
        all.find(|hot| hot.function == function)
            .map_or(0.0, |hot| hot.kernel_pct)
    };
    let mut names: Vec<&str> = Vec::new();
    for hot in first
        .functions
        .iter()
        .take(ROWS)
        .chain(last.functions.iter().take(ROWS))
    {
        if !names.contains(&hot.function.as_str()) {
            names.push(&hot.function);
        }
    }
    let mut rows: Vec<(&str, f64, f64)> = names
        .into_iter()
        .map(|name| (name, share(first, name), share(last, name)))
        .collect();
    rows.sort_by(|x, y| (y.2 - y.1).abs().total_cmp(&(x.2 - x.1).abs()));
    let changes: Vec<String> = rows
        .iter()
        .take(5)
        .map(|(name, a, b)| format!("{name} {a:.1} to {b:.1} %"))
        .collect();
    for (name, a, b) in rows {
        figures.push_from(|| {
            let cells = vec![
                name.to_owned(),
                format!("{a:.1} %"),
                format!("{b:.1} %"),
                format!("{:+.1}", b - a),
            ];
            (cells, Trace::default())
        });
    }
    let described = format!(
        "Differential flame graph of the kernel's samples: {} on {before} and on {after}, as \
         shares of each. {}.",
        first.what,
        changes.join(", ")
    );
    let name = format!("{}-flame-change", file_name(&first.id));
    picture(first, &name, title, described, &frames, figures)
}

/// inferno's options, without its script, title and paper.
fn options() -> Options<'static> {
    let mut options = Options::default();
    options.title = String::new();
    options.image_width = Some(WIDTH as usize);
    options.frame_height = FRAME;
    options.font_size = 11;
    options.font_width = CHARACTER;
    options.min_width = NARROWEST;
    options.no_javascript = true;
    options.deterministic = true;
    options.count_name = "samples".to_owned();
    options
}

/// The frames alone, and their height.
struct Frames {
    text: String,
    height: usize,
}

/// Draws, and takes of what inferno writes the frames: its head names a script, and its
/// identities would be there twice on a page of several.
fn frames(options: &mut Options<'_>, lines: &[String]) -> Result<Frames, Error> {
    let mut out = Vec::new();
    flamegraph::from_lines(options, lines.iter().map(String::as_str), &mut out)
        .map_err(Error::making("a flame graph"))?;
    let text = String::from_utf8_lossy(&out);
    let whole = || Error::Internal {
        what: "a flame graph",
        problem: "inferno wrote no frames".to_owned(),
    };
    let from = text.find("<svg id=\"frames\"").ok_or_else(whole)?;
    let inside = text[from..].find('>').ok_or_else(whole)? + from + 1;
    let end = text[inside..].find("</svg>").ok_or_else(whole)? + inside;
    let height = text
        .split_once("height=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let height = height
        .and_then(|(height, _)| height.parse().ok())
        .ok_or_else(whole)?;
    Ok(Frames {
        text: plain(&text[inside..end]),
        height,
    })
}

/// Without the attributes that only inferno's script reads.
fn plain(frames: &str) -> String {
    let mut plain = String::with_capacity(frames.len());
    let mut rest = frames;
    while let Some((before, after)) = rest.split_once(" fg:") {
        plain.push_str(before);
        // `x="1"` ends with its second quotation mark.
        let end = after
            .match_indices('"')
            .nth(1)
            .map_or(after.len(), |(at, _)| at + 1);
        rest = &after[end..];
    }
    plain + rest
}

/// A colour for each function: netfilter's own stand out, memory beside them.
fn colours(stacks: &[(String, u64)]) -> PaletteMap {
    let mut map = PaletteMap::default();
    for root in ["", "all"] {
        map.insert(root, colour(""));
    }
    for (stack, _) in stacks {
        for function in stack.split(';') {
            map.insert(function, colour(function));
        }
    }
    map
}

fn colour(function: &str) -> Color {
    const NETFILTER: [&str; 6] = ["nft_", "__nft", "nf_", "nfnetlink", "nla_", "netlink"];
    const MEMORY: [&str; 10] = [
        "alloc", "page", "slab", "mem", "free", "kmalloc", "folio", "clear", "zone", "fault",
    ];
    if function.is_empty() {
        // The root of all stacks.
        Color {
            r: 0xe4,
            g: 0xe7,
            b: 0xeb,
        }
    } else if NETFILTER.iter().any(|part| function.starts_with(part)) {
        Color {
            r: 0xf5,
            g: 0xb0,
            b: 0x78,
        }
    } else if MEMORY.iter().any(|part| function.contains(part)) {
        Color {
            r: 0xb4,
            g: 0xd9,
            b: 0xa5,
        }
    } else if function == "[user]" {
        Color {
            r: 0xd2,
            g: 0xd6,
            b: 0xdb,
        }
    } else {
        Color {
            r: 0xf0,
            g: 0xdf,
            b: 0xae,
        }
    }
}

/// The frames below a heading in the page's own ink; their own text is dark on light, on any page.
fn picture(
    of: &Profile,
    name: &str,
    title: String,
    description: String,
    frames: &Frames,
    figures: Figures,
) -> Result<Picture, Error> {
    let height = frames.height + TOP;
    let heading = fitted(&title);
    let (what, samples) = (fitted(&of.what.replace("kube-proxy-", "")), of.samples);
    let drawn = format!(
        "<svg width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n\
         <text x=\"12\" y=\"22\" font-size=\"{TITLE}\" font-weight=\"bold\" \
         fill=\"#1F2328\">{}</text>\n\
         <text x=\"12\" y=\"42\" font-size=\"13\" fill=\"#59636E\">{}; n = {samples}</text>\n\
         <svg x=\"10\" y=\"{TOP}\" width=\"{}\" height=\"{}\" font-size=\"11\" fill=\"#111111\">\n\
         {}\n</svg>\n</svg>\n",
        svg::escape(&heading),
        svg::escape(&what),
        WIDTH - 20,
        frames.height,
        frames.text
    );
    Ok(Picture {
        study: of.replay.clone().or(of.study.clone()).unwrap_or_default(),
        bundle: None,
        inline: svg::finish(&drawn, &[], name, &title, &description),
        name: name.to_owned(),
        title,
        description,
        figures,
    })
}

/// As much as fits over a picture.
fn fitted(text: &str) -> String {
    const MOST: usize = 42;
    match text.chars().count() > MOST {
        true => text.chars().take(MOST - 1).chain(['\u{2026}']).collect(),
        false => text.to_owned(),
    }
}
