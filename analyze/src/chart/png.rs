//! PNG from a picture's SVG, light on white, for places that refuse SVG.

use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::Picture;
use crate::error::Error;

/// The only fonts: what a machine has of its own changes no byte. See `fonts/LICENSE`.
const FONTS: [&[u8]; 2] = [
    include_bytes!("../../fonts/DejaVuSans.ttf"),
    include_bytes!("../../fonts/DejaVuSans-Bold.ttf"),
];

/// Pixels for each unit of the SVG: sharp on a dense screen.
const DENSITY: f32 = 2.0;

/// Draws pictures as PNG files, on as many threads as there are processors.
///
/// # Errors
/// [`Error::Internal`] if an SVG cannot be read or an image not be made.
pub fn rasterise(pictures: &[Picture]) -> Result<Vec<Vec<u8>>, Error> {
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
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = pictures.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = pictures
            .chunks(share)
            .map(|chunk| {
                let options = &options;
                scope.spawn(move || chunk.iter().map(|one| image(one, options)).collect())
            })
            .collect();
        let mut images = Vec::with_capacity(pictures.len());
        for worker in workers {
            let made: Result<Vec<Vec<u8>>, Error> =
                worker.join().map_err(|_| failed("a thread died"))?;
            images.extend(made?);
        }
        Ok(images)
    })
}

fn image(picture: &Picture, options: &Options<'_>) -> Result<Vec<u8>, Error> {
    let tree = Tree::from_str(&picture.inline, options).map_err(|e| failed(&e.to_string()))?;
    let size = tree.size();
    let (width, height) = (size.width() * DENSITY, size.height() * DENSITY);
    let mut pixels =
        Pixmap::new(width as u32, height as u32).ok_or_else(|| failed("it has no size"))?;
    pixels.fill(Color::WHITE);
    let scale = Transform::from_scale(DENSITY, DENSITY);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| failed(&e.to_string()))
}

fn failed(problem: &str) -> Error {
    Error::Internal {
        what: "a picture as PNG",
        problem: problem.to_owned(),
    }
}
