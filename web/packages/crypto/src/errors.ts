/** Why an operation was refused; the group it was given is still good. */
export type Why =
  /** The bytes are cut short, too long or not of this protocol. */
  | "malformed"
  /** The message belongs to another conversation. */
  | "wrong-conversation"
  /** Already applied, lost its race, too old, or from an epoch still to come. */
  | "wrong-epoch"
  /** Read before, or too far behind its sender's later messages. */
  | "spent"
  /** Nobody in the group made these bytes. */
  | "forged"
  /** Authentic, but its sender may not do this. */
  | "refused"
  /** A certificate is not this network's, or for another key. */
  | "untrusted"
  /** This device is no longer a member. */
  | "removed"
  /** The welcome is for none of this device's key packages. */
  | "no-secret"
  /** The message is this device's own. */
  | "own"
  /** The stored state is of another version, or damaged: rejoin. */
  | "corrupt-state";

export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly why: Why;
  constructor(why: Why, message: string, options?: ErrorOptions) {
    super(message, options);
    this.why = why;
  }
}

/** Runs what the library does; whatever it throws becomes a `CryptoError`. */
export async function library<T>(why: Why, what: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CryptoError) throw error;
    const spent = error instanceof Error && error.message === "Desired gen in the past";
    throw new CryptoError(spent ? "spent" : why, spent ? "the message was read before, or is too old" : what, {
      cause: error,
    });
  }
}
