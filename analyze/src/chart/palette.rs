//! One visual language for all pictures.

use plotters::style::RGBColor;

use crate::report::names::series;

/// Width of every picture, in SVG units: narrow, so that its text can be read where a telephone
/// shows it 330 pixels wide.
pub(super) const WIDTH: i32 = 420;
/// Left and right margin.
pub(super) const MARGIN: i32 = 12;
/// Size of the title, in pixels.
pub(super) const TITLE: u32 = 17;
/// Size of labels.
pub(super) const LABEL: u32 = 15;
/// Size of axes and remarks.
pub(super) const SMALL: u32 = 15;
/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(0x1f, 0x23, 0x28);
/// What stands back.
pub(super) const FAINT: RGBColor = RGBColor(0x59, 0x63, 0x6e);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(0xd0, 0xd7, 0xde);
/// What went wrong: failed syncs, lockups.
pub(super) const BAD: RGBColor = RGBColor(0xa4, 0x0e, 0x26);

/// Colours that people with any kind of colour vision tell apart: Okabe and Ito, "Color
/// Universal Design", 2008; darkened where white paper needs it.
const GROUPS: [RGBColor; 6] = [
    RGBColor(0xc2, 0x55, 0x00),
    RGBColor(0x00, 0x6b, 0xa8),
    RGBColor(0x00, 0x7a, 0x5a),
    RGBColor(0xa8, 0x4f, 0x83),
    RGBColor(0x8a, 0x6d, 0x00),
    RGBColor(0x3d, 0x6f, 0x9e),
];

/// Each colour of paper and what stands for it on a dark screen.
pub(super) const DARK: [(&str, &str); 10] = [
    ("#1F2328", "#E6EDF3"),
    ("#59636E", "#9DA7B1"),
    ("#D0D7DE", "#3D444D"),
    ("#A40E26", "#FF9492"),
    ("#C25500", "#FF9A52"),
    ("#006BA8", "#6CB8F0"),
    ("#007A5A", "#4CC9A3"),
    ("#A84F83", "#E59BC5"),
    ("#8A6D00", "#E0C040"),
    ("#3D6F9E", "#A5C8E8"),
];

/// Series whose colour is fixed, by the place of that colour: the long-term ones, and those of the
/// samples.
const SERIES: [((u32, u32), usize); 8] = [
    ((6, 1), 0),
    ((6, 12), 1),
    ((7, 3), 2),
    ((6, 18), 3),
    ((6, 6), 4),
    ((5, 15), 5),
    ((5, 10), 4),
    ((5, 4), 3),
];

/// The colour of a place.
pub(super) fn group(place: usize) -> RGBColor {
    GROUPS[place % GROUPS.len()]
}

/// The place of a group's colour and shape: a kernel has the same on every picture, by its
/// series; a second one of the same series in a study, and what is no kernel, the next one free.
pub(super) fn place(groups: &[String], group: &str) -> usize {
    let mut sorted: Vec<&String> = groups.iter().collect();
    sorted.sort();
    let mut taken: Vec<usize> = Vec::with_capacity(sorted.len());
    for (at, name) in sorted.iter().enumerate() {
        let wanted = match series(name) {
            Some(of) => SERIES
                .iter()
                .find(|(known, _)| *known == of)
                .map_or((of.0 * 31 + of.1) as usize, |(_, place)| *place),
            None => at,
        };
        let free = (0..GROUPS.len())
            .map(|more| (wanted + more) % GROUPS.len())
            .find(|place| !taken.contains(place));
        let place = free.unwrap_or(wanted % GROUPS.len());
        if *name == group {
            return place;
        }
        taken.push(place);
    }
    groups.len()
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_kernel_has_one_colour_whatever_stands_beside_it() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        for groups in [
            names(&["6.12.46"]),
            names(&["6.1.144", "6.12.46"]),
            names(&["6.12.46", "6.1.144", "7.3.4"]),
        ] {
            assert_eq!(place(&groups, "6.12.46"), 1, "{groups:?}");
        }
        let two = names(&["6.12.46", "6.12.50"]);
        assert_ne!(place(&two, "6.12.46"), place(&two, "6.12.50"));
        let files = names(&["b.log", "a.log"]);
        assert_ne!(place(&files, "a.log"), place(&files, "b.log"));
    }
}
