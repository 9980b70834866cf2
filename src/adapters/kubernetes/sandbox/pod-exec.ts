import { PassThrough, Writable } from 'node:stream';
import type { KubeConfig, V1Status } from '@kubernetes/client-node';
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js';

export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Gets the command's standard input, which takes as fast as the connection does; without it the command reads nothing. */
  readonly writeInput?: (input: NodeJS.WritableStream) => Promise<void>;
}

export type ExecEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** The command could not be started, or the cluster lost it. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The connection ended before the command did, as far as we know. */
  | { readonly kind: 'cut' };

export interface PodExec {
  /** Never rejects. */
  readonly ended: Promise<ExecEnd>;
  /** Stops listening. What runs inside goes on: Kubernetes cannot kill an exec. */
  abandon(): void;
}

/** The connection was not accepted; the state of the pod says why. */
export class ExecNotStarted extends Error {}

const channel = { input: 0, output: 1, errors: 2, status: 3, close: 255 } as const;
const connectTimeoutMs = 20_000;
/** Between us and the node there may be balancers that cut what is silent. */
const pingMs = 20_000;

/** What is used of the connection, which is of the package `ws`. */
interface Socket {
  readonly protocol: string;
  send(data: Buffer, done: (error?: Error) => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  terminate(): void;
  on(event: 'close' | 'pong' | 'error', listener: () => void): void;
}

/**
 * One command in a running container, over a websocket (`v5.channel.k8s.io`, Kubernetes 1.30 and later).
 * @throws ExecNotStarted
 */
export async function startExec(
  config: KubeConfig,
  { namespace, pod, container }: ExecTarget,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<PodExec> {
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true', tty: 'false' });
  query.set('stdin', String(request.writeInput !== undefined));
  for (const part of request.argv) query.append('command', part);
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.toString()}`;

  const { promise: ended, resolve: end } = Promise.withResolvers<ExecEnd>();
  let socket: Socket | undefined;
  const receive = (stream: number, data: Buffer): boolean => {
    if (stream === channel.status) end(readStatus(data));
    const sink = stream === channel.output ? request.stdout : request.stderr;
    if (stream !== channel.output && stream !== channel.errors) return true;
    // Whoever reads slowly is not flooded: the command waits.
    if (!sink.write(data) && !sink.destroyed) {
      socket?.pause();
      sink.once('drain', () => socket?.resume());
    }
    return true;
  };
  socket = await connect(config, path, receive, signal);

  let alive = true;
  const beat = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, pingMs);
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(beat);
    end({ kind: 'cut' });
  });
  void ended.then(() => socket.terminate());

  if (request.writeInput !== undefined) {
    // When the command does not read to the end, how it ended says more.
    request.writeInput(inputOf(socket)).catch(() => socket.terminate());
  }
  return { ended, abandon: () => socket.terminate() };
}

function inputOf(socket: Socket): Writable {
  const send = (stream: number, chunk: Buffer, done: (error?: Error | null) => void): void =>
    socket.send(Buffer.concat([Buffer.from([stream]), chunk]), (error) => done(error ?? null));
  return new Writable({
    highWaterMark: 256 * 1024,
    write: (chunk: Buffer, _encoding, done) => send(channel.input, chunk, done),
    final: (done) => send(channel.close, Buffer.from([channel.input]), done),
  });
}

async function connect(
  config: KubeConfig,
  path: string,
  receive: (stream: number, data: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Socket> {
  // Without streams of its own the client would end those of this process when the server asked for it.
  const own = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const connecting = new WebSocketHandler(config, undefined, own).connect(path, null, receive);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]);
  const givenUp = Promise.withResolvers<never>();
  const onAbort = (): void => givenUp.reject(limit.reason);
  limit.addEventListener('abort', onAbort, { once: true });
  try {
    limit.throwIfAborted();
    const socket = (await Promise.race([connecting, givenUp.promise])) as unknown as Socket;
    if (WebSocketHandler.supportsClose(socket.protocol)) return socket;
    socket.terminate();
    throw new ExecNotStarted(
      'the API server does not speak v5.channel.k8s.io (Kubernetes 1.30 and later do)',
    );
  } catch (error) {
    connecting.then((late) => (late as unknown as Socket).terminate()).catch(() => undefined);
    signal.throwIfAborted();
    if (error instanceof ExecNotStarted) throw error;
    throw new ExecNotStarted('the API server did not take the exec', { cause: error });
  } finally {
    limit.removeEventListener('abort', onAbort);
  }
}

function readStatus(data: Buffer): ExecEnd {
  let status: V1Status;
  try {
    status = JSON.parse(data.toString('utf8')) as V1Status;
  } catch {
    return { kind: 'failed', reason: 'the API server sent a status that is none' };
  }
  if (status.status === 'Success') return { kind: 'exited', exitCode: 0 };
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (status.reason === 'NonZeroExitCode' && code !== undefined && /^\d+$/.test(code)) {
    return { kind: 'exited', exitCode: Number(code) };
  }
  return { kind: 'failed', reason: String(status.message ?? 'no reason given').slice(0, 300) };
}
