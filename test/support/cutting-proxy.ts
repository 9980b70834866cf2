import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

/** A wire between us and a server that can be cut at the moment when a request is through and its answer is not. */
export interface CuttingProxy {
  readonly port: number;
  /** The next request that contains `text` is passed on; its answer and the connection are lost. */
  loseAnswerTo(text: string): void;
  stop(): Promise<void>;
}

export async function startCuttingProxy(server: NetConnectOpts): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let armed: string | null = null;
  const proxy = createServer((client) => {
    const upstream = connect(server);
    let cut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.on('data', (data) => {
      if (armed !== null && data.includes(armed)) {
        armed = null;
        cut = true;
      }
      upstream.write(data);
    });
    client.once('end', () => upstream.end());
    upstream.on('data', (data) => {
      if (cut) client.destroy();
      else client.write(data);
    });
    upstream.once('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    loseAnswerTo: (text) => {
      armed = text;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
