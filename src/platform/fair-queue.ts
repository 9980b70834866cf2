import { WarroomError } from './errors.ts';

/** Everything was taken for as long as one may wait, or more wait already than it makes sense to. */
export class WaitedInVain extends WarroomError {
  readonly code = 'waited_in_vain';
  override readonly retryable = true;
  /** `too-many`: it was refused for those who wait already. */
  readonly why: 'too-long' | 'too-many';

  constructor(why: 'too-long' | 'too-many', message: string) {
    super(message, 'Try again later.');
    this.why = why;
  }
}

/** What a request is answered with: its place, or those that would do when they are free. */
export type Admission<Place> = { readonly place: Place } | { readonly waitsFor: readonly string[] };

export interface WaitLimits {
  /** Requests of one key that may wait at once. */
  readonly mostWaitingPerKey: number;
  /** All keys together; beyond it the newest of the longest line is refused, so that who asks most pays for it. */
  readonly mostWaiting: number;
  readonly mostWaitMs: number;
}

export interface FairQueueOptions<Request, Place> extends WaitLimits {
  /**
   * Takes a place for the request, at once and not at any of `withheld`: somebody whose turn came earlier waits for those.
   * What it throws is the answer to the request.
   */
  readonly admit: (request: Request, withheld: ReadonlySet<string>) => Admission<Place>;
}

export interface FairQueue<Request, Place> {
  /** @throws WaitedInVain, the reason of `signal`, or what `admit` throws */
  take(key: string, request: Request, signal: AbortSignal): Promise<Place>;
  /** Looks again for places: to be called when one was given back, or when there may be others than before. */
  serve(): void;
  readonly waiting: number;
}

interface Waiter<Request, Place> {
  readonly request: Request;
  readonly grant: (place: Place) => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Keys take turns, whoever of them asks most; within a key who came first is served first. Nobody starves: a place for which
 * somebody waits is given to no one whose turn comes later.
 */
export function createFairQueue<Request, Place>(
  options: FairQueueOptions<Request, Place>,
): FairQueue<Request, Place> {
  const { mostWaitingPerKey, mostWaiting, mostWaitMs } = options;
  /** In the order of turns: a key goes to the end when it was served. None is empty. */
  const lines = new Map<string, Waiter<Request, Place>[]>();
  let waiting = 0;

  function leave(key: string, waiter: Waiter<Request, Place>): void {
    const line = lines.get(key);
    const index = line?.indexOf(waiter) ?? -1;
    if (line === undefined || index === -1) return;
    line.splice(index, 1);
    waiting -= 1;
    if (line.length === 0) lines.delete(key);
  }

  /** One round over all keys. @returns whether somebody was served */
  function serveRound(withheld: Set<string>): boolean {
    for (const [key, [first]] of lines) {
      if (first === undefined) continue;
      let answer: Admission<Place>;
      try {
        answer = options.admit(first.request, withheld);
      } catch (error) {
        leave(key, first);
        first.refuse(error);
        return true;
      }
      if ('waitsFor' in answer) {
        for (const place of answer.waitsFor) withheld.add(place);
        continue;
      }
      leave(key, first);
      const line = lines.get(key);
      if (line !== undefined) {
        lines.delete(key);
        lines.set(key, line);
      }
      first.grant(answer.place);
      return true;
    }
    return false;
  }

  function serve(): void {
    // What is withheld is found anew each time: the order of turns has changed.
    while (serveRound(new Set()));
  }

  /** After it has joined its line and was not served at once. */
  function refuseTooMany(key: string): void {
    const own = lines.get(key) ?? [];
    if (own.length > mostWaitingPerKey) {
      refuseNewest(key, `${own.length - 1} of the same line wait already.`);
    } else if (waiting > mostWaiting) {
      // Of lines that are equally long, the one that grew.
      let [longest, line] = [key, own];
      for (const [other, its] of lines) if (its.length > line.length) [longest, line] = [other, its];
      refuseNewest(longest, `${waiting - 1} others wait already.`);
    }
  }

  /** It is the head of its line only where that is the last of all: nobody was held back for its sake. */
  function refuseNewest(key: string, message: string): void {
    const newest = lines.get(key)?.at(-1);
    if (newest === undefined) return;
    leave(key, newest);
    newest.refuse(new WaitedInVain('too-many', message));
  }

  async function take(key: string, request: Request, signal: AbortSignal): Promise<Place> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const waiter: Waiter<Request, Place> = { request, grant: resolve, refuse: reject };
    const line = lines.get(key) ?? [];
    line.push(waiter);
    lines.set(key, line);
    waiting += 1;
    serve();
    refuseTooMany(key);

    const giveUp = (reason: unknown): void => {
      leave(key, waiter);
      reject(reason);
      // Others may have been held back for its sake.
      serve();
    };
    const timer = setTimeout(() => {
      giveUp(new WaitedInVain('too-long', `Everything was taken for ${Math.round(mostWaitMs / 1000)} s.`));
    }, mostWaitMs);
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    take,
    serve,
    get waiting() {
      return waiting;
    },
  };
}

export interface FairGate {
  /** @returns what gives the place back; a second call does nothing */
  enter(key: string, signal: AbortSignal): Promise<() => void>;
}

/** A number of equal places, for which keys take turns. */
export function createFairGate(places: number, limits: WaitLimits): FairGate {
  let free = places;
  const queue = createFairQueue<null, () => void>({
    ...limits,
    admit() {
      if (free === 0) return { waitsFor: ['a place'] };
      free -= 1;
      let isGivenBack = false;
      return {
        place: () => {
          if (isGivenBack) return;
          isGivenBack = true;
          free += 1;
          queue.serve();
        },
      };
    },
  });
  return { enter: (key, signal) => queue.take(key, null, signal) };
}
