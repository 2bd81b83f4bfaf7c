/** What a request for a file came to: HTTP's status, 0 when the server was not reached. */
export interface Carried {
  status: number;
  body: Blob | null;
}

/** How far a file has come, from 0 to 1, and how it is called off. */
export interface Carrying {
  progress?(part: number): void;
  signal?: AbortSignal | undefined;
}

type Verb = { verb: "GET" } | { verb: "PUT"; token: string; body: Blob };

// `fetch` tells nothing of how far an upload has come; this does.
function carry(url: string, what: Verb, { progress, signal }: Carrying): Promise<Carried> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const moved = (event: ProgressEvent) => event.lengthComputable && progress?.(event.loaded / event.total);
    request.open(what.verb, url);
    request.responseType = "blob";
    request.onload = () => resolve({ status: request.status, body: request.response as Blob });
    request.onerror = () => resolve({ status: 0, body: null });
    request.onabort = () => reject(new DOMException("called off", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    if (what.verb === "PUT") {
      request.upload.onprogress = moved;
      request.setRequestHeader("authorization", `Bearer ${what.token}`);
      request.setRequestHeader("content-type", "application/octet-stream");
    } else request.onprogress = moved;
    if (signal?.aborted) request.abort();
    signal?.addEventListener("abort", abort);
    request.send(what.verb === "PUT" ? what.body : null);
  });
}

/** Files of messages at the network of `base` (an origin, "" for the page's own): sealed bytes under a name of 64 hexadecimal digits. */
export function fileServer(base: string) {
  const url = (blob: string) => `${base}/v1/blobs/${blob}`;
  return {
    put: (blob: string, token: string, body: Blob, way: Carrying) =>
      carry(url(blob), { verb: "PUT", token, body }, way),
    get: (blob: string, way: Carrying) => carry(url(blob), { verb: "GET" }, way),
  };
}
