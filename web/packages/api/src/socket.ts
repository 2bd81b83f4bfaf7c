/** What a connection tells its owner. Nothing comes after `closed`. */
export interface SocketEvents {
  message(data: Uint8Array<ArrayBuffer>): void;
  closed(): void;
}

/** A connection that carries whole frames. The server speaks first, so there is no "open". */
export interface Socket {
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Opens a connection. */
export type Dial = (events: SocketEvents) => Socket;

/** Dials a WebSocket, e.g. `wss://shop.example/v1/socket`. */
export function webSocketDial(url: string): Dial {
  return (events) => {
    const socket = new WebSocket(url);
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      events.closed();
    };
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (!over && data instanceof ArrayBuffer) events.message(new Uint8Array(data));
    };
    socket.onerror = end;
    socket.onclose = end;
    return {
      send(data) {
        if (socket.readyState === WebSocket.OPEN) socket.send(data);
      },
      close() {
        socket.close();
        end();
      },
    };
  };
}

/** Where the socket of the server at an origin is: `https://a.example` → `wss://a.example/v1/socket`. */
export function socketUrl(origin: string): string {
  return `${origin.replace(/^http/, "ws")}/v1/socket`;
}
