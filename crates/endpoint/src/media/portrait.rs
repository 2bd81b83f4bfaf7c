//! Pictures of businesses and of groups: square, not too small, and shown as a small JPEG, whatever was uploaded (R30).
use super::look;
use crate::{Business, Error};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops::FilterType};

/// How good the JPEG is, the best that fits first.
const QUALITIES: [u8; 5] = [88, 78, 65, 50, 35];
/// No picture is made smaller than that.
const LEAST_SIDE: u32 = 16;

/// What a picture has to be, and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portrait {
    /// The smallest side of what is uploaded, in pixels.
    pub least_side: u32,
    /// The longest side of what is shown, in pixels.
    pub shown_side: u32,
    /// The most bytes of what is shown.
    pub bytes: u32,
}

/// Why a picture cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It is neither JPEG nor PNG, or cannot be read.
    Unreadable,
    /// Its sides in pixels, which are not the same.
    NotSquare(u32, u32),
    /// Its side in pixels, which is too short.
    TooSmall(u32),
}

impl Business {
    /// Draws a picture as it is shown: a JPEG. A few are drawn at once, beside the other work.
    ///
    /// # Errors
    /// When the process ends.
    pub(crate) async fn draw(&self, portrait: Portrait, bytes: Vec<u8>) -> Result<Result<Vec<u8>, Unfit>, Error> {
        let _turn = self.common().files().pictures.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        // A decoder that panics has read no picture.
        Ok(tokio::task::spawn_blocking(move || portrait.draw(&bytes)).await.unwrap_or(Err(Unfit::Unreadable)))
    }
}

impl Portrait {
    fn draw(self, bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
        let is_known = matches!(image::guess_format(bytes), Ok(ImageFormat::Jpeg | ImageFormat::Png));
        let picture = look::upright(bytes).filter(|_| is_known).ok_or(Unfit::Unreadable)?;
        let (width, height) = (picture.width(), picture.height());
        if width != height {
            return Err(Unfit::NotSquare(width, height));
        }
        if width < self.least_side {
            return Err(Unfit::TooSmall(width));
        }
        let mut side = width.min(self.shown_side);
        loop {
            let shown = on_white(&picture.resize_exact(side, side, FilterType::Triangle));
            for quality in QUALITIES {
                let mut jpeg = Vec::new();
                JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&shown).map_err(|_| Unfit::Unreadable)?;
                if jpeg.len() <= self.bytes as usize || side <= LEAST_SIDE {
                    return Ok(jpeg);
                }
            }
            side = (side / 2).max(LEAST_SIDE);
        }
    }
}

/// A JPEG has nothing that one sees through.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, opacity] = picture.get_pixel(x, y).0.map(u32::from);
        let blend = |color: u32| u8::try_from((color * opacity + 255 * (255 - opacity)) / 255).unwrap_or(u8::MAX);
        Rgb([blend(red), blend(green), blend(blue)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};
    use std::io::Cursor;

    const SMALL: Portrait = Portrait { least_side: 192, shown_side: 256, bytes: 6_000 };

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let noisy = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) as u8;
        let picture = RgbaImage::from_fn(width, height, |x, y| Rgba([noisy(x, y), noisy(y, x), 90, if x < 8 { 0 } else { 255 }]));
        let picture = match format {
            ImageFormat::Jpeg => DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(picture).to_rgb8()),
            _ => DynamicImage::ImageRgba8(picture),
        };
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("it is encoded");
        bytes.into_inner()
    }

    #[test]
    fn what_is_shown_is_a_small_jpeg() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let shown = SMALL.draw(&encoded(400, 400, format)).expect("it is a picture");
            assert!(shown.len() <= 6_000, "{} bytes", shown.len());
            let read = image::load_from_memory_with_format(&shown, ImageFormat::Jpeg).expect("a JPEG");
            assert!(read.width() == read.height() && read.width() <= 256, "{}", read.width());
        }
        let plain = RgbaImage::from_pixel(200, 200, Rgba([0, 0, 0, 0]));
        assert_eq!(on_white(&DynamicImage::ImageRgba8(plain)).get_pixel(9, 9), &Rgb([255, 255, 255]));
    }

    #[test]
    fn what_cannot_be_shown_says_why() {
        assert_eq!(SMALL.draw(&encoded(400, 399, ImageFormat::Png)), Err(Unfit::NotSquare(400, 399)));
        assert_eq!(SMALL.draw(&encoded(191, 191, ImageFormat::Jpeg)), Err(Unfit::TooSmall(191)));
        assert_eq!(SMALL.draw(b"GIF89a"), Err(Unfit::Unreadable));
        assert_eq!(SMALL.draw(&encoded(400, 400, ImageFormat::Png)[..200]), Err(Unfit::Unreadable));
    }
}
