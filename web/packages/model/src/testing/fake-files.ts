import { base64, concat, hex } from "@suki/api";
import { RefusalCode } from "@suki/api/gen";
import { type Files, FilesError, type SealedFile, type Way } from "../files.ts";
import type { FakeNetwork } from "./fake-network.ts";

type Bytes = Uint8Array<ArrayBuffer>;

async function digest(file: Blob): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
}

/** Files in memory: sealed by a key in front of them, which hides nothing; the network's limits and failures can be set. */
export class FakeFiles implements Files {
  readonly #network: FakeNetwork;
  readonly #tickets = new Map<string, { token: string; bytes: number }>();
  readonly kept = new Map<string, Blob>();
  /** What a request is answered with instead, if anything. */
  fault: (verb: "put" | "get", blob: string) => number | null = () => null;
  /** Waits before every answer. */
  pause: () => Promise<void> = async () => {};
  most = 100 * 1024 * 1024;

  constructor(network: FakeNetwork) {
    this.#network = network;
    network.calls.set("media.rules", () => this.#rules());
    network.calls.set("blob.begin", ({ bytes }: { bytes: number }) => {
      if (bytes > this.most) return RefusalCode.TOO_LARGE;
      const [blob, token] = [network.random(32), hex(network.random(16))];
      this.#tickets.set(hex(blob), { token, bytes });
      const now = network.clock.now();
      return { blob: base64(blob), token, expires_at: now + 3_600_000, kept_until: now + 60 * 86_400_000 };
    });
  }

  /** The rules that a network would tell. */
  #rules() {
    const types = { image: ["image/jpeg", "image/png"], video: ["video/mp4"], audio: ["audio/mpeg", "audio/ogg"] };
    const rule = (kind: string, of: string[], bytes: number) => ({ kind, types: of, bytes });
    const known = Object.entries(types).map(([kind, of]) => rule(kind, of, 1_000_000));
    return { media: [...known, rule("document", ["application/pdf", "text/plain"], 2_000_000)] };
  }

  async seal(file: Blob): Promise<SealedFile> {
    const key = this.#network.random(32);
    return { key, sha256: await digest(file), sealed: new Blob([key, file]) };
  }

  async open({ key, sha256 }: { key: Bytes; sha256: Bytes }, sealed: Blob, type: string): Promise<Blob> {
    const bytes = new Uint8Array(await sealed.arrayBuffer());
    const file = new Blob([bytes.slice(32)], { type });
    const same = hex(bytes.slice(0, 32)) === hex(key) && hex(await digest(file)) === hex(sha256);
    if (!same) throw new Error("the file is not the one that was sent");
    return file;
  }

  async put(blob: string, token: string, sealed: Blob, { progress, signal }: Way): Promise<void> {
    progress?.(0.5);
    await this.pause();
    signal?.throwIfAborted();
    const fault = this.fault("put", blob);
    if (fault !== null) throw new FilesError(fault);
    const ticket = this.#tickets.get(blob);
    if (ticket?.token !== token || ticket.bytes !== sealed.size) throw new FilesError(403);
    this.kept.set(blob, sealed);
    progress?.(1);
  }

  async get(blob: string, { signal }: Way): Promise<Blob> {
    await this.pause();
    signal?.throwIfAborted();
    const fault = this.fault("get", blob);
    const found = this.kept.get(blob);
    if (fault !== null || !found) throw new FilesError(fault ?? 404);
    return found;
  }

  /** Puts a file of a business on the network: what a message says of it. */
  async offer(file: Blob, of: { kind: string }) {
    const { key, sha256, sealed } = await this.seal(file);
    const blob = this.#network.random(32);
    this.kept.set(hex(blob), sealed);
    return { ...of, blob, key, sha256, mediaType: file.type, bytes: BigInt(file.size) };
  }

  /** All that the network holds, one after another: to look for what should not be readable there. */
  async all(): Promise<Bytes> {
    const parts = await Promise.all([...this.kept.values()].map((one) => one.arrayBuffer()));
    return concat(...parts.map((one) => new Uint8Array(one)));
  }
}
