//! The paper that a picture is drawn on, in pixels. Whatever stands for a measurement says what
//! it is when it is pointed at: its `<title>`, a tooltip without a script.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::palette::{FAINT, INK, LABEL, MARGIN, SMALL, TITLE, WIDTH};
use crate::report::visible::visible;

/// The error is plotters' own words.
pub(super) type Drawn = Result<(), String>;
/// A place on the paper: pixels from the left and from the top.
pub(super) type At = (i32, i32);

/// A sheet of paper.
pub(super) struct Sheet<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    /// What each circle, rectangle and polygon says, in the order in which they were drawn.
    says: Vec<String>,
}

/// Which side of its place a text stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It begins there.
    Right,
    /// It is centred there.
    Middle,
    /// It ends there.
    Left,
}

/// Draws one picture of a height: gives plotters' document, and what its marks say.
pub(super) fn draw(
    height: i32,
    paint: impl FnOnce(&mut Sheet<'_>) -> Drawn,
) -> Result<(String, Vec<String>), String> {
    let mut document = String::new();
    let size = (WIDTH as u32, height.max(1) as u32);
    let area = SVGBackend::with_string(&mut document, size).into_drawing_area();
    let mut sheet = Sheet {
        area,
        says: Vec::new(),
    };
    paint(&mut sheet)?;
    sheet.area.present().map_err(said)?;
    let says = std::mem::take(&mut sheet.says);
    drop(sheet);
    Ok((document, says))
}

/// The backend writes to a string and fails at nothing; what plotters says all the same.
fn said<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> String {
    error.to_string()
}

impl Sheet<'_> {
    /// The title, and below it what is shown, of how many.
    pub(super) fn heading(&mut self, title: &str, of: &str) -> Drawn {
        let lines = in_two(title);
        for (n, line) in lines.iter().enumerate() {
            let y = 18 + 21 * n as i32;
            self.write((MARGIN, y), line, TITLE, INK, Side::Right, true)?;
        }
        let y = 21 + 21 * lines.len() as i32;
        self.text((MARGIN, y), of, SMALL, FAINT, Side::Right)
    }

    /// What follows until [`Self::end`] lies on a time line that can be stretched between two
    /// pixels.
    pub(super) fn zoom(&mut self, from: i32, to: i32) -> Drawn {
        let nothing = [(from, 0), (from, 0)];
        self.rectangle(nothing, INK.filled(), format!("{ZOOM}{from}:{to}"))
    }

    /// The end of [`Self::zoom`].
    pub(super) fn end(&mut self) -> Drawn {
        self.rectangle([(0, 0), (0, 0)], INK.filled(), END.to_owned())
    }

    /// A group's name, in its colour.
    pub(super) fn name(&mut self, at: At, name: &str, colour: RGBColor) -> Drawn {
        self.write(at, &short(name), LABEL, colour, Side::Right, true)
    }

    /// A text, vertically centred on its place.
    pub(super) fn text(
        &mut self,
        at: At,
        text: &str,
        size: u32,
        colour: RGBColor,
        side: Side,
    ) -> Drawn {
        self.write(at, text, size, colour, side, false)
    }

    fn write(
        &mut self,
        at: At,
        text: &str,
        size: u32,
        colour: RGBColor,
        side: Side,
        bold: bool,
    ) -> Drawn {
        // plotters takes a size for the height of a line, 1.24 times that of the letters.
        let size = f64::from(size) * 1.24;
        let weight = if bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let horizontal = match side {
            Side::Right => HPos::Left,
            Side::Middle => HPos::Center,
            Side::Left => HPos::Right,
        };
        let style = TextStyle::from(("sans-serif", size, weight).into_font())
            .color(&colour)
            .pos(Pos::new(horizontal, VPos::Center));
        self.area
            .draw(&Text::new(visible(text).into_owned(), at, style))
            .map_err(said)
    }

    /// A line through places.
    pub(super) fn line(&mut self, through: Vec<At>, colour: RGBColor, width: u32) -> Drawn {
        let path = PathElement::new(through, colour.stroke_width(width));
        self.area.draw(&path).map_err(said)
    }

    /// A filled outline that says something.
    pub(super) fn area(
        &mut self,
        outline: Vec<At>,
        colour: RGBColor,
        strength: f64,
        says: String,
    ) -> Drawn {
        self.says.push(says);
        self.area
            .draw(&Polygon::new(outline, colour.mix(strength)))
            .map_err(said)
    }

    /// A bar from one corner to the other, at least a pixel wide.
    pub(super) fn bar(
        &mut self,
        corners: [At; 2],
        colour: RGBColor,
        strength: f64,
        says: String,
    ) -> Drawn {
        self.rectangle(corners, colour.mix(strength).filled(), says)
    }

    /// The outline of a bar: of what was not finished or went wrong.
    pub(super) fn frame(&mut self, corners: [At; 2], colour: RGBColor, says: String) -> Drawn {
        self.rectangle(corners, colour.stroke_width(1), says)
    }

    fn rectangle(
        &mut self,
        [(left, top), (right, bottom)]: [At; 2],
        style: ShapeStyle,
        says: String,
    ) -> Drawn {
        self.says.push(says);
        let corners = [(left, top), (right.max(left + 1), bottom)];
        self.area
            .draw(&Rectangle::new(corners, style))
            .map_err(said)
    }

    /// A measurement. Groups differ in shape too, for those who see no colours.
    pub(super) fn mark(&mut self, at: At, place: usize, colour: RGBColor, says: String) -> Drawn {
        let (x, y) = at;
        match place % 4 {
            0 => {
                self.says.push(says);
                let circle = Circle::new(at, 4, colour.mix(0.8).filled());
                self.area.draw(&circle).map_err(said)
            }
            1 => self.bar([(x - 4, y - 4), (x + 4, y + 4)], colour, 0.8, says),
            2 => self.area(
                vec![(x, y - 5), (x + 5, y + 4), (x - 5, y + 4)],
                colour,
                0.8,
                says,
            ),
            _ => self.area(
                vec![(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)],
                colour,
                0.8,
                says,
            ),
        }
    }

    /// Something that did not happen, or went wrong.
    pub(super) fn ring(&mut self, at: At, colour: RGBColor, says: String) -> Drawn {
        self.says.push(says);
        self.area
            .draw(&Circle::new(at, 4, colour.stroke_width(2)))
            .map_err(said)
    }
}

/// What a mark says that stands for the beginning and the end of a stretch; no name holds it.
pub(super) const ZOOM: &str = "\u{1}zoom:";
pub(super) const END: &str = "\u{1}end";

/// A title on one line, or on two.
fn in_two(title: &str) -> Vec<String> {
    const LONGEST: usize = 40;
    let mut lines = vec![String::new()];
    for word in title.split_whitespace() {
        let last = lines.len() - 1;
        let full = lines[last].chars().count() + 1 + word.chars().count() > LONGEST;
        if full && last == 0 && !lines[0].is_empty() {
            lines.push(word.to_owned());
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}

/// A name that fits a picture.
pub(super) fn short(name: &str) -> String {
    const LONGEST: usize = 28;
    match name.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}\u{2026}", &name[..cut]),
        None => name.to_owned(),
    }
}
