import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Gate {
  readonly url: string;
  /** Requests that came so far. */
  arrived(): number;
  /** Answers 404 to all that wait and all that come. */
  open(): void;
  close(): Promise<void>;
}

/** A server that keeps every request waiting until it is opened: whoever asked is in the middle of its work. */
export async function startGate(): Promise<Gate> {
  const waiting = new Set<ServerResponse>();
  let opened = false;
  let count = 0;
  const answer = (response: ServerResponse) => void response.writeHead(404).end();
  const server = createServer((request, response) => {
    request.resume();
    count += 1;
    if (opened) answer(response);
    else waiting.add(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived: () => count,
    open: () => {
      opened = true;
      for (const response of waiting) answer(response);
      waiting.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
