import type { NewAnnouncement } from "@suki/console-api";
import type { Shelf } from "@suki/ui/logic";

const KEY = "suki.console.announcement";

/** An announcement that is being written, kept on this device until it is sent. */
export class Draft {
  readonly #shelf: Shelf;
  #audience = $state("all");
  #country = $state("");
  #title = $state("");
  #body = $state("");

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    try {
      const kept = JSON.parse(shelf.get(KEY) ?? "{}") as Partial<
        Record<"audience" | "country" | "title" | "body", string>
      >;
      this.#audience = kept.audience ?? "all";
      this.#country = kept.country ?? "";
      this.#title = kept.title ?? "";
      this.#body = kept.body ?? "";
    } catch {
      // What cannot be read is forgotten.
    }
  }

  get audience(): string {
    return this.#audience;
  }
  set audience(value: string) {
    this.#audience = value;
    this.#keep();
  }
  get country(): string {
    return this.#country;
  }
  set country(value: string) {
    this.#country = value;
    this.#keep();
  }
  get title(): string {
    return this.#title;
  }
  set title(value: string) {
    this.#title = value;
    this.#keep();
  }
  get body(): string {
    return this.#body;
  }
  set body(value: string) {
    this.#body = value;
    this.#keep();
  }

  get kept(): boolean {
    return this.#title !== "" || this.#body !== "";
  }

  get countryFits(): boolean {
    return this.#audience !== "country" || /^[a-z]{2}$/i.test(this.#country.trim());
  }

  get complete(): boolean {
    return this.#title.trim() !== "" && this.#body.trim() !== "" && this.countryFits;
  }

  get announcement(): NewAnnouncement {
    const audience = this.#audience === "country" ? this.#country.trim().toUpperCase() : this.#audience;
    return { audience, title: this.#title.trim(), body: this.#body.trim() };
  }

  clear(): void {
    this.#audience = "all";
    this.#country = this.#title = this.#body = "";
    this.#shelf.remove(KEY);
  }

  #keep(): void {
    const { audience, country, title, body } = this;
    this.#shelf.set(KEY, JSON.stringify({ audience, country, title, body }));
  }
}
