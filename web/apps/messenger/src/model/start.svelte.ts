import type { Card, Messenger } from "@suki/model";

/** What stands in the way of showing a business. */
export type Obstacle = { kind: "link" } | { kind: "offline" } | { kind: "other"; code: string; detail: string };

/** The first screen behind a link: who the business is, and one button. */
export class StartModel {
  readonly slug: string;
  readonly #messenger: Messenger;
  card = $state.raw<Card | null>(null);
  obstacle = $state.raw<Obstacle | null>(null);
  name = $state("");
  busy = $state(false);
  failure = $state.raw<Obstacle | null>(null);

  constructor(messenger: Messenger, slug: string) {
    this.#messenger = messenger;
    this.slug = slug;
  }

  async load(): Promise<void> {
    this.obstacle = null;
    try {
      this.card = await this.#messenger.card(this.slug);
    } catch (error) {
      this.obstacle = obstacle(error);
    }
  }

  async start(): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = null;
    try {
      await this.#messenger.start(this.slug, this.name.trim());
      return true;
    } catch (error) {
      this.failure = obstacle(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** What an error means to a person. Errors of another tab have lost their class but kept their name and code. */
export function obstacle(error: unknown): Obstacle {
  const { name, code, message, detail, status } = error as Error &
    Partial<Record<"code" | "detail" | "status", unknown>>;
  if (name === "Disconnected" || code === "offline") return { kind: "offline" };
  if (name === "RegistrationError" && status === 404) return { kind: "link" };
  return {
    kind: "other",
    code: String(code ?? ""),
    detail: [message, detail].filter((one) => typeof one === "string" && one).join(" "),
  };
}
