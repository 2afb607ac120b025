//! One visual language for all pictures.

use plotters::style::RGBColor;

/// Width of every picture, in SVG units: narrow, so that its text can be read where a telephone
/// shows it 330 pixels wide.
pub(super) const WIDTH: i32 = 420;
/// Left and right margin.
pub(super) const MARGIN: i32 = 12;
/// Size of the title, in pixels.
pub(super) const TITLE: u32 = 16;
/// Size of labels.
pub(super) const LABEL: u32 = 14;
/// Size of axes and remarks.
pub(super) const SMALL: u32 = 12;
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

/// The colour of a group by its place in its study.
pub(super) fn group(place: usize) -> RGBColor {
    GROUPS[place % GROUPS.len()]
}
