import { Disconnected, RefusedError, unhex } from "@suki/api";
import { RefusalCode } from "@suki/api/gen";
import { newId } from "../env.ts";
import { change, putMessage } from "../thread.ts";
import type { Core } from "./core.ts";

const TRIES = 6;
const BACK_OFF_MILLIS = 2_000;

/**
 * Joins groups again whose state is lost or behind. Waits a little first: the log may still bring what is missing. An external
 * commit takes the place of the device's old leaf, so doing it once too often harms nothing.
 */
export class Rejoin {
  readonly #core: Core;
  readonly #joined: (conversation: string) => void;
  readonly #pending = new Map<string, { atLeast: number; tries: number; cancel: () => void }>();

  constructor(core: Core, joined: (conversation: string) => void) {
    this.#core = core;
    this.#joined = joined;
  }

  /** The group has to be in this epoch at least, before long. */
  need(conversation: string, atLeast: number, wait: number): void {
    const known = this.#pending.get(conversation);
    if (known) {
      known.atLeast = Math.max(known.atLeast, atLeast);
      return;
    }
    this.#schedule(conversation, atLeast, 0, wait);
  }

  /** The connection ended: what is still needed shows after the next log-in. */
  clear(): void {
    for (const { cancel } of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  #schedule(conversation: string, atLeast: number, tries: number, wait: number): void {
    const cancel = this.#core.later(wait, () => void this.#due(conversation));
    this.#pending.set(conversation, { atLeast, tries, cancel });
  }

  async #due(conversation: string): Promise<void> {
    const need = this.#pending.get(conversation);
    this.#pending.delete(conversation);
    if (!need || this.#core.stopped || this.#core.link.state !== "online") return;
    try {
      await this.#core.serial(async () => {
        // Of what is not known here nothing is shown, so that nothing of it has to be read.
        if (!(await this.#core.db.get("conversations", conversation))) return;
        const group = await this.#core.groups.get(conversation);
        if (!group || group.epoch < need.atLeast) await this.#rejoin(conversation, group !== null);
      });
      this.#joined(conversation);
    } catch (error) {
      if (this.#core.stopped || error instanceof Disconnected) return;
      if (need.tries + 1 < TRIES && mayPass(error)) {
        this.#schedule(conversation, need.atLeast, need.tries + 1, BACK_OFF_MILLIS * 2 ** need.tries);
      } else {
        this.#core.failed(error);
      }
    }
  }

  async #rejoin(conversation: string, had: boolean): Promise<void> {
    const { link, device, groups, env } = this.#core;
    const id = unhex(conversation);
    const info = await link.request({ case: "getGroupInfo", value: { conversation: id } }, "groupInfo");
    const { group, commit } = await device.rejoin(info.mlsMessage);
    if (group.conversation !== conversation) throw new Error("the network gave the group of another conversation");
    const commitId = newId(env);
    const stored = await groups.stored(group);
    await link.request(
      { case: "commit", value: { conversation: id, commitId: unhex(commitId), epoch: info.epoch, mlsMessage: commit } },
      "accepted",
      "done",
    );
    const at = env.clock.now();
    await this.#core.write(async (tx) => {
      await tx.objectStore("groups").put(stored);
      const messages = await tx.objectStore("conversations").get(conversation);
      await change(tx, conversation, (one) => ({ epoch: Math.max(one.epoch, group.epoch) }));
      if (!had && !messages?.last) return;
      const body = { type: "notice", notice: "rejoined" } as const;
      const line = { conversation, id: `notice ${commitId}`, order: at, at, from: "me", body, replyTo: null } as const;
      await putMessage(tx, { ...line, status: null, failure: null, counts: 0 });
    });
    groups.keep(group);
    this.#core.tell({ type: "thread", conversation });
  }
}

/** Another commit was first, the endpoint has not published its group yet, or the network is busy: try again later. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof RefusedError)) return false;
  const passing = [RefusalCode.EPOCH_CONFLICT, RefusalCode.STALE_EPOCH, RefusalCode.UNKNOWN, RefusalCode.UNAVAILABLE];
  return [...passing, RefusalCode.RATE_LIMITED].includes(error.code);
}
