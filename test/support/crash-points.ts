import type { FlowContext } from '../../src/flow/context.ts';
import type { Record, Rows } from '../../src/ports/record.ts';
import type { Remedy, RemedyRegistry } from '../../src/ports/remedy.ts';

/** `before`: the call is never made. `after`: it has done its work, and who called never hears of it. */
export interface CrashPoint {
  /** Of the calls that the flow makes to the outside, counted from 0. */
  readonly call: number;
  readonly when: 'before' | 'after';
}

/**
 * Ends a process at one of its awaited calls, as `kill -9` does: from then on nothing that its flow asks for is done or
 * answered, and an open transaction is undone by the database. What it had asked for until then stays done.
 */
export class CrashPoints {
  /** Names of the calls made so far. */
  readonly calls: string[] = [];
  /** Resolves with the name of the call at which the process ended. */
  readonly died: Promise<string>;
  readonly #point: CrashPoint | null;
  #end: (call: string) => void = () => undefined;
  #dead = false;

  /** @param point null counts the calls of a process that lives */
  constructor(point: CrashPoint | null) {
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
    try {
      const value = await make();
      if (this.#isPoint(length, 'after')) return this.#die(name);
      return this.#dead ? never() : value;
    } catch (error) {
      if (this.#isPoint(length, 'after')) return this.#die(name);
      if (this.#dead) return never();
      throw error;
    }
  }

  #isPoint(call: number, when: CrashPoint['when']): boolean {
    return !this.#dead && this.#point?.call === call && this.#point.when === when;
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
