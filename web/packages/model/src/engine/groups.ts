import type { Database, StoredGroup } from "../db.ts";
import type { Group, MlsDevice } from "../mls/port.ts";
import type { Vault } from "../vault.ts";

/** The groups of this device: in memory as the database has them, never ahead of it. */
export class Groups {
  readonly #db: Database;
  readonly #vault: Vault;
  readonly #device: MlsDevice;
  readonly #known = new Map<string, Group>();

  constructor(db: Database, vault: Vault, device: MlsDevice) {
    this.#db = db;
    this.#vault = vault;
    this.#device = device;
  }

  /** The group of a conversation; null when there is none, or none that can be read: then the device has to rejoin. */
  async get(conversation: string): Promise<Group | null> {
    const known = this.#known.get(conversation);
    if (known) return known;
    const stored = await this.#db.get("groups", conversation);
    if (!stored) return null;
    try {
      const group = this.#device.importGroup(await this.#vault.open(use(conversation), stored.state));
      this.#known.set(conversation, group);
      return group;
    } catch {
      return null;
    }
  }

  /** What to write so that the database has this state. */
  async stored(group: Group): Promise<StoredGroup> {
    const { conversation, epoch } = group;
    return { conversation, epoch, state: await this.#vault.seal(use(conversation), this.#device.exportGroup(group)) };
  }

  /** The database has this state now. */
  keep(group: Group): void {
    this.#known.set(group.conversation, group);
  }

  /** The database has none any more, or another than we thought. */
  forget(conversation: string): void {
    this.#known.delete(conversation);
  }
}

function use(conversation: string): string {
  return `group ${conversation}`;
}
