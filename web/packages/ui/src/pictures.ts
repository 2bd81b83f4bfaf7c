import { rgbaToThumbHash } from "thumbhash";

/** A picture ready to be sent. */
export interface Picture {
  file: Blob;
  width: number;
  height: number;
  /** A ThumbHash. */
  preview: Uint8Array<ArrayBuffer>;
}

/** No screen shows more of a photo than this many pixels along its longer side. */
const LONGEST = 2560;
const QUALITY = 0.85;
/** A ThumbHash is made of at most so many pixels along a side. */
const THUMB = 100;
/** So often a picture that is still too large is made smaller. */
const TRIES = 6;

type Source = ImageBitmap | HTMLVideoElement;

function drawn(source: Source, of: { width: number; height: number }, longest: number): OffscreenCanvas {
  const scale = Math.min(1, longest / Math.max(of.width, of.height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(of.width * scale)),
    Math.max(1, Math.round(of.height * scale)),
  );
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws no pictures");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function pixels(canvas: OffscreenCanvas): ImageData {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws no pictures");
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** A blurred picture in a few bytes, of a photo or of a film's frame. */
export function thumb(source: Source, of: { width: number; height: number }): Uint8Array<ArrayBuffer> {
  const { width, height, data } = pixels(drawn(source, of, THUMB));
  return new Uint8Array(rgbaToThumbHash(width, height, data));
}

function transparent(source: Source, of: { width: number; height: number }): boolean {
  const { data } = pixels(drawn(source, of, THUMB));
  for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 255) < 250) return true;
  return false;
}

/**
 * Makes a picture anew: turned as its camera held it, no larger than needed, of at most `most` bytes, and with nothing beside its
 * pixels. Where and when it was taken stays on the device. Fails when the browser cannot read it.
 */
export async function prepare(file: Blob, most: number): Promise<Picture> {
  const source = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const preview = thumb(source, source);
    const clear = file.type !== "image/jpeg" && transparent(source, source);
    for (let [tries, longest] = [0, LONGEST]; tries < TRIES; tries += 1, longest *= 0.75) {
      const canvas = drawn(source, source, longest);
      const type = clear ? "image/png" : "image/jpeg";
      const made = await canvas.convertToBlob({ type, quality: QUALITY });
      if (made.size <= most) return { file: made, width: canvas.width, height: canvas.height, preview };
    }
    throw new Error("the picture cannot be made small enough");
  } finally {
    source.close();
  }
}
