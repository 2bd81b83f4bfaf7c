import type { Messenger, OwnDevice } from "@suki/model";
import { type Obstacle, obstacle } from "./start.svelte.ts";

/** The account's devices, and the code with which another one joins. */
export class DevicesModel {
  readonly #messenger: Messenger;
  list = $state.raw<OwnDevice[] | null>(null);
  obstacle = $state.raw<Obstacle | null>(null);
  code = $state.raw<{ code: string; expiresAt: number } | null>(null);
  busy = $state(false);

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  async load(): Promise<void> {
    try {
      this.list = await this.#messenger.devices();
      this.obstacle = null;
    } catch (error) {
      this.obstacle = obstacle(error);
    }
  }

  async newCode(): Promise<void> {
    this.busy = true;
    try {
      this.code = await this.#messenger.linkCode();
      this.obstacle = null;
    } catch (error) {
      this.code = null;
      this.obstacle = obstacle(error);
    } finally {
      this.busy = false;
    }
  }

  async remove(id: string): Promise<boolean> {
    try {
      await this.#messenger.removeDevice(id);
      await this.load();
      return true;
    } catch (error) {
      this.obstacle = obstacle(error);
      return false;
    }
  }
}
