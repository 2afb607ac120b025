//! Flame graphs, by inferno: a profile's stacks, or how two kernels' differ.

mod change;

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

/// A picture of each profile, and of how the last kernel differs from the first that was sampled in
/// one load.
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
            pictures.push(change::two(first, last)?);
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
        (title, format!("{}; n = {}", load_of(of), of.samples)),
        described,
        &frames,
        figures,
    )
}

fn told(hot: &HotFunction) -> String {
    format!("{} {:.1} %", hot.function, hot.kernel_pct)
}

/// What was sampled, as it stands below a heading.
fn load_of(of: &Profile) -> String {
    of.what
        .replace(" (nftables, kube-proxy-", " (")
        .replace("kube-proxy-", "")
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
    (title, below): (String, String),
    description: String,
    frames: &Frames,
    figures: Figures,
) -> Result<Picture, Error> {
    let height = frames.height + TOP;
    let heading = fitted(&title);
    let drawn = format!(
        "<svg width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n\
         <text x=\"12\" y=\"22\" font-size=\"{TITLE}\" font-weight=\"bold\" \
         fill=\"#1F2328\">{}</text>\n\
         <text x=\"12\" y=\"42\" font-size=\"13\" fill=\"#59636E\">{}</text>\n\
         <svg x=\"10\" y=\"{TOP}\" width=\"{}\" height=\"{}\" font-size=\"11\" fill=\"#111111\">\n\
         {}\n</svg>\n</svg>\n",
        svg::escape(&heading),
        svg::escape(&below),
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
