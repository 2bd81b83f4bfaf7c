import { concat, hex, unhex } from "@suki/api";
import {
  type ClientConfig,
  type ClientState,
  decodeGroupState,
  decodeMlsMessage,
  encodeGroupState,
  type MLSMessage,
} from "ts-mls";
import { CryptoError, library } from "./errors.ts";
import { checkContext, leaves, Policy } from "./policy.ts";
import { suiteNumber } from "./suite.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A group's state in memory: a value. An operation gives the group that follows and leaves the one it was given as it was. */
export interface Group {
  /** The conversation's id, hexadecimal. */
  readonly conversation: string;
  readonly epoch: number;
  readonly inner: unknown;
}

/** What `Group.inner` is. */
export interface Inner {
  readonly state: ClientState;
  readonly suite: number;
  readonly policy: Policy;
}

/** Of the stored state: raised whenever this adapter or the library writes it differently. */
const VERSION = 1;
/** The most bytes of an MLS message: a commit, welcome or group info; the endpoint's limit too. */
const HANDSHAKE_BYTES = 128 * 1024;
/** The most bytes of an application message. */
export const MESSAGE_BYTES = 64 * 1024;
/** The most bytes of a message's additional data. */
export const HEADER_BYTES = 1024;

export function inner(group: Group): Inner {
  return group.inner as Inner;
}

/** The group in this state. */
export function groupOf(state: ClientState, policy: Policy): Group {
  checkContext(state.groupContext);
  const suite = suiteNumber(state.groupContext.cipherSuite);
  if (suite === undefined) throw new CryptoError("refused", "a group of an unknown suite is not accepted here");
  const conversation = hex(state.groupContext.groupId);
  if (conversation.length !== 32) throw new CryptoError("wrong-conversation", "the group is of no conversation");
  const held: Inner = { state, suite, policy };
  return { conversation, epoch: Number(state.groupContext.epoch), inner: held };
}

/** Reads one MLSMessage that fills the bytes wholly. */
export function decoded(bytes: Uint8Array): Promise<MLSMessage> {
  return library("malformed", "the message cannot be read", () => {
    const read = bytes.length <= HANDSHAKE_BYTES ? decodeMlsMessage(bytes, 0) : undefined;
    if (read?.[1] !== bytes.length) throw new CryptoError("malformed", "the message is cut short, too long or not MLS");
    return read[0];
  });
}

/** What to store. The signature key is not in it. */
export function exported(group: Group): Bytes {
  const { state, policy, suite } = inner(group);
  const prefix = new Uint8Array([VERSION, suite >> 8, suite & 0xff]);
  return concat(prefix, unhex(policy.business), encodeGroupState({ ...state, signaturePrivateKey: new Uint8Array() }));
}

/** The group from what was stored. Throws `corrupt-state` for any other version. */
export function imported(
  bytes: Uint8Array,
  customer: string,
  signaturePrivateKey: Uint8Array,
  clientConfig: ClientConfig,
): Group {
  const corrupt = (cause?: unknown) =>
    new CryptoError("corrupt-state", "the stored group is damaged or of another version; rejoin it", { cause });
  if (bytes[0] !== VERSION || bytes.length < 19) throw corrupt();
  try {
    const read = decodeGroupState(bytes.slice(19), 0);
    if (read?.[1] !== bytes.length - 19) throw corrupt();
    const policy = new Policy(hex(bytes.slice(3, 19)), customer);
    const group = groupOf({ ...read[0], signaturePrivateKey, clientConfig }, policy);
    if (inner(group).suite !== (bytes[1] ?? 0) * 256 + (bytes[2] ?? 0)) throw corrupt();
    leaves(read[0].ratchetTree);
    return group;
  } catch (error) {
    throw error instanceof CryptoError && error.why === "corrupt-state" ? error : corrupt(error);
  }
}
