export type Toast = { id: number; text: string; tone: "plain" | "danger"; action?: { label: string; run: () => void } };

let list = $state<Toast[]>([]);
let next = 1;

/** What is told right now; the Toaster shows it. */
export function toasts(): readonly Toast[] {
  return list;
}

/** Tells something in passing. It leaves after `stay` milliseconds; one with an action or a danger stays twice as long. */
export function toast(
  text: string,
  options: { tone?: Toast["tone"]; action?: Toast["action"]; stay?: number } = {},
): void {
  const { tone = "plain", action, stay = 5_000 } = options;
  const one: Toast = { id: next++, text, tone, ...(action ? { action } : {}) };
  list = [...list.slice(-2), one];
  setTimeout(() => dismiss(one.id), action || tone === "danger" ? stay * 2 : stay);
}

export function dismiss(id: number): void {
  list = list.filter((one) => one.id !== id);
}
