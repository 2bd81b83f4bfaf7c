import type { TabsPort } from "../tabs/port.ts";

type Lead = (deposed: AbortSignal) => Promise<void>;

/** The tabs of one browser, in memory. */
export class TabsHub {
  readonly #ports = new Set<HubTabs>();
  #holder: { port: HubTabs; deposed: AbortController } | null = null;
  #line: { port: HubTabs; lead: Lead }[] = [];

  tab(): HubTabs {
    const port = new HubTabs(this);
    this.#ports.add(port);
    return port;
  }

  lead(port: HubTabs, lead: Lead, steal: boolean): void {
    if (steal) {
      this.#holder?.deposed.abort();
      this.#holder = null;
      this.#line.unshift({ port, lead });
    } else {
      this.#line.push({ port, lead });
    }
    this.#next();
  }

  #next(): void {
    if (this.#holder) return;
    const first = this.#line.shift();
    if (!first) return;
    const deposed = new AbortController();
    this.#holder = { port: first.port, deposed };
    queueMicrotask(() => void first.lead(deposed.signal));
  }

  post(from: HubTabs, message: unknown): void {
    for (const port of this.#ports) {
      if (port !== from && !port.frozen) queueMicrotask(() => port.listener(structuredClone(message)));
    }
  }

  close(port: HubTabs): void {
    this.#ports.delete(port);
    this.#line = this.#line.filter((one) => one.port !== port);
    if (this.#holder?.port !== port) return;
    this.#holder = null;
    this.#next();
  }
}

export class HubTabs implements TabsPort {
  listener: (message: unknown) => void = () => {};
  /** A frozen tab hears nothing, as a phone's browser does to one in the background. */
  frozen = false;
  readonly #hub: TabsHub;
  constructor(hub: TabsHub) {
    this.#hub = hub;
  }
  lead(lead: Lead, steal: boolean): void {
    this.#hub.lead(this, lead, steal);
  }
  post(message: unknown): void {
    this.#hub.post(this, message);
  }
  listen(listener: (message: unknown) => void): void {
    this.listener = listener;
  }
  close(): void {
    this.#hub.close(this);
  }
}

/** A browser with one tab. */
export class SoloTabs implements TabsPort {
  lead(lead: Lead): void {
    queueMicrotask(() => void lead(new AbortController().signal));
  }
  post(): void {}
  listen(): void {}
  close(): void {}
}
