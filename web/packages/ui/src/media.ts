/** What a view knows of a file: how far it is, and where it can be seen. */
export type FileView = {
  state: "idle" | "loading" | "ready" | "failed" | "gone" | "broken";
  /** From 0 to 1 while it is loaded or sent; null when nobody knows. */
  part: number | null;
  /** An address inside the page, once it is ready. */
  url: string | null;
};

/** A file of a message. */
export type FileInfo = {
  kind: "image" | "video" | "audio" | "document" | "sticker";
  /** Its name, or what it is. */
  name: string;
  mediaType: string;
  bytes: number;
  /** Pixels; 0 when they are not known. */
  width: number;
  height: number;
  /** How long it plays; 0 when that is not known. */
  millis: number;
  voice: boolean;
  /** A blurred picture of it, as an address with the data inside. */
  preview: string | null;
};

/** An emoji that somebody put on a message. */
export type SeenReaction = { emoji: string; mine: boolean; author: string };

const ROOM = { width: 320, height: 340 };

/** The room a picture takes in a bubble: known before it is here, so that nothing moves when it comes. */
export function room(width: number, height: number): { width: number; height: number } {
  if (width <= 0 || height <= 0) return { width: 240, height: 180 };
  const scale = Math.min(1, ROOM.width / width, ROOM.height / height);
  // Neither a stripe nor a dot: what is longer or smaller is cut or centred.
  return { width: Math.max(96, Math.round(width * scale)), height: Math.max(72, Math.round(height * scale)) };
}

/** What a file is called by its type, for those who look: `PDF`, `DOCX`. */
export function extension(name: string, mediaType: string): string {
  const found = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? mediaType.split("/")[1]?.split(/[;+.]/)[0] ?? "";
  return found.slice(0, 5).toUpperCase();
}

/** Minutes and seconds of a span in milliseconds, the seconds with two digits. */
export function clockOf(millis: number): { minutes: string; seconds: string } {
  const all = Math.round(millis / 1000);
  return { minutes: String(Math.floor(all / 60)), seconds: String(all % 60).padStart(2, "0") };
}
