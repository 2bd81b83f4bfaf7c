import type { Live } from "./types.ts";

export type LinkState = "connecting" | "online" | "offline";

/** What the link needs of a WebSocket. */
export type Socket = {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  close: () => void;
};

/** The world around the link: each part can be replaced in a test. */
export type LinkWorld = {
  open: () => Socket;
  /** Between 0 and 1. */
  random: () => number;
  /** Runs `run` after so many milliseconds and returns how to call it off. */
  after: (milliseconds: number, run: () => void) => () => void;
};

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** A socket that says nothing for so long after it was opened is given up. */
const HELLO_WAIT = 10_000;

/** Keeps a live connection: opens it again after a growing, jittered wait, and at once when told that the way is free. */
export class LiveLink {
  readonly #world: LinkWorld;
  readonly #onevent: (event: Live) => void;
  readonly #onstate: (state: LinkState) => void;
  #socket: Socket | null = null;
  #cancel: (() => void) | null = null;
  #failures = 0;
  #state: LinkState = "connecting";
  #running = false;

  constructor(world: LinkWorld, onevent: (event: Live) => void, onstate: (state: LinkState) => void) {
    this.#world = world;
    this.#onevent = onevent;
    this.#onstate = onstate;
  }

  start(): void {
    this.#running = true;
    this.#connect();
  }

  stop(): void {
    this.#running = false;
    this.#drop();
  }

  /** The device lost its network: no attempts until `wake`. */
  rest(): void {
    if (!this.#running) return;
    this.#drop();
    this.#tell("offline");
  }

  /** The network is back, the page is looked at again, or the person is impatient: try now. */
  wake(): void {
    if (!this.#running || this.#state === "online" || this.#socket) return;
    this.#failures = 0;
    this.#connect();
  }

  #connect(): void {
    this.#drop();
    this.#tell("connecting");
    const socket = this.#world.open();
    this.#socket = socket;
    this.#cancel = this.#world.after(HELLO_WAIT, () => this.#lost(socket));
    socket.onmessage = ({ data }) => this.#received(socket, data);
    socket.onclose = () => this.#lost(socket);
  }

  #received(socket: Socket, data: unknown): void {
    if (socket !== this.#socket || typeof data !== "string") return;
    let event: Live;
    try {
      event = JSON.parse(data) as Live;
    } catch {
      return;
    }
    if (event.type === "hello") {
      this.#failures = 0;
      this.#cancel?.();
      this.#cancel = null;
      this.#tell("online");
    }
    this.#onevent(event);
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#drop();
    if (!this.#running) return;
    this.#tell("connecting");
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures += 1;
    this.#cancel = this.#world.after(wait * (0.5 + this.#world.random() / 2), () => this.#connect());
  }

  #drop(): void {
    this.#cancel?.();
    this.#cancel = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
  }

  #tell(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onstate(state);
  }
}
