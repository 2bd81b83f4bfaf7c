import { hex, same } from "@suki/api";
import {
  type ClientConfig,
  type ClientState,
  type Credential,
  createApplicationMessage,
  defaultKeyPackageEqualityConfig,
  defaultLifetimeConfig,
  emptyPskIndex,
  encodeMlsMessage,
  joinGroup,
  joinGroupExternal,
} from "ts-mls";
import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";
import { certificateOf, type Member, verifyCertificate } from "./certificate.ts";
import { CryptoError, library } from "./errors.ts";
import { decoded, exported, type Group, groupOf, HEADER_BYTES, imported, inner, MESSAGE_BYTES } from "./group.ts";
import { generate, type NewKeyPackage, packed, unpacked } from "./keypackage.ts";
import { leaves, Policy } from "./policy.ts";
import { PAST_EPOCHS, type Received, receive } from "./receive.ts";
import { safetyNumber } from "./safety.ts";
import { type Ciphers, ciphers, suiteNumber, suites } from "./suite.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Finds the secret of a key package by its reference. */
export type FindSecret = (reference: string) => Promise<Bytes | null>;

/** Messages are padded to a multiple of so many bytes, so that their length tells little. */
const PADDING_BYTES = 256;
/** So many messages of a sender may arrive late within an epoch, and so many may never arrive: as for the endpoint. */
const RETENTION = { retainKeysForGenerations: 10, retainKeysForEpochs: PAST_EPOCHS, maximumForwardRatchetSteps: 2000 };

/** The padding that makes the ciphertext of an application message of this length end on a boundary, as the endpoint's does. */
function padding(length: number): number {
  const prefix = length < 64 ? 1 : length < 16_384 ? 2 : 4;
  const signature = 2 + 64;
  const tag = 16;
  const whole = prefix + length + signature + tag;
  return (PADDING_BYTES - (whole % PADDING_BYTES)) % PADDING_BYTES;
}

/** A customer's device: who it is, and what it does with groups. */
export class Device {
  readonly identity: Member;
  readonly #seed: Uint8Array;
  readonly #publicKey: Uint8Array;
  readonly #credential: Credential;
  readonly #networkKey: Uint8Array;
  readonly #ciphers: Ciphers;
  readonly #config: ClientConfig;

