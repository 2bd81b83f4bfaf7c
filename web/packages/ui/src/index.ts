export { default as AudioBar } from "./AudioBar.svelte";
export { default as Avatar } from "./Avatar.svelte";
export { arrange, arrivedSince, GROUP_SPAN, type Place, type Row, type ThreadItem } from "./arrange.ts";
export { colourOf, initials } from "./avatar.ts";
export { default as Bubble } from "./Bubble.svelte";
export { default as Button } from "./Button.svelte";
export { default as ChatRow } from "./ChatRow.svelte";
export { default as ChoiceSheet } from "./ChoiceSheet.svelte";
export { default as Composer } from "./Composer.svelte";
export { default as ContactCards } from "./ContactCards.svelte";
export { default as CopyField } from "./CopyField.svelte";
export { default as Countdown } from "./Countdown.svelte";
export { default as Dialog } from "./Dialog.svelte";
export { default as EmptyState } from "./EmptyState.svelte";
export { default as FileRow } from "./FileRow.svelte";
export { default as Front } from "./Front.svelte";
export { default as Icon } from "./Icon.svelte";
export { default as IconButton } from "./IconButton.svelte";
export type { IconName } from "./icons.ts";
export { emojiOnly, linkify, type Segment } from "./linkify.ts";
export { default as Mark } from "./Mark.svelte";
export { default as MediaBox } from "./MediaBox.svelte";
export { default as Menu } from "./Menu.svelte";
export { clockOf, extension, type FileInfo, type FileView, room, type SeenReaction } from "./media.ts";
export { default as OrderCard } from "./OrderCard.svelte";
export { default as Page } from "./Page.svelte";
export { default as PlaceCard } from "./PlaceCard.svelte";
export { previewOf } from "./preview.ts";
export { default as QrCode } from "./QrCode.svelte";
export { default as Reactions } from "./Reactions.svelte";
export { default as Segmented } from "./Segmented.svelte";
export { default as StatusBar } from "./StatusBar.svelte";
export { default as StructuredBubble } from "./StructuredBubble.svelte";
export { saveBlob, saveUrl } from "./save.ts";
export { whenSeen } from "./seen.ts";
export { localShelf, type Shelf } from "./shelf.ts";
export {
  link,
  type Press,
  press,
  type Structured,
  type StructuredButton,
  type StructuredHeader,
} from "./structured.ts";
export { default as TextField } from "./TextField.svelte";
export { default as Thread } from "./Thread.svelte";
export { default as Ticks } from "./Ticks.svelte";
export { default as Toaster } from "./Toaster.svelte";
export { default as TrustBadge } from "./TrustBadge.svelte";
export { default as TypingDots } from "./TypingDots.svelte";
export { advance, type TickState } from "./ticks.ts";
export { dismiss, type Toast, toast, toasts } from "./toasts.svelte.ts";
export { default as Viewer } from "./Viewer.svelte";
export { type VCard, vcard } from "./vcard.ts";
export { SOON, type WindowState, windowState } from "./window.ts";
