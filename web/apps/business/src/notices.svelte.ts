import type { Shelf } from "@suki/ui/logic";

const KEY = "suki.inbox.notices";

export type NoticeState = "missing" | "blocked" | "off" | "on";

/** Notices of the browser, only after the person asked for them on this device. */
export class Notices {
  readonly #shelf: Shelf;
  state = $state<NoticeState>("off");

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.state = this.#read();
  }

  async turnOn(): Promise<void> {
    if (this.state === "missing") return;
    await Notification.requestPermission();
    this.#shelf.set(KEY, "on");
    this.state = this.#read();
  }

  turnOff(): void {
    this.#shelf.remove(KEY);
    this.state = this.#read();
  }

  /** Tells of a message; does nothing while the person looks at the page. `tag` makes one notice a chat. */
  tell(title: string, body: string, tag: string, onclick: () => void): void {
    if (this.state !== "on" || document.hasFocus()) return;
    try {
      const notice = new Notification(title, { body, tag, icon: "/inbox/icon-192.png" });
      notice.onclick = () => {
        window.focus();
        notice.close();
        onclick();
      };
    } catch {
      // Some phones only know notices of service workers.
      this.state = "missing";
    }
  }

  #read(): NoticeState {
    if (!("Notification" in globalThis)) return "missing";
    if (Notification.permission === "denied") return "blocked";
    return Notification.permission === "granted" && this.#shelf.get(KEY) === "on" ? "on" : "off";
  }
}
