/**
 * What the device needs of MLS. Groups are values: an operation gives the group that follows and leaves the one it was given
 * as it was, so that what is not written to the database has not happened.
 */
export interface Mls {
  /** The suites this device offers, best first. */
  readonly suites: readonly number[];
  /** A new device key: the Ed25519 seed and the public key, 32 bytes each. */
  generate(): Promise<{ seed: Uint8Array<ArrayBuffer>; publicKey: Uint8Array<ArrayBuffer> }>;
  /** The device with this key and certificate. */
  device(seed: Uint8Array<ArrayBuffer>, certificate: Uint8Array, networkKey: Uint8Array): Promise<MlsDevice>;
}

export interface MlsDevice {
  /** Ed25519 by the device's key. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** Whether the network signed these bytes: Ed25519 by its key. */
  signedByNetwork(bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
  keyPackages(suite: number, count: number, lastResort: boolean): Promise<NewKeyPackage[]>;
  /** Joins by a welcome. `secret` finds what belongs to a key package. Fails when none is there. */
  join(welcome: Uint8Array, secret: FindSecret): Promise<{ group: Group; used: string }>;
  /** Joins again by an external commit, which takes the place of this device's old leaf. */
  rejoin(groupInfo: Uint8Array): Promise<{ group: Group; commit: Uint8Array<ArrayBuffer> }>;
  encrypt(
    group: Group,
    header: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<{ group: Group; message: Uint8Array<ArrayBuffer> }>;
  /** Fails without having done anything for what is forged, repeated, of another epoch or not allowed. */
  receive(group: Group, message: Uint8Array): Promise<{ group: Group; received: Received }>;
  exportGroup(group: Group): Uint8Array<ArrayBuffer>;
  /** Fails when the bytes are of another version of the library: rejoin then. */
  importGroup(state: Uint8Array): Group;
  members(group: Group): Member[];
  /** What two people compare to know that nobody sits between them. */
  safetyNumber(group: Group): Promise<string>;
}

export type FindSecret = (reference: string) => Promise<Uint8Array<ArrayBuffer> | null>;

/** A group's state in memory. `inner` is the adapter's own. */
export interface Group {
  readonly conversation: string;
  readonly epoch: number;
  readonly inner: unknown;
}

export interface NewKeyPackage {
  reference: string;
  message: Uint8Array<ArrayBuffer>;
  secret: Uint8Array<ArrayBuffer>;
}

/** Who a member is, as the network vouches for it. Ids are hexadecimal. */
export interface Member {
  account: string;
  device: string;
  kind: "person" | "business" | "system";
}

export type Received =
  | { type: "application"; sender: Member; header: Uint8Array; plaintext: Uint8Array }
  | { type: "commit"; sender: Member; added: Member[]; removed: Member[]; ownRemoved: boolean };
