import { type Body, FILENAME_CHARS, type FileRule, fileBody, type Messenger } from "@suki/model";

type After = (millis: number, run: () => void) => () => void;

/** Why a file cannot be sent. `most`: how many bytes it may have; `types`: which types there may be. */
export class Unfit extends Error {
  override readonly name = "Unfit";
  readonly why: "too-large" | "type" | "broken" | "empty";
  readonly most: number;
  readonly types: readonly string[];
  constructor(why: Unfit["why"], rule?: FileRule) {
    super(why);
    this.why = why;
    this.most = rule?.bytes ?? 0;
    this.types = rule?.types ?? [];
  }
}

/** A file as it will be sent. */
export interface Prepared {
  kind: "image" | "video" | "audio" | "document";
  file: Blob;
  filename: string;
  width: number;
  height: number;
  millis: number;
  preview: Uint8Array<ArrayBuffer>;
}

const BARE = { width: 0, height: 0, millis: 0, preview: new Uint8Array() };

/** Checks a file against the server's rules and makes it ready: pictures are made anew, of films and sounds their length is learned. */
export async function prepare(
  file: File,
  asDocument: boolean,
  rules: readonly FileRule[],
  after: After,
): Promise<Prepared> {
  if (file.size === 0) throw new Unfit("empty");
  const type = file.type.split(";")[0] ?? "";
  const of = (kind: string) => rules.find((one) => one.kind === kind);
  if (!asDocument && type.startsWith("image/")) return picture(file, of("image"));
  const kind = (["video", "audio"] as const).find((one) => !asDocument && of(one)?.types.includes(type)) ?? "document";
  const rule = of(kind);
  const filename = [...file.name].slice(-FILENAME_CHARS).join("");
  if (rule && !rule.types.includes(type)) throw new Unfit("type", rule);
  if (rule && file.size > rule.bytes) throw new Unfit("too-large", rule);
  // The browser's own object may be taken away while it waits to be sent; this copy is ours.
  const copy = file.slice(0, file.size, type);
  if (kind === "document") return { ...BARE, kind, file: copy, filename };
  const { look } = await import("./films.ts");
  return { kind, file: copy, filename, ...(await look(copy, after)) };
}

async function picture(file: File, rule: FileRule | undefined): Promise<Prepared> {
  const images = await import("@suki/ui/pictures");
  try {
    const made = await images.prepare(file, rule?.bytes ?? Number.POSITIVE_INFINITY);
    return { ...BARE, ...made, kind: "image", filename: "" };
  } catch {
    throw new Unfit("broken", rule);
  }
}

/** Seals a prepared file: the message that describes it, and the bytes that leave the device. */
export async function seal(
  messenger: Messenger,
  { file, ...about }: Prepared,
  more: { caption?: string; voice?: boolean } = {},
): Promise<{ body: Body; sealed: Blob }> {
  const { sealed, ...known } = await messenger.seal(file);
  const body = fileBody({ ...known, sealed }, { ...about, ...more, mediaType: file.type, bytes: BigInt(file.size) });
  return { body, sealed };
}