  private constructor(
    identity: Member,
    seed: Uint8Array,
    certificate: Uint8Array,
    networkKey: Uint8Array,
    by: Ciphers,
  ) {
    this.identity = identity;
    this.#seed = seed;
    this.#publicKey = by.ed25519.publicKey(seed);
    this.#credential = { credentialType: "basic", identity: certificate };
    this.#networkKey = networkKey;
    this.#ciphers = by;
    this.#config = {
      keyRetentionConfig: RETENTION,
      lifetimeConfig: defaultLifetimeConfig,
      keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
      paddingConfig: { kind: "alwaysPad", paddingLength: 0 },
      authService: {
        validateCredential: (credential, key) =>
          verifyCertificate(by.ed25519, networkKey, certificateOf(credential), key).then(
            () => true,
            () => false,
          ),
      },
    };
  }

  /** The device with this key and certificate. Fails when the network did not issue it, or for another key. */
  static async open(seed: Uint8Array, certificate: Uint8Array, networkKey: Uint8Array, by: Ciphers): Promise<Device> {
    const identity = await verifyCertificate(by.ed25519, networkKey, certificate, by.ed25519.publicKey(seed));
    return new Device(identity, seed, certificate, networkKey, by);
  }

  /** Ed25519 by the device's key. */
  sign(bytes: Uint8Array): Promise<Bytes> {
    return this.#ciphers.ed25519.sign(this.#seed, bytes);
  }

  /** Whether the network signed these bytes: Ed25519 by its key. */
  signedByNetwork(bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return this.#ciphers.ed25519.verify(this.#networkKey, bytes, signature);
  }

  /** New key packages of one suite. A last-resort one may be handed out again and again, so its secret is kept. */
  async keyPackages(suite: number, count: number, lastResort: boolean): Promise<NewKeyPackage[]> {
    const by = this.#suite(suite);
    const keys = { signKey: this.#seed, publicKey: this.#publicKey };
    const made: NewKeyPackage[] = [];
    while (made.length < count) made.push(await packed(by, await generate(by, this.#credential, keys, lastResort)));
    return made;
  }

  /** Joins by a welcome. `used` names the key package it was for. */
  async join(bytes: Uint8Array, secret: FindSecret): Promise<{ group: Group; used: string }> {
    const message = await decoded(bytes);
    if (message.wireformat !== "mls_welcome") throw new CryptoError("malformed", "this is no welcome");
    const { welcome } = message;
    const suite = this.#suite(suiteNumber(welcome.cipherSuite));
    for (const { newMember } of welcome.secrets) {
      const used = hex(newMember);
      const found = await secret(used);
      if (!found) continue;
      const { publicPackage, privatePackage } = await unpacked(found, this.#seed);
      const [state, signer] = await library("forged", "the welcome is not authentic", async () => {
        const joined = await joinGroup(
          welcome,
          publicPackage,
          privatePackage,
          emptyPskIndex,
          suite,
          undefined,
          undefined,
          this.#config,
        );
        const key = await suite.hpke.importPrivateKey(privatePackage.initPrivateKey);
        const secrets = await decryptGroupSecrets(key, newMember, welcome, suite.hpke);
        const info =
          secrets && (await decryptGroupInfo(welcome, secrets.joinerSecret, new Uint8Array(suite.kdf.size), suite));
        return [joined, info?.signer] as const;
      });
      const members = leaves(state.ratchetTree);
      const policy = Policy.of(members, this.identity.account);
      if (!members.some(({ index, member }) => index === signer && policy.isBusiness(member))) {
        throw new CryptoError("refused", "a welcome by anybody but the business is not accepted here");
      }
      return { group: groupOf(state, policy), used };
    }
    throw new CryptoError("no-secret", "the welcome is for none of this device's key packages");
  }

  /** Joins by an external commit, which takes the place of this device's old leaf. Drop the group if the network refuses it. */
  async rejoin(bytes: Uint8Array): Promise<{ group: Group; commit: Bytes }> {
    const message = await decoded(bytes);
    if (message.wireformat !== "mls_group_info") throw new CryptoError("malformed", "this is no group info");
    const { groupInfo } = message;
    const suite = this.#suite(suiteNumber(groupInfo.groupContext.cipherSuite));
    const keys = { signKey: this.#seed, publicKey: this.#publicKey };
    const { publicMessage, newState } = await library("forged", "the group info is not authentic", async () => {
      const tree = ratchetTreeFromExtension(groupInfo) ?? [];
      const resync = tree.some(
        (node) => node?.nodeType === "leaf" && same(node.leaf.signaturePublicKey, this.#publicKey),
      );
      const { publicPackage, privatePackage } = await generate(suite, this.#credential, keys, false);
      return joinGroupExternal(groupInfo, publicPackage, privatePackage, resync, suite, undefined, this.#config);
    });
    const policy = Policy.of(leaves(newState.ratchetTree), this.identity.account);
    const commit = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage }) as Bytes;
    return { group: groupOf(newState, policy), commit };
  }

  /** Encrypts a message with `header` as its additional data, which stays readable and is authenticated. */
  async encrypt(group: Group, header: Uint8Array, plaintext: Uint8Array): Promise<{ group: Group; message: Bytes }> {
    const { state, suite, policy } = inner(group);
    if (state.groupActiveState.kind !== "active")
      throw new CryptoError("removed", "this device was removed from the group");
    if (header.length > HEADER_BYTES) throw new CryptoError("malformed", `a header has at most ${HEADER_BYTES} bytes`);
    const paddingConfig = { kind: "alwaysPad", paddingLength: padding(plaintext.length) } as const;
    const padded: ClientState = { ...state, clientConfig: { ...this.#config, paddingConfig } };
    const { newState, privateMessage } = await createApplicationMessage(padded, plaintext, this.#suite(suite), header);
    const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage }) as Bytes;
    if (message.length > MESSAGE_BYTES)
      throw new CryptoError("malformed", `a message has at most ${MESSAGE_BYTES} bytes`);
    return { group: groupOf({ ...newState, clientConfig: this.#config }, policy), message };
  }

  /** Reads one message of the log. Fails with the group unchanged for what is forged, repeated, of another epoch or not allowed. */
  receive(group: Group, message: Uint8Array): Promise<{ group: Group; received: Received }> {
    return receive(group, message, this.#suite(inner(group).suite));
  }

  /** What to store of a group, without the device's own key. */
  exportGroup(group: Group): Bytes {
    return exported(group);
  }

  /** The group from what was stored. Throws `corrupt-state` when it is damaged or of another version: rejoin then. */
  importGroup(state: Uint8Array): Group {
    return imported(state, this.identity.account, this.#seed, this.#config);
  }

  /** Who is in the group. Their certificates were checked when they came in. */
  members(group: Group): Member[] {
    return leaves(inner(group).state.ratchetTree).map(({ member }) => member);
  }

  /** What two people compare to know that nobody sits between them: 60 digits, the same on every member's screen. */
  safetyNumber(group: Group): Promise<string> {
    return safetyNumber(group.conversation, leaves(inner(group).state.ratchetTree));
  }

  #suite(number: number | undefined) {
    const suite = number === undefined ? undefined : this.#ciphers.suite(number);
    if (!suite) throw new CryptoError("refused", "a suite this device does not speak is not accepted here");
    return suite;
  }
}

/** MLS for a customer's device, on the ciphers of this platform. */
export class Mls {
  /** The suites this device offers, best first. */
  readonly suites = suites;
  #ciphers: Promise<Ciphers> | undefined;
  readonly #have: { ed25519: boolean; x25519: boolean } | undefined;

  /** `have` overrules the test of what WebCrypto can do. */
  constructor(have?: { ed25519: boolean; x25519: boolean }) {
    this.#have = have;
  }

  #by(): Promise<Ciphers> {
    this.#ciphers ??= ciphers(this.#have);
    return this.#ciphers;
  }

  /** A new device key: the Ed25519 seed and the public key, 32 bytes each. */
  async generate(): Promise<{ seed: Bytes; publicKey: Bytes }> {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    return { seed, publicKey: (await this.#by()).ed25519.publicKey(seed) };
  }

  /** The device with this key and certificate. Fails when the network did not issue it, or for another key. */
  async device(seed: Uint8Array, certificate: Uint8Array, networkKey: Uint8Array): Promise<Device> {
    return Device.open(seed, certificate, networkKey, await this.#by());
  }
}
