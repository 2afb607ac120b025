//! PNG from a picture's SVG, light on white, for places that refuse SVG.

use std::io::Cursor;
use std::sync::Arc;

use base64::Engine as _;
use rayon::prelude::*;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use sha2::{Digest as _, Sha256};

use super::Picture;
use crate::error::Error;

/// The only fonts: what a machine has of its own changes no byte. See `fonts/LICENSE`.
const FONTS: [&[u8]; 2] = [
    include_bytes!("../../fonts/DejaVuSans.ttf"),
    include_bytes!("../../fonts/DejaVuSans-Bold.ttf"),
];

/// Pixels for each unit of the SVG: sharp on a dense screen.
const DENSITY: f32 = 2.0;

/// Raised with anything that changes the drawing of the same SVG, such as a new resvg.
const EDITION: u32 = 1;
/// The text in an image that says what it was drawn from.
const SOURCE: &str = "SVG SHA-256";

/// Draws pictures as PNG files, on as many threads as there are processors. What `known` has for
/// a picture stays as it is if it was drawn from the same SVG: drawing is most of a report's time.
/// Its pixels are not looked at for that.
///
/// # Errors
/// [`Error::Internal`] if an SVG cannot be read or an image not be made.
pub fn rasterise(
    pictures: &[Picture],
    known: impl Fn(&Picture) -> Option<Vec<u8>> + Sync,
) -> Result<Vec<Vec<u8>>, Error> {
    let mut fonts = fontdb::Database::new();
    for font in FONTS {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    let images = pictures.par_iter().map(|picture| {
        let source = source(picture);
        let same = known(picture).filter(|image| drawn_from(image).as_ref() == Some(&source));
        same.map_or_else(|| image(picture, &source, &options), Ok)
    });
    images.collect()
}

/// What an image of this picture says that it was drawn from.
fn source(picture: &Picture) -> String {
    let hash = Sha256::digest(&picture.inline);
    format!(
        "{EDITION} {}",
        base64::prelude::BASE64_STANDARD.encode(hash)
    )
}

/// What an image says that it was drawn from; nothing if it is none, or none of ours.
fn drawn_from(image: &[u8]) -> Option<String> {
    let reader = png::Decoder::new(Cursor::new(image)).read_info().ok()?;
    let texts = &reader.info().uncompressed_latin1_text;
    let text = texts.iter().find(|text| text.keyword == SOURCE)?;
    Some(text.text.clone())
}

fn image(picture: &Picture, source: &str, options: &Options<'_>) -> Result<Vec<u8>, Error> {
    let tree = Tree::from_str(&picture.inline, options).map_err(|e| failed(&e.to_string()))?;
    let size = tree.size();
    let (width, height) = (size.width() * DENSITY, size.height() * DENSITY);
    let mut pixels =
        Pixmap::new(width as u32, height as u32).ok_or_else(|| failed("it has no size"))?;
    pixels.fill(Color::WHITE);
    let scale = Transform::from_scale(DENSITY, DENSITY);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    encode(&pixels, source).map_err(|e| failed(&e.to_string()))
}

/// Without the fourth channel, as nothing shines through.
fn encode(pixels: &Pixmap, source: &str) -> Result<Vec<u8>, png::EncodingError> {
    let channels: Vec<u8> = pixels
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_text_chunk(SOURCE.to_owned(), source.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&channels)?;
    writer.finish()?;
    Ok(file)
}

fn failed(problem: &str) -> Error {
    Error::Internal {
        what: "a picture as PNG",
        problem: problem.to_owned(),
    }
}
