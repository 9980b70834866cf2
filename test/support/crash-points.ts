import type { FlowContext } from '../../src/flow/context.ts';
import type { Record, Rows } from '../../src/ports/record.ts';
import type { Remedy, RemedyRegistry } from '../../src/ports/remedy.ts';

/** `before`: the call is never made. `after`: it has done its work, and who called never hears of it. */
export interface CrashPoint {
  /** Of the calls that the flow makes to the outside, counted from 0. */
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** A call told by its name, for where the number of earlier calls differs from run to run. */
export interface NamedCrashPoint {
  readonly name: string;
  /** Of the calls of this name, counted from 0. */
  readonly nth: number;
  /** `during`: it has been made, and nobody knows how far it came. */
  readonly when: CrashPoint['when'] | 'during';
}

/** What a call to a server near by takes at most: a process that dies in the middle of one dies within this. */
const longestMs = 4;

/**
 * Ends a process at one of its awaited calls, as `kill -9` does: from then on nothing that its flow asks for is done or
 * answered, and an open transaction is undone by the database. What it had asked for until then stays done.
 */
export class CrashPoints {
  /** Names of the calls made so far. */
  readonly calls: string[] = [];
  /** Resolves with the name of the call at which the process ended. */
  readonly died: Promise<string>;
  readonly #point: CrashPoint | NamedCrashPoint | null;
  #end: (call: string) => void = () => undefined;
  #dead = false;

  /** @param point null counts the calls of a process that lives */
  constructor(point: CrashPoint | NamedCrashPoint | null) {
    this.#point = point;
    this.died = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The same flow, with every way to the outside going through this. */
  wrap(flow: FlowContext): FlowContext {
    const { metrics } = flow.sources;
    const remedies = Object.entries(flow.remedies).map(([kind, remedy]: [string, Remedy]) => [
      kind,
      this.#wrapGroup(kind, remedy, ['targets']),
    ]);
    return {
      ...flow,
      record: this.#wrapRecord(flow.record),
      remedies: Object.fromEntries(remedies) as RemedyRegistry,
      sources: { ...flow.sources, metrics: metrics === null ? null : this.#wrapGroup('metrics', metrics) },
      directory: flow.directory === null ? null : this.#wrapGroup('directory', flow.directory),
      queue: this.#wrapGroup('queue', flow.queue),
    };
  }

  /** A further way to the outside, such as what a remedy acts with. */
  watch<T extends object>(prefix: string, group: T): T {
    return this.#wrapGroup(prefix, group);
  }

  #wrapRecord(record: Record): Record {
    const rows = this.#wrapRows(record, 'record');
    const transaction: Record['transaction'] = (work) =>
      this.#call('transaction', () =>
        record.transaction((inner) =>
          Promise.race([work(this.#wrapRows(inner, 'rows')), this.#undoAtDeath()]),
        ),
      );
    return new Proxy(record, {
      get: (_, name) => (name === 'transaction' ? transaction : Reflect.get(rows, name)),
    });
  }

  #wrapRows<R extends Rows>(rows: R, prefix: string): R {
    return new Proxy(rows, {
      get: (target, name) => {
        const part: unknown = Reflect.get(target, name);
        if (typeof part === 'function') {
          return () => this.#call(`${prefix}.${String(name)}`, () => part.call(target));
        }
        return typeof part === 'object' && part !== null
          ? this.#wrapGroup(`${prefix}.${String(name)}`, part)
          : part;
      },
    });
  }

  #wrapGroup<T extends object>(prefix: string, group: T, synchronous: readonly string[] = []): T {
    return new Proxy(group, {
      get: (target, name) => {
        const part: unknown = Reflect.get(target, name);
        if (typeof part !== 'function') return part;
        if (synchronous.includes(String(name))) return part.bind(target);
        return (...args: unknown[]) =>
          this.#call(`${prefix}.${String(name)}`, () => part.apply(target, args));
      },
    });
  }

  async #call<T>(name: string, make: () => Promise<T>): Promise<T> {
    if (this.#dead) return never();
    const { length } = this.calls;
    this.calls.push(name);
    if (this.#isPoint(length, 'before')) return this.#die(name);
    const during = this.#isPoint(length, 'during');
    try {
      const made = make();
      if (during) setTimeout(() => void this.#die(name), Math.random() * longestMs);
      const value = await made;
      if (during) return await never();
      if (this.#isPoint(length, 'after')) return this.#die(name);
      return this.#dead ? never() : value;
    } catch (error) {
      if (during) return never();
      if (this.#isPoint(length, 'after')) return this.#die(name);
      if (this.#dead) return never();
      throw error;
    }
  }

  #isPoint(call: number, when: NamedCrashPoint['when']): boolean {
    const point = this.#point;
    if (this.#dead || point === null || point.when !== when) return false;
    if ('call' in point) return point.call === call;
    return (
      this.calls[call] === point.name &&
      this.calls.slice(0, call).filter((name) => name === point.name).length === point.nth
    );
  }

  #die(name: string): Promise<never> {
    this.#dead = true;
    this.#end(name);
    return never();
  }

  /** What the server does with the transaction of a connection that breaks. */
  async #undoAtDeath(): Promise<never> {
    await this.died;
    throw new Error('the process has ended');
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
