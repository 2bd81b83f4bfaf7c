import type { Link, LinkState } from "@suki/api";
import { type Database, type Tx, write } from "../db.ts";
import type { Env } from "../env.ts";
import type { Change } from "../events.ts";
import type { MlsDevice } from "../mls/port.ts";
import type { Identity } from "../types.ts";
import type { Vault } from "../vault.ts";
import { Groups } from "./groups.ts";

/** What the engine needs of a connection. */
export interface LinkPort {
  readonly state: LinkState;
  readonly request: Link["request"];
  ack(seq: bigint): void;
  start(): void;
  stop(): void;
  nudge(): void;
}

export interface CoreParts {
  db: Database;
  env: Env;
  vault: Vault;
  identity: Identity;
  device: MlsDevice;
  suites: readonly number[];
  /** The token under which this tab owns the device. */
  owner: string;
  link: LinkPort;
  tell(change: Change): void;
  /** Something failed that only a person or a developer can mend; the engine goes on where it can. */
  failed(error: unknown): void;
}

/** What the parts of the engine share: the device, its database and connection, and one queue. */
export class Core {
  readonly db: Database;
  readonly env: Env;
  readonly vault: Vault;
  readonly identity: Identity;
  readonly device: MlsDevice;
  readonly suites: readonly number[];
  readonly link: LinkPort;
  readonly groups: Groups;
  readonly tell: (change: Change) => void;
  readonly failed: (error: unknown) => void;
  readonly #owner: string;
  #queue: Promise<unknown> = Promise.resolve();
  #timers = new Set<() => void>();
  stopped = false;

  constructor(parts: CoreParts) {
    this.db = parts.db;
    this.env = parts.env;
    this.vault = parts.vault;
    this.identity = parts.identity;
    this.device = parts.device;
    this.suites = parts.suites;
    this.link = parts.link;
    this.tell = (change) => {
      if (!this.stopped) parts.tell(change);
    };
    this.failed = parts.failed;
    this.#owner = parts.owner;
    this.groups = new Groups(this.db, this.vault, this.device);
  }

  /** One thing at a time: what reads the keys of a conversation and what changes them never run side by side. */
  serial<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(() => {
      if (this.stopped) throw new Error("the engine has stopped");
      return run();
    });
    this.#queue = mine.catch(() => {});
    return mine;
  }

  /** Writes durably, if this tab still owns the device. */
  write<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    return write(this.db, run, { owner: this.#owner, durable: true });
  }

  /** Runs something later, unless the engine has stopped. */
  later(millis: number, run: () => void): () => void {
    const cancel = this.env.clock.after(millis, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  stop(): void {
    this.stopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.link.stop();
  }
}
