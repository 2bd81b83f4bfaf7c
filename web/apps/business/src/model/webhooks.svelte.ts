import type { Delivery, DeliveryDetail, DeliveryResult, Replay, Webhook, WebhookDraft } from "@suki/inbox";
import { explainError } from "../problems.ts";
import type { World } from "./world.ts";

/** What the owner looks for in the log. */
export type Wanted = { words: string; hook: string; result: DeliveryResult | ""; field: string };

export const ANYTHING: Wanted = { words: "", hook: "", result: "", field: "" };

/** Who is told of events, and the log of it. For owners. */
export class Webhooks {
  readonly #world: World;
  all = $state.raw<readonly Webhook[]>([]);
  fields = $state.raw<readonly string[]>([]);
  log = $state.raw<readonly Delivery[]>([]);
  /** Where the log goes on. */
  next = $state<number | null>(null);
  wanted = $state<Wanted>({ ...ANYTHING });
  detail = $state.raw<DeliveryDetail | null>(null);
  state = $state<"loading" | "ready" | "failed">("loading");
  busy = $state(false);
  problem = $state<string | null>(null);
  #searches = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async load(): Promise<void> {
    try {
      const list = await this.#world.client.webhooks();
      this.all = list.data;
      this.fields = list.fields;
      await this.search();
      this.state = "ready";
    } catch {
      if (this.state !== "ready") this.state = "failed";
    }
  }

  /** Searches the log anew. Of two searches at once the later one is shown. */
  async search(): Promise<void> {
    this.#searches += 1;
    const own = this.#searches;
    const page = await this.#page(undefined);
    if (own !== this.#searches) return;
    this.log = page.data;
    this.next = page.next;
  }

  more = () =>
    this.#do(async () => {
      const page = await this.#page(this.next ?? undefined);
      this.log = [...this.log, ...page.data];
      this.next = page.next;
    });

  /** The name of who was told. */
  nameOf(hook: string): string {
    return this.all.find((one) => one.id === hook)?.name ?? hook;
  }

  show = (seq: number) =>
    this.#do(async () => {
      this.detail = await this.#world.client.webhookDelivery(seq);
    });

  /** Makes an endpoint, or changes the one with this id: only what was written anew is sent. */
  save = (id: string | null, draft: WebhookDraft) =>
    this.#do(async () => {
      const { verify_token, secret, ...rest } = draft;
      const hidden = { ...(verify_token ? { verify_token } : {}), ...(secret ? { secret } : {}) };
      if (id) await this.#world.client.changeWebhook(id, { ...rest, ...hidden });
      else await this.#world.client.addWebhook({ ...rest, verify_token, ...hidden });
      await this.load();
    });

  remove = (id: string) =>
    this.#do(async () => {
      await this.#world.client.removeWebhook(id);
      await this.load();
    });

  test = (id: string, field: string) =>
    this.#do(async () => {
      await this.#world.client.testWebhook(id, field);
      await this.load();
    });

  /** Tells a receiver again, page by page, until a range is at its end; gives how many deliveries were queued, null when it failed. */
  async replay(id: string, what: Replay): Promise<number | null> {
    let queued = 0;
    const done = await this.#do(async () => {
      let from: number | null = null;
      do {
        const answer = await this.#world.client.replayWebhooks(id, from === null ? what : { ...what, from_seq: from });
        queued += answer.queued;
        from = answer.next;
      } while (from !== null);
      await this.load();
    });
    return done ? queued : null;
  }

  #page(before: number | undefined) {
    const { words, hook, result, field } = this.wanted;
    const text = words.trim();
    const about = text.startsWith("wamid.") || text.startsWith("msg_") ? { message: text } : { contact: text };
    return this.#world.client.webhookLog({
      ...(text ? about : {}),
      ...(hook ? { hook } : {}),
      ...(field ? { field } : {}),
      ...(result ? { result } : {}),
      ...(before === undefined ? {} : { before }),
    });
  }

  async #do(run: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      await run();
      this.problem = null;
      return true;
    } catch (error) {
      this.problem = explainError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** JSON for people: as it stands where it is none. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
