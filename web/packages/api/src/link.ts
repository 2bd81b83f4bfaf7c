import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Clock } from "./clock.ts";
import {
  ClientFrameSchema,
  type Entry,
  type LoggedIn,
  RefusalCode,
  type Refused,
  type ServerFrame,
  ServerFrameSchema,
  type Typing,
} from "./gen/suki/v1/suki_pb.ts";
import { concat } from "./ids.ts";
import type { Dial, Socket } from "./socket.ts";

/** Where the link stands. `waiting` is between two attempts; `refused` is final: the network does not know the device. */
export type LinkState = "stopped" | "connecting" | "online" | "waiting" | "refused";

/** What the link tells its owner, in the order it happened. */
export interface LinkEvents {
  state(state: LinkState): void;
  connected(loggedIn: LoggedIn): void;
  entries(entries: Entry[]): void;
  typing(typing: Typing): void;
}

export interface LinkOptions {
  dial: Dial;
  /** The device's id, 16 bytes. */
  device: Uint8Array;
  /** Ed25519 by the device's key. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  clock: Clock;
  /** A number from 0 to below 1: spreads the reconnects of many devices. */
  random(): number;
  events: LinkEvents;
}

/** The connection ended before the answer came. Every request may be made again. */
export class Disconnected extends Error {
  override readonly name = "Disconnected";
  constructor() {
    super("the connection to the network ended before the answer came");
  }
}

/** The network refused a request. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly refused: Refused;
  constructor(refused: Refused) {
    super(refused.message);
    this.refused = refused;
  }
  get code(): RefusalCode {
    return this.refused.code;
  }
}

type RequestBody = NonNullable<MessageInitShape<typeof ClientFrameSchema>["body"]>;
type Answers = ServerFrame["body"];
/** The answer of one kind. */
export type Answer<C extends Answers["case"]> = Extract<Answers, { case: C }>["value"];

interface Waiting {
  resolve(body: Answers): void;
  reject(error: Error): void;
}

const LOG_IN_CONTEXT = new TextEncoder().encode("suki/log-in/1");
const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 30_000;
const HANDSHAKE_MILLIS = 15_000;
const QUIET_MILLIS = 30_000;
const PING_MILLIS = 8_000;
/** Somebody looks at the page, or the machine says that its network changed: a dead connection is found sooner. */
const NUDGED_MILLIS = 3_000;

/**
 * A device's connection to the network: logs in, correlates answers, acknowledges, and comes back after every loss with
 * growing waits. Entries and typing signals come in the order the network sent them.
 */
