import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DockerHost } from '../../src/config/docker-hosts.ts';

/** The one engine that there is at another address, where some of its answers are others. */
export interface RefusingEngine {
  readonly host: DockerHost;
  stop(): Promise<void>;
}

/** @param refuse the status of an answer that is not the engine's; null: ask the engine */
export async function startRefusingEngine(
  refuse: (method: string, url: string) => number | null,
  socketPath = '/var/run/docker.sock',
): Promise<RefusingEngine> {
  // The client writes all of a container's profile into the address, too; the engine itself takes a megabyte.
  const server = createServer({ maxHeaderSize: 1024 * 1024 }, (asked, answer) => {
    const { method = 'GET', url = '/', headers } = asked;
    const status = refuse(method, url);
    if (status !== null) {
      // Not before all of it is read: who still writes would see a broken connection.
      asked.resume().once('end', () => {
        answer.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"refused"}');
      });
      return;
    }
    const passed = request({ socketPath, method, path: url, headers }, (engine) => {
      answer.writeHead(engine.statusCode ?? 502, engine.headers);
      engine.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: { kind: 'tcp', name: `tcp://127.0.0.1:${port}`, host: '127.0.0.1', port },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
