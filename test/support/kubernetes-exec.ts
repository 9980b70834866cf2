import type { IncomingMessage } from 'node:http';
import { type Duplex, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';

const channel = { input: 0, output: 1, errors: 2, status: 3, close: 255 } as const;
const mostBuffered = 1024 * 1024;

export interface ExecServer {
  /** Takes the connection over and runs the command in the container. */
  serve(
    connection: { request: IncomingMessage; socket: Duplex; head: Buffer },
    container: Docker.Container,
    command: { argv: string[]; stdin: boolean },
    /** Called when the command has ended and before the client hears of it. */
    onEnd: (exitCode: number) => Promise<void>,
  ): void;
  /** Cuts all connections; what they run goes on. */
  cut(): void;
}

/**
 * `exec` of the kubelet: channels over a websocket, in the protocol that the client offers and `protocol` allows. Weaker than
 * containerd in one thing: that one tells a command's end only when nobody holds its output open any more, and the engine
 * behind this one tells it at once.
 */
export function createExecServer(protocol: () => string): ExecServer {
  const sockets = new Set<ServerSocket>();
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(protocol()) ? protocol() : false),
  });

  return {
    serve({ request, socket, head }, container, command, onEnd) {
      server.handleUpgrade(request, socket, head, (connection) => {
        sockets.add(connection);
        connection.on('close', () => sockets.delete(connection));
        connection.on('error', () => connection.terminate());
        run(connection, container, command, onEnd).catch((error: unknown) => {
          sendStatus(connection, {
            status: 'Failure',
            reason: 'InternalError',
            message: String(error),
            code: 500,
          });
        });
      });
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
  };
}

async function run(
  connection: ServerSocket,
  container: Docker.Container,
  { argv, stdin }: { argv: string[]; stdin: boolean },
  onEnd: (exitCode: number) => Promise<void>,
): Promise<void> {
  // What the client sends before the command runs must not be lost.
  const early: Buffer[] = [];
  let take = (message: Buffer): void => void early.push(message);
  connection.on('message', (message: Buffer) => take(message));

  const exec = await container.exec({
    Cmd: argv,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  });
  const stream = await exec.start({ hijack: true, stdin });
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
  });
  take = (message) => {
    if (message[0] === channel.close && message[1] === channel.input) stream.end();
    else if (message[0] === channel.input) stream.write(message.subarray(1));
  };
  early.forEach(take);
  const sink = (number: number): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        connection.send(Buffer.concat([Buffer.from([number]), chunk]), () => {
          if (connection.bufferedAmount < mostBuffered) stream.resume();
        });
        if (connection.bufferedAmount >= mostBuffered) stream.pause();
        done();
      },
    });
  container.modem.demuxStream(stream, sink(channel.output), sink(channel.errors));
  connection.on('close', () => stream.destroy());
  await ended;

  let state = await exec.inspect();
  while (state.Running) {
    await sleep(10);
    state = await exec.inspect();
  }
  const exitCode = state.ExitCode ?? 0;
  await onEnd(exitCode);
  sendStatus(
    connection,
    exitCode === 0
      ? { status: 'Success' }
      : {
          status: 'Failure',
          message: `command terminated with non-zero exit code: exit status ${exitCode}`,
          reason: 'NonZeroExitCode',
          details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
        },
  );
}

function sendStatus(connection: ServerSocket, status: object): void {
  const message = Buffer.from(JSON.stringify({ metadata: {}, ...status }));
  connection.send(Buffer.concat([Buffer.from([channel.status]), message]), () => connection.close());
}
