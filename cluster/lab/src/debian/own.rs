//! A kernel of one's own: an image, and its modules.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::kernels::{self, Package};
use crate::error::Error;

/// Where a bzImage has the word that makes it one, and that word.
const MAGIC: (u64, [u8; 4]) = (0x202, *b"HdrS");
/// Where it says at which place, counted from 0x200 on, its version is.
const VERSION_AT: u64 = 0x20e;
/// Longest release that is looked for.
const LONGEST: usize = 256;

/// `IMAGE` or `IMAGE:MODULES`: without modules those of the image's release are taken, from
/// `lib/modules/RELEASE` beside the image, in the directory above, or of this machine.
///
/// # Errors
/// [`Error::Usage`] if that is not what the paths are.
pub(super) fn named(text: &str) -> Result<Package, Error> {
    if let Some((image, modules)) = text.split_once(':') {
        return package(Path::new(image), Path::new(modules));
    }
    let image = Path::new(text);
    let release = release_of(image)?.ok_or_else(|| {
        Error::Usage(format!(
            "{text}: is no kernel image that tells its release (a bzImage does): name its modules \
             too, IMAGE:.../lib/modules/RELEASE"
        ))
    })?;
    let whole = image.canonicalize().map_err(Error::io(image, "opening"))?;
    let above = whole.ancestors().skip(1).take(2);
    let places = above.chain([Path::new("/")]);
    let modules = places.map(|place| place.join("lib/modules").join(&release));
    let Some(modules) = modules.clone().find(|modules| modules.is_dir()) else {
        let places: Vec<String> = modules.map(|path| path.display().to_string()).collect();
        return Err(Error::Usage(format!(
            "{text}: no modules of its release {release}: there is no {}; `make modules_install \
             INSTALL_MOD_PATH=...` writes them, and IMAGE:.../lib/modules/{release} names them",
            places.join(", nor ")
        )));
    };
    package(image, &modules)
}

/// An image and the directory `lib/modules/RELEASE`.
///
/// # Errors
/// [`Error::Usage`] if that is not what the paths are, or the two are of two releases.
pub(super) fn package(image: &Path, modules: &Path) -> Result<Package, Error> {
    let wrong = |problem: &str| Error::Usage(format!("{}: {problem}", modules.display()));
    let modules = modules
        .canonicalize()
        .map_err(Error::io(modules, "opening"))?;
    let release = modules
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let release = release.ok_or_else(|| wrong("has no name, which would be the release"))?;
    let base = modules.ancestors().nth(3);
    let base = base.filter(|base| base.join("lib/modules").join(&release) == modules);
    let base = base.ok_or_else(|| wrong("is not of the form .../lib/modules/RELEASE"))?;
    if !image.is_file() {
        return Err(Error::Usage(format!(
            "{}: no such kernel image",
            image.display()
        )));
    }
    if let Some(booted) = release_of(image)?.filter(|booted| *booted != release) {
        let problem = format!("are modules of {release}, and the image is {booted}");
        return Err(wrong(&problem));
    }
    let image = image.canonicalize().map_err(Error::io(image, "opening"))?;
    // Two builds of one release, both in one lab, are two kernels.
    let mut hasher = DefaultHasher::new();
    (&image, &modules).hash(&mut hasher);
    let cache = kernels::directory()?
        .join("own")
        .join(format!("{release}-{:016x}", hasher.finish()));
    std::fs::create_dir_all(&cache).map_err(Error::io(&cache, "making the directory"))?;
    Ok(Package {
        version: release.clone(),
        release,
        image,
        directory: base.to_path_buf(),
        cache,
        is_own: true,
    })
}

/// What `uname -r` will say, as the image has it; none if it is no bzImage.
fn release_of(image: &Path) -> Result<Option<String>, Error> {
    let failed = || Error::io(image, "reading the kernel image");
    let mut file = std::fs::File::open(image).map_err(failed())?;
    let mut at = |place: u64, length: usize| -> std::io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(place))?;
        let mut bytes = Vec::new();
        file.by_ref().take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let (place, word) = MAGIC;
    if at(place, word.len()).map_err(failed())? != word {
        return Ok(None);
    }
    let offset = at(VERSION_AT, 2).map_err(failed())?;
    let [low, high] = offset.as_slice() else {
        return Ok(None);
    };
    let offset = u64::from(u16::from_le_bytes([*low, *high]));
    // `6.12.0-mine (me@here) #1 SMP ...`, with a zero at its end.
    let text = at(0x200 + offset, LONGEST).map_err(failed())?;
    let end = text.iter().position(|byte| matches!(byte, b' ' | 0));
    let release = String::from_utf8_lossy(&text[..end.unwrap_or(0)]).into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._~".contains(c);
    let sound = offset > 0 && !release.is_empty() && release.chars().all(plain);
    Ok(sound.then_some(release))
}

/// Where a kernel's image and modules are told apart from a release's name.
pub(super) fn is_path(wanted: &str) -> bool {
    wanted.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As much of a bzImage as tells its release.
    fn image(release: &str) -> Vec<u8> {
        let mut bytes = vec![0; 0x400];
        bytes[0x202..0x206].copy_from_slice(b"HdrS");
        bytes[0x20e..0x210].copy_from_slice(&0x100_u16.to_le_bytes());
        let text = format!("{release} (me@here) #1 SMP");
        bytes[0x300..0x300 + text.len()].copy_from_slice(text.as_bytes());
        bytes
    }

    #[test]
    fn modules_are_found_by_the_release_that_the_image_tells() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("boot/bzImage");
        std::fs::create_dir(place.path().join("boot")).unwrap();
        std::fs::write(&path, image("9.9.9-mine+")).unwrap();
        let name = path.display().to_string();
        let error = named(&name).unwrap_err().to_string();
        assert!(
            error.contains("no modules of its release 9.9.9-mine+"),
            "{error}"
        );

        for above in ["boot", "."] {
            let modules = place.path().join(above).join("lib/modules/9.9.9-mine+");
            std::fs::create_dir_all(&modules).unwrap();
            let found = named(&name).unwrap();
            assert_eq!(found.release, "9.9.9-mine+");
            let base = place.path().join(above).canonicalize().unwrap();
            assert_eq!(found.directory, base);
            std::fs::remove_dir_all(place.path().join(above).join("lib")).unwrap();
        }
    }

    #[test]
    fn an_image_and_the_modules_of_another_release_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("bzImage");
        std::fs::write(&path, image("9.9.9")).unwrap();
        for (release, good) in [("9.9.9", true), ("9.9.8", false)] {
            let modules = place.path().join("lib/modules").join(release);
            std::fs::create_dir_all(&modules).unwrap();
            let text = format!("{}:{}", path.display(), modules.display());
            assert_eq!(named(&text).is_ok(), good, "{release}");
        }
        // What tells no release is taken at its modules' word.
        std::fs::write(&path, "an arm image").unwrap();
        let modules = place.path().join("lib/modules/9.9.8");
        assert!(package(&path, &modules).is_ok());
        assert!(named(&path.display().to_string()).is_err());
    }

    #[test]
    fn two_builds_of_one_release_are_kept_apart() {
        let place = tempfile::tempdir().unwrap();
        let caches = ["a", "b"].map(|build| {
            let modules = place.path().join(build).join("lib/modules/9.9.9");
            std::fs::create_dir_all(&modules).unwrap();
            let path = place.path().join(build).join("bzImage");
            std::fs::write(&path, image("9.9.9")).unwrap();
            package(&path, &modules).unwrap().cache
        });
        assert_ne!(caches[0], caches[1]);
    }
}
