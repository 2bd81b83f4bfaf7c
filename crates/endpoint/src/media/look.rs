//! What shows of a picture before it is there: its size and a ThumbHash. Pictures come from anywhere, so decoding is bounded in memory and size, happens
//! beside the other work, a few at a time, and a picture that cannot be decoded simply has no preview.
use super::row::{File, Look};
use crate::{Business, Error};
use futures_util::TryStreamExt as _;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, metadata::Orientation};
use std::io::Cursor;

/// The most bytes of a file that is decoded.
const FILE_BYTES: u64 = 16 * 1024 * 1024;
/// The most pixels: a phone's camera has fewer. They bound the time, too.
const PIXELS: u64 = 64_000_000;
/// The longest side.
const SIDE: u32 = 16_384;
/// The most bytes that decoding takes.
const MEMORY: u64 = 320 * 1024 * 1024;
/// The longest side of what is hashed, as ThumbHash wants it.
const THUMB: u32 = 100;

impl Business {
    /// Looks at a picture whose sealed bytes are here.
    pub(super) async fn look_at(&self, file: &mut File) -> Result<(), Error> {
        if file.bytes > FILE_BYTES {
            return Ok(());
        }
        let _turn = self.common().files().pictures.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        let pieces: Vec<bytes::Bytes> = self.stream(file, None).await?.try_collect().await?;
        let bytes = pieces.concat();
        // A decoder that panics has no preview to give either.
        let seen = tokio::task::spawn_blocking(move || decode(&bytes)).await.ok().flatten();
        let animated = file.look.animated;
        file.look = Look { animated, ..seen.unwrap_or_default() };
        Ok(())
    }
}

/// A picture as it is meant to be seen; none when it cannot be decoded within the bounds.
pub(super) fn upright(bytes: &[u8]) -> Option<DynamicImage> {
    let (mut picture, turned) = decoded(bytes)?;
    picture.apply_orientation(turned);
    Some(picture)
}

/// A picture as it is stored, and how it has to be turned.
fn decoded(bytes: &[u8]) -> Option<(DynamicImage, Orientation)> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(SIDE), Some(SIDE), Some(MEMORY));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS {
        return None;
    }
    let turned = decoder.orientation().ok()?;
    Some((DynamicImage::from_decoder(decoder).ok()?, turned))
}

fn decode(bytes: &[u8]) -> Option<Look> {
    let (whole, turned) = decoded(bytes)?;
    let (width, height) = (whole.width(), whole.height());
    let mut picture = whole.thumbnail(THUMB, THUMB);
    drop(whole);
    picture.apply_orientation(turned);
    let thumb = picture.to_rgba8();
    let preview = thumbhash::rgba_to_thumb_hash(thumb.width() as usize, thumb.height() as usize, &thumb);
    // Turned by a quarter, the sides change places.
    let quarter = matches!(turned, Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH);
    let (width, height) = if quarter { (height, width) } else { (width, height) };
    Some(Look { animated: false, width, height, preview })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgba, RgbaImage};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbaImage::from_fn(width, height, |x, y| Rgba([x as u8, y as u8, 128, 255]));
        picture.write_to(&mut bytes, ImageFormat::Png).expect("it is encoded");
        bytes.into_inner()
    }

    #[test]
    fn a_picture_has_a_size_and_a_small_preview() {
        let look = decode(&png(300, 200)).expect("it is a picture");
        assert_eq!((look.width, look.height), (300, 200));
        assert!((5..=100).contains(&look.preview.len()), "{} bytes", look.preview.len());
        assert_eq!(decode(&png(1, 1)).expect("it is a picture").width, 1);
    }

    /// A small file that claims to be huge, a cut one and no picture at all: no preview, little memory, no panic.
    #[test]
    fn hostile_pictures_have_no_preview() {
        let genuine = png(300, 200);
        let mut huge = genuine.clone();
        huge[16..24].copy_from_slice(&[0, 0, 0x3f, 0xff, 0, 0, 0x3f, 0xff]);
        assert_eq!(decode(&huge), None);
        for end in [0, 1, 8, 20, 33, 60, genuine.len() / 2] {
            assert_eq!(decode(&genuine[..end]), None, "{end}");
        }
        assert_eq!(decode(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
    }
}
