/** Small texts kept on this device; never full, never throwing: what cannot be kept is forgotten. */
export type Shelf = {
  get: (key: string) => string | null;
  set: (key: string, value: string) => void;
  remove: (key: string) => void;
};

/** The browser's own shelf. Private windows and full disks refuse storage; an app works on without it. */
export const localShelf: Shelf = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Forgotten at the next reload, as the shelf promises.
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // There was nothing to remove.
    }
  },
};
