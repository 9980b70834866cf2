import type { Service } from '../domain/service.ts';
import { explainError, WarroomError } from '../platform/errors.ts';
import type { SourceControl } from '../ports/source-control.ts';
import { openServiceSandbox, type SandboxMeans, type ServiceSandbox } from './open-service-sandbox.ts';

/** A sandbox with a service's tree at a commit. */
export interface Bench extends ServiceSandbox {
  readonly service: Service;
  readonly at: string;
  /** Whether its files may differ from the commit: commands and edits of an agent went before. For titles, not for trust. */
  edited: boolean;
  /** Whether an agent ever chose what ran here: what that left in servers beside the sandbox, no reset takes back. */
  handedOver: boolean;
}

export type Worked<T> =
  | { readonly had: true; readonly value: T }
  /** A clause: why there was no sandbox. */
  | { readonly had: false; readonly why: string };

/** Sandboxes of one investigation: opened when the first tool needs one, kept between tools, closed at its end. */
export interface SandboxDesk {
  /**
   * Gives `work` the sandbox of the service at the commit, one caller at a time. That none can be had is an answer; errors
   * of `work` are thrown.
   */
  use<T>(
    service: Service,
    at: string,
    signal: AbortSignal,
    work: (bench: Bench) => Promise<T>,
  ): Promise<Worked<T>>;
  /** Removes everything, also when some of it fails to go. */
  close(): Promise<void>;
}

/** For the thread, when `close` fails. */
export function sayLeft(error: unknown): string {
  return `A sandbox could not be removed and is swept later: ${explainError(error)}`;
}

/** A commit and its parent can be compared; more are not kept at once. */
const mostOpen = 2;
const unusable = ['sandbox_unavailable', 'sandbox_lost', 'workspace_too_large', 'workspace_broken'];

interface Kept {
  readonly bench: Bench;
  readonly tree: { remove(): Promise<void> };
}

export function openSandboxDesk(
  incidentId: string,
  sources: SandboxMeans & { readonly source: SourceControl },
  /** Hears what a sandbox lacks, once. */
  tell: (lack: string) => Promise<void> = async () => undefined,
): SandboxDesk {
  const told = new Set<string>();
  const kept = new Map<string, Kept>();
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function open(service: Service, at: string, signal: AbortSignal): Promise<Kept> {
    const tree = await sources.source.checkout(service, at, signal);
    try {
      const spec = { incidentId, workspace: tree.path };
      const opened = await openServiceSandbox(sources, service, spec, signal);
      return { bench: { ...opened, service, at, edited: false, handedOver: false }, tree };
    } catch (error) {
      await tree.remove();
      throw error;
    }
  }

  async function drop(key: string): Promise<void> {
    const known = kept.get(key);
    kept.delete(key);
    if (known === undefined) return;
    try {
      await known.bench.sandbox.close();
    } finally {
      await known.tree.remove();
    }
  }

  async function benchOf(service: Service, at: string, signal: AbortSignal): Promise<Bench> {
    const key = `${service.name}\0${at}`;
    const known = kept.get(key);
    if (known !== undefined) {
      // Last used, last to go.
      kept.delete(key);
      kept.set(key, known);
      return known.bench;
    }
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= mostOpen) await drop(oldest);
    const opened = await open(service, at, signal);
    kept.set(key, opened);
    for (const lack of opened.bench.missing) {
      if (told.has(lack)) continue;
      told.add(lack);
      await tell(lack);
    }
    return opened.bench;
  }

  async function work<T>(
    service: Service,
    at: string,
    signal: AbortSignal,
    task: (bench: Bench) => Promise<T>,
  ): Promise<Worked<T>> {
    if (closed) return { had: false, why: 'the investigation is over' };
    signal.throwIfAborted();
    const why = await sources.sandbox.unavailable(signal);
    if (why !== null) return { had: false, why };
    try {
      return { had: true, value: await task(await benchOf(service, at, signal)) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WarroomError) || !unusable.includes(error.code)) throw error;
      // Gone with all that was in it; the next tool gets a fresh one.
      await drop(`${service.name}\0${at}`).catch(() => undefined);
      return { had: false, why: error.message };
    }
  }

  return {
    use(service, at, signal, task) {
      const mine = turn.then(() => work(service, at, signal, task));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async close() {
      closed = true;
      await turn;
      const ends = await Promise.allSettled([...kept.keys()].map(drop));
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}
