import { type Relation, type RelationChange, unprefixed } from "@suki/api";
import type { FakeNetwork } from "./fake-network.ts";

const STOP = ["stop", "hinto", "বনধ", "ايقاف", "стоп"];

interface Reported {
  business: string;
  reason: string;
  messages: { message_id: string; content: string; commitment_key: string }[];
  block: boolean;
}

/** What the network knows of a person and businesses: choices, blocks, stops, consents, reports. */
export class FakeRelations {
  readonly reports: Reported[] = [];
  readonly #all = new Map<string, Relation>();
  readonly #network: FakeNetwork;
  #global: "all" | "important" | "none" = "all";
  #language = "";

  constructor(network: FakeNetwork) {
    this.#network = network;
    const { calls } = network;
    calls.set("consent.words", () => ({ stop: STOP, resume: ["start"] }));
    calls.set("relation.get", ({ business }: { business: string }) => this.#of(business));
    calls.set("relation.set", ({ business, ...wanted }: { business: string } & RelationChange) =>
      this.#set(business, wanted),
    );
    calls.set("consent.grant", ({ business, wording }: { business: string; wording: string }) => {
      return this.#change(business, { consent_at: this.#now, stopped_at: null }, { what: "opt_in", wording });
    });
    calls.set("consent.withdraw", ({ business }: { business: string }) => {
      return this.#change(business, { consent_at: null, stopped_at: this.#now }, { what: "opt_out" });
    });
    calls.set("report.send", (report: Reported) => {
      this.reports.push(report);
      if (report.block) this.#set(report.business, { blocked: true });
      return {};
    });
    calls.set("settings.get", () => this.#settings);
    calls.set("settings.set", (wanted: { global_choice?: "all" | "important" | "none"; language?: string }) => {
      this.#global = wanted.global_choice ?? this.#global;
      this.#language = wanted.language ?? this.#language;
      return this.#settings;
    });
    calls.set("business.search", ({ text }: { text: string }) => this.#search(text));
  }

  get #now(): number {
    return this.#network.clock.now();
  }

  get #settings() {
    return { global_choice: this.#global, language: this.#language };
  }

  #of(business: string): Relation {
    const found = this.#all.get(business);
    if (found) return { ...found, global_choice: this.#global };
    const opened = [...this.#network.conversations.values()].some(
      (one) => one.business.account === unprefixed("acc", business),
    );
    return {
      business,
      choice: "default",
      global_choice: this.#global,
      blocked_at: null,
      stopped_at: null,
      saved: false,
      consent_at: null,
      consent_until: null,
      wrote_at: opened ? this.#now : null,
      opened_at: opened ? this.#now : null,
      opened_by_business: false,
      why: opened ? ["you_wrote"] : [],
      events: [],
    };
  }

  #set(business: string, wanted: RelationChange): Relation {
    const at = (on: boolean | undefined, was: number | null) =>
      on === undefined ? was : on ? (was ?? this.#now) : null;
    const before = this.#of(business);
    const after = {
      choice: wanted.choice ?? before.choice,
      stopped_at: at(wanted.stopped, before.stopped_at),
      blocked_at: at(wanted.blocked, before.blocked_at),
      saved: wanted.saved ?? before.saved,
    };
    const what = wanted.blocked !== undefined ? "block" : wanted.stopped !== undefined ? "stop" : "choose";
    return this.#change(business, after, { what });
  }

  #change(business: string, change: Partial<Relation>, event: { what: string; wording?: string }): Relation {
    const before = this.#of(business);
    const next: Relation = {
      ...before,
      ...change,
      events: [{ at: this.#now, by: "customer" as const, ...event }, ...before.events].slice(0, 50),
    };
    if (event.what === "opt_in") next.why = [...new Set([...before.why, "you_agreed" as const])];
    if (event.what === "opt_out") next.why = before.why.filter((one) => one !== "you_agreed");
    this.#all.set(business, next);
    return next;
  }

  #search(text: string) {
    const wanted = text.trim().toLowerCase();
    const all = [...this.#network.businesses.values()];
    const fits = all.filter(
      ({ card }) =>
        wanted !== "" &&
        card.name
          .toLowerCase()
          .split(/\s+/)
          .some((word) => word.startsWith(wanted)),
    );
    const data = fits.map(({ account, card: { name: title, about, trust: level, slug } }) => {
      return { business: `acc_${account}`, title, about, level, labels: [], slug };
    });
    return { data };
  }
}
