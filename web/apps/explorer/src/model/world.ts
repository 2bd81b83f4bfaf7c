/** Everything the models need from outside: no model touches the page, the clock or the network by itself. */
export type World = {
  fetch: (input: string, init: RequestInit) => Promise<Response>;
  /** Where the server is, such as `https://chat.example.com`. */
  origin: string;
  /** A clock that only runs forward, in milliseconds. */
  now: () => number;
};
