import { hex } from "@suki/api";
import {
  type CiphersuiteImpl,
  type ClientState,
  emptyPskIndex,
  type MlsPrivateMessage,
  type MlsPublicMessage,
  type PrivateMessage,
  type Proposal,
  processMessage,
} from "ts-mls";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { certificateOf, type Member, readCertificate } from "./certificate.ts";
import { CryptoError, library } from "./errors.ts";
import { decoded, type Group, groupOf, inner, MESSAGE_BYTES } from "./group.ts";
import { leaves, type Policy } from "./policy.ts";

/** What a message was. */
export type Received =
  | { type: "application"; sender: Member; header: Uint8Array; plaintext: Uint8Array }
  | { type: "commit"; sender: Member; added: Member[]; removed: Member[]; ownRemoved: boolean };

/** So many epochs before the current one can still be read, as by the endpoint. */
export const PAST_EPOCHS = 2;

type Result = { group: Group; received: Received };

/** Reads one message of the log: an application message, or a commit, which is applied if the policy allows it. */
export async function receive(group: Group, bytes: Uint8Array, suite: CiphersuiteImpl): Promise<Result> {
  const { state } = inner(group);
  if (state.groupActiveState.kind !== "active")
    throw new CryptoError("removed", "this device was removed from the group");
  const message = await decoded(bytes);
  if (message.wireformat === "mls_private_message") {
    const { groupId, epoch, contentType } = message.privateMessage;
    check(group, groupId, epoch, contentType === "application" ? PAST_EPOCHS : 0);
    if (contentType === "application") {
      if (bytes.length > MESSAGE_BYTES) throw new CryptoError("malformed", "the message is too long");
      return application(group, message.privateMessage, suite);
    }
    if (contentType === "commit") return commit(group, message, suite);
  } else if (message.wireformat === "mls_public_message") {
    const { groupId, epoch, contentType, sender } = message.publicMessage.content;
    check(group, groupId, epoch, 0);
    if (contentType === "commit" && sender.senderType === "new_member_commit") return commit(group, message, suite);
  }
  throw new CryptoError("refused", "a message of this kind is not accepted here");
}

function check(group: Group, groupId: Uint8Array, epoch: bigint, past: number): void {
  if (hex(groupId) !== group.conversation) {
    throw new CryptoError("wrong-conversation", "the message belongs to another conversation");
  }
  if (epoch > BigInt(group.epoch) || epoch < BigInt(group.epoch - past)) {
    throw new CryptoError("wrong-epoch", `the message is of epoch ${epoch}, the group is in epoch ${group.epoch}`);
  }
}

/** By hand rather than by `processMessage`, which does not say who sent it. */
async function application(group: Group, message: PrivateMessage, suite: CiphersuiteImpl): Promise<Result> {
  const { state, policy } = inner(group);
  const past = message.epoch < state.groupContext.epoch ? state.historicalReceiverData.get(message.epoch) : undefined;
  if (message.epoch < state.groupContext.epoch && !past) {
    throw new CryptoError("wrong-epoch", `the message is of epoch ${message.epoch}, before this device joined`);
  }
  const { senderDataSecret } = past ?? state.keySchedule;
  const { secretTree, ratchetTree, groupContext } = past ?? state;
  const { keyRetentionConfig } = state.clientConfig;
  const { content, tree } = await library("forged", "the message is not authentic", () =>
    unprotectPrivateMessage(
      senderDataSecret,
      message,
      secretTree,
      ratchetTree,
      groupContext,
      keyRetentionConfig,
      suite,
    ),
  );
  const { sender } = content.content;
  if (content.content.contentType !== "application" || sender.senderType !== "member") {
    throw new CryptoError("malformed", "the message is no application message");
  }
  if (past === undefined && sender.leafIndex === state.privatePath.leafIndex) {
    throw new CryptoError("own", "the message is this device's own");
  }
  const from = leaves(ratchetTree).find(({ index }) => index === sender.leafIndex);
  if (!from) throw new CryptoError("forged", "the message's sender is not a member");
  const next: ClientState = past
    ? {
        ...state,
        historicalReceiverData: new Map(state.historicalReceiverData).set(message.epoch, { ...past, secretTree: tree }),
      }
    : { ...state, secretTree: tree };
  const plaintext = content.content.applicationData;
  const received: Received = { type: "application", sender: from.member, header: message.authenticatedData, plaintext };
  return { group: groupOf(next, policy), received };
}

function allowed(policy: Policy, state: ClientState, message: MlsPrivateMessage | MlsPublicMessage) {
  const before = leaves(state.ratchetTree);
  const content = message.wireformat === "mls_public_message" ? message.publicMessage.content : undefined;
  const path = content?.contentType === "commit" ? content.commit.path : undefined;
  const joiner = path ? readCertificate(certificateOf(path.leafNode.credential)) : undefined;
  return (senderLeaf: number | undefined, proposals: Proposal[]) => {
    const committer = before.find(({ index }) => index === senderLeaf)?.member;
    if (senderLeaf !== undefined && !committer) throw new CryptoError("forged", "the change's sender is not a member");
    return policy.check(proposals, before, committer, joiner);
  };
}

async function commit(
  group: Group,
  message: MlsPrivateMessage | MlsPublicMessage,
  suite: CiphersuiteImpl,
): Promise<Result> {
  const { state, policy } = inner(group);
  let effect: ReturnType<ReturnType<typeof allowed>> | undefined;
  let committerLeaf: number | undefined;
  const { newState } = await library("forged", "the change of the group is not authentic", async () => {
    const decide = allowed(policy, state, message);
    return processMessage(
      message,
      state,
      emptyPskIndex,
      (incoming) => {
        if (incoming.kind !== "commit") throw new CryptoError("refused", "a proposal is not accepted here");
        committerLeaf = incoming.senderLeafIndex;
        effect = decide(
          incoming.senderLeafIndex,
          incoming.proposals.map(({ proposal }) => proposal),
        );
        return "accept";
      },
      suite,
    );
  });
  if (!effect) throw new CryptoError("malformed", "the message is no change of the group");
  const sender = effect.sender;
  const after = leaves(newState.ratchetTree);
  const still =
    committerLeaf === undefined ||
    after.some(({ index, member }) => index === committerLeaf && sameMember(member, sender));
  if (!still) throw new CryptoError("refused", "a change of a member's identity is not accepted here");
  for (const { member } of after) policy.mayBeMember(member);
  const ownRemoved = newState.groupActiveState.kind === "removedFromGroup";
  return { group: groupOf(newState, policy), received: { type: "commit", ...effect, ownRemoved } };
}

function sameMember(a: Member, b: Member): boolean {
  return a.account === b.account && a.device === b.device && a.kind === b.kind;
}
