import type { FoundBusiness, Messenger } from "@suki/model";

/** So long after the last key the network is asked. */
const PAUSE_MILLIS = 250;

/** Businesses found by name while a person types. */
export class SearchModel {
  readonly #messenger: Messenger;
  readonly #later: (millis: number, run: () => void) => () => void;
  #cancel: () => void = () => {};
  text = $state("");
  found = $state.raw<FoundBusiness[]>([]);
  done = $state(false);
  failed = $state(false);

  constructor(messenger: Messenger, later: (millis: number, run: () => void) => () => void) {
    this.#messenger = messenger;
    this.#later = later;
  }

  look(text: string): void {
    this.#cancel();
    this.text = text.trim();
    this.done = false;
    if (this.text === "") this.found = [];
    else this.#cancel = this.#later(PAUSE_MILLIS, () => void this.#ask(text.trim()));
  }

  async #ask(text: string): Promise<void> {
    try {
      const found = await this.#messenger.search(text);
      if (text !== this.text) return;
      this.found = found;
      this.failed = false;
    } catch {
      if (text !== this.text) return;
      this.found = [];
      this.failed = true;
    }
    this.done = true;
  }
}
