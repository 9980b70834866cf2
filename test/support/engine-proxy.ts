import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { DockerHost } from '../../src/config/docker-hosts.ts';

/** A second address of the one engine that there is, standing in for a second machine: it can be away and come back. */
export interface EngineProxy {
  readonly host: DockerHost;
  /** Nobody listens any more, and who is connected is cut off. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  /** Requests that were passed on. */
  readonly requests: number;
  stop(): Promise<void>;
}

export async function startEngineProxy(socketPath = '/var/run/docker.sock'): Promise<EngineProxy> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: socketPath, allowHalfOpen: true });
    requests += 1;
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    client.on('error', () => engine.destroy());
    engine.on('error', () => client.destroy());
    client.pipe(engine);
    engine.pipe(client);
  });
  let port = 0;
  async function comeBack(): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  }
  async function leave(): Promise<void> {
    if (!server.listening) return;
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
  await comeBack();
  return {
    host: { kind: 'tcp', name: `tcp://127.0.0.1:${port}`, host: '127.0.0.1', port },
    leave,
    comeBack,
    get requests() {
      return requests;
    },
    stop: leave,
  };
}