export class Link {
  readonly #options: LinkOptions;
  #state: LinkState = "stopped";
  #socket: Socket | null = null;
  #generation = 0;
  #attempts = 0;
  #nextRequest = 1;
  #waiting = new Map<number, Waiting>();
  #timer: () => void = () => {};
  #ackWanted = 0n;
  #ackSent = 0n;
  #ackUnderWay = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (this.#state === "stopped") this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#set("stopped");
  }

  /** The page came back, or the machine says it is online: try at once, or make sure that the connection still lives. */
  nudge(): void {
    if (this.#state === "waiting") {
      this.#attempts = 0;
      this.#connect();
    } else if (this.#state === "online") {
      this.#ping(NUDGED_MILLIS);
    }
  }

  /** Asks the network. Fails with `Disconnected` or `RefusedError`. Requests leave in the order of the calls. */
  async request<C extends Answers["case"]>(body: RequestBody, ...kinds: C[]): Promise<Answer<C>> {
    if (this.#state !== "online") throw new Disconnected();
    const answer = await this.#send(body);
    if (answer.case === "refused") throw new RefusedError(answer.value);
    if (!kinds.includes(answer.case as C)) throw new Error(`the network answered ${body.case} with ${answer.case}`);
    return answer.value as Answer<C>;
  }

  /** All of the log up to here is durable on the device. Sent when the last one is answered, the newest only. */
  ack(seq: bigint): void {
    if (seq > this.#ackWanted) this.#ackWanted = seq;
    void this.#flushAck();
  }

  async #flushAck(): Promise<void> {
    if (this.#ackUnderWay) return;
    this.#ackUnderWay = true;
    try {
      while (this.#state === "online" && this.#ackWanted > this.#ackSent) {
        const seq = this.#ackWanted;
        await this.request({ case: "ack", value: { seq } }, "done", "accepted");
        this.#ackSent = seq;
      }
    } catch {
      // Lost with the connection, or refused: the next log-in says what the network has.
    } finally {
      this.#ackUnderWay = false;
    }
  }

  #set(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.events.state(state);
  }

  #connect(): void {
    this.#drop();
    this.#set("connecting");
    const generation = this.#generation;
    const current = () => generation === this.#generation;
    this.#after(HANDSHAKE_MILLIS, () => this.#lost());
    try {
      this.#socket = this.#options.dial({
        message: (data) => current() && this.#received(data),
        closed: () => current() && this.#lost(),
      });
    } catch {
      this.#lost();
    }
  }

  /** Forgets the connection there is. */
  #drop(): void {
    this.#generation += 1;
    this.#timer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(new Disconnected());
  }

  #lost(): void {
    if (this.#state === "stopped" || this.#state === "refused") return;
    this.#drop();
    const longest = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#after(longest / 2 + (longest / 2) * this.#options.random(), () => this.#connect());
    this.#set("waiting");
  }

  #after(millis: number, run: () => void): void {
    this.#timer();
    this.#timer = this.#options.clock.after(millis, run);
  }

  #send(body: RequestBody): Promise<Answers> {
    const request = this.#nextRequest;
    this.#nextRequest = request >= 0xffff_ffff ? 1 : request + 1;
    const answer = new Promise<Answers>((resolve, reject) => this.#waiting.set(request, { resolve, reject }));
    this.#socket?.send(toBinary(ClientFrameSchema, create(ClientFrameSchema, { request, body })));
    return answer;
  }

  #received(data: Uint8Array<ArrayBuffer>): void {
    let frame: ServerFrame;
    try {
      frame = fromBinary(ServerFrameSchema, data);
    } catch {
      this.#lost();
      return;
    }
    if (this.#state === "online") this.#after(QUIET_MILLIS, () => this.#ping());
    const { body } = frame;
    if (frame.request !== 0) {
      const waiting = this.#waiting.get(frame.request);
      this.#waiting.delete(frame.request);
      waiting?.resolve(body);
    } else if (body.case === "challenge") {
      void this.#logIn(body.value.nonce);
    } else if (body.case === "entries") {
      this.#options.events.entries(body.value.entries);
    } else if (body.case === "typing") {
      this.#options.events.typing(body.value);
    }
  }

  async #logIn(nonce: Uint8Array): Promise<void> {
    const generation = this.#generation;
    const { device, sign } = this.#options;
    try {
      const signature = await sign(concat(LOG_IN_CONTEXT, nonce, device));
      if (generation !== this.#generation) return;
      const answer = await this.#send({ case: "logIn", value: { device, signature } });
      if (generation !== this.#generation) return;
      if (answer.case === "loggedIn") this.#loggedIn(answer.value);
      else if (answer.case === "refused" && isFinal(answer.value.code)) this.#refuse();
      else this.#lost();
    } catch {
      if (generation === this.#generation) this.#lost();
    }
  }

  #loggedIn(loggedIn: LoggedIn): void {
    this.#attempts = 0;
    this.#ackSent = loggedIn.acked;
    this.#after(QUIET_MILLIS, () => this.#ping());
    this.#set("online");
    this.#options.events.connected(loggedIn);
    void this.#flushAck();
  }

  #refuse(): void {
    this.#drop();
    this.#set("refused");
  }

  #ping(patience = PING_MILLIS): void {
    if (this.#state !== "online") return;
    const generation = this.#generation;
    this.#after(patience, () => this.#lost());
    this.#send({ case: "ping", value: {} }).then(
      () => generation === this.#generation && this.#after(QUIET_MILLIS, () => this.#ping()),
      () => {},
    );
  }
}

/** A log-in refused for such a reason will be refused for ever: the device is no longer one of the account. */
function isFinal(code: RefusalCode): boolean {
  return code === RefusalCode.FORBIDDEN || code === RefusalCode.UNKNOWN || code === RefusalCode.NOT_LOGGED_IN;
}
