/** What the pages of one browser share: a lock that one of them holds, and a way to talk. */
export interface TabsPort {
  /**
   * Waits for the lock, then runs `lead` until its promise ends or the signal says that another page took the lock. With `steal`
   * it is taken from whoever holds it.
   */
  lead(lead: (deposed: AbortSignal) => Promise<void>, steal: boolean): void;
  /** Tells the other pages. */
  post(message: unknown): void;
  /** What the other pages tell. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

/** The pages of this browser with the same `name`. Without Web Locks every page believes that it is alone. */
export function browserTabs(name: string): TabsPort {
  const channel = new BroadcastChannel(name);
  const never = new Promise<void>(() => {});
  return {
    lead(lead, steal) {
      const deposed = new AbortController();
      if (!navigator.locks) {
        void lead(deposed.signal);
        return;
      }
      const held = navigator.locks.request(name, { steal }, () => Promise.race([lead(deposed.signal), never]));
      // The lock was stolen: whoever stole it leads now.
      held.catch(() => deposed.abort());
    },
    post: (message) => channel.postMessage(message),
    listen(listener) {
      channel.onmessage = ({ data }) => listener(data);
    },
    close: () => channel.close(),
  };
}
