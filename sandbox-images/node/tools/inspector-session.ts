// biome-ignore-all lint/suspicious/noExplicitAny: answers of the Inspector protocol are read where they are used
type Handler = (params: any) => void;

/** One thread of a program: the main one of a process, or a worker. */
export class InspectorSession {
  readonly name: string;
  readonly #post: (message: string) => void;
  readonly #waiting = new Map<number, { resolve: (value: any) => void; reject: (error: Error) => void }>();
  readonly #handlers = new Map<string, Handler[]>();
  /** Where scripts come from, by the runtime's number, once `Debugger` is enabled. */
  readonly scripts = new Map<string, string>();
  /** Gets the pieces of a heap snapshot. */
  collect: (piece: { chunk: string }) => void = () => undefined;
  #next = 1;
  #closed = false;
  /** What is still to be read when its code has ended; the process waits for it. */
  beforeEnd: () => Promise<void> = async () => undefined;

  constructor(name: string, post: (message: string) => void) {
    this.name = name;
    this.#post = post;
    this.on('HeapProfiler.addHeapSnapshotChunk', (piece) => this.collect(piece));
    this.on('Debugger.scriptParsed', ({ scriptId, url }) => this.scripts.set(scriptId, url));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws when the thread is gone or gives no answer in time, which is so while a native call blocks it */
  send(method: string, params: object = {}, timeoutMs = 15_000): Promise<any> {
    if (this.#closed) return Promise.reject(new Error('the thread has ended'));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${method}: no answer`));
      }, timeoutMs);
      this.#waiting.set(id, {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#post(JSON.stringify({ id, method, params }));
    });
  }

  on(method: string, handler: Handler): void {
    this.#handlers.set(method, [...(this.#handlers.get(method) ?? []), handler]);
  }

  receive(text: string): void {
    const message = JSON.parse(text);
    if (message.id === undefined) {
      for (const handler of this.#handlers.get(message.method) ?? []) handler(message.params);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(new Error('the thread has ended'));
    this.#waiting.clear();
    for (const handler of this.#handlers.get('closed') ?? []) handler({});
  }
}

/**
 * Attaches to a process that waits for its debugger. `prepare` runs for the main thread and for each worker before any of
 * their code does.
 */
export async function attach(
  url: string,
  name: string,
  prepare: (session: InspectorSession) => Promise<void>,
): Promise<void> {
  const socket = new WebSocket(url);
  const main = new InspectorSession(name, (text) => socket.send(text));
  const workers = new Map<string, InspectorSession>();
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the inspector gave no answer')));
  });
  socket.addEventListener('message', (event) => main.receive(String(event.data)));
  socket.addEventListener('close', () => {
    main.close();
    for (const worker of workers.values()) worker.close();
  });
  main.on('NodeWorker.attachedToWorker', ({ sessionId, workerInfo }) => {
    const worker = new InspectorSession(
      nameOf(workerInfo),
      (message) =>
        void main.send('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(() => worker.close()),
    );
    workers.set(sessionId, worker);
    void start(worker, prepare);
  });
  main.on('NodeWorker.receivedMessageFromWorker', ({ sessionId, message }) => {
    workers.get(sessionId)?.receive(message);
  });
  main.on('NodeWorker.detachedFromWorker', ({ sessionId }) => workers.get(sessionId)?.close());
  main.on('NodeRuntime.waitingForDisconnect', () => {
    main
      .beforeEnd()
      .catch(() => undefined)
      .finally(() => socket.close());
  });
  await main.send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
  await main.send('NodeWorker.enable', { waitForDebuggerOnStart: true });
  await start(main, prepare);
}

/** `worker stock`, or `worker 1` when it has no name of its own. */
function nameOf({ title, workerId }: { title: string; workerId: string }): string {
  const own = /^\[worker \d+\] (?!WorkerThread)(.+)$/.exec(title)?.[1];
  return `worker ${own ?? workerId}`.slice(0, 150);
}

async function start(
  session: InspectorSession,
  prepare: (session: InspectorSession) => Promise<void>,
): Promise<void> {
  try {
    await prepare(session);
    // A worker whose debugger is on stops at its first line by itself.
    session.on('Debugger.paused', ({ reason }) => {
      if (reason === 'Break on start') void session.send('Debugger.resume').catch(() => undefined);
    });
    await session.send('Runtime.runIfWaitingForDebugger');
  } catch {
    // It ended meanwhile, which its own exit tells.
  }
}
