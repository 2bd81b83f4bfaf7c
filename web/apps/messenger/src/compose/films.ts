import { thumb } from "@suki/ui/pictures";

/** What is known of a film or a sound before anybody plays it. */
export interface Played {
  width: number;
  height: number;
  millis: number;
  preview: Uint8Array<ArrayBuffer>;
}

const WAIT_MILLIS = 5_000;
const NOTHING: Played = { width: 0, height: 0, millis: 0, preview: new Uint8Array() };

function once(node: EventTarget, name: string, after: (millis: number, run: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = after(WAIT_MILLIS, () => reject(new Error(`no ${name}`)));
    node.addEventListener(name, () => resolve(cancel()), { once: true });
    node.addEventListener("error", () => reject(cancel()), { once: true });
  });
}

/** Looks into a film or a sound. What this browser does not play is sent without: others may. */
export async function look(file: Blob, after: (millis: number, run: () => void) => () => void): Promise<Played> {
  const film = file.type.startsWith("video/");
  const node = document.createElement(film ? "video" : "audio");
  const url = URL.createObjectURL(file);
  try {
    node.muted = true;
    node.preload = "auto";
    const ready = once(node, film ? "loadeddata" : "loadedmetadata", after);
    node.src = url;
    await ready;
    const millis = Number.isFinite(node.duration) ? Math.round(node.duration * 1000) : 0;
    if (!(node instanceof HTMLVideoElement)) return { ...NOTHING, millis };
    const size = { width: node.videoWidth, height: node.videoHeight };
    return { ...size, millis, preview: size.width > 0 ? thumb(node, size) : NOTHING.preview };
  } catch {
    return NOTHING;
  } finally {
    node.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}
