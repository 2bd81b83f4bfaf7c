import { thumbHashToDataURL } from "thumbhash";

/** A blurred picture of a file, as an address with the data inside; null when its ThumbHash says nothing. */
export function previewOf(hash: Uint8Array): string | null {
  if (hash.length < 5) return null;
  try {
    return thumbHashToDataURL(hash);
  } catch {
    return null;
  }
}
