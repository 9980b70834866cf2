import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Order, Outcome, Place, Reply, Run } from './run.ts';

const entry = fileURLToPath(new URL('./mortal-process.ts', import.meta.url));

/** Where Node keeps compiled code by default once it is told to: hundreds of processes load the same files. */
const compileCache = process.env['NODE_COMPILE_CACHE'] ?? path.join(os.tmpdir(), 'node-compile-cache');

/** How one run went. `diedAt` false: its process was not ended, since the call was never made. */
export interface Trial {
  readonly run: Run;
  readonly died: boolean;
  readonly calls: readonly string[];
  readonly outcome: Outcome;
}

/**
 * Runs one after the other on a database of their own. The process that begins a run first ends the one before it, so
 * that whoever goes on is always another process; the next one warms up meanwhile.
 */
export async function* runLane(place: Place, runs: Iterable<Run>): AsyncGenerator<Trial> {
  let begun: { run: Run; died: boolean; calls: readonly string[] } | null = null;
  let next = new Mortal(place);
  try {
    for (const run of runs) {
      const mortal = next;
      next = new Mortal(place);
      if (begun !== null) yield { ...begun, outcome: await mortal.goOn(begun.run) };
      const calls: readonly string[] | null = await mortal.run(run);
      begun = { run, died: calls === null, calls: calls ?? [] };
      mortal.end();
    }
    if (begun !== null) yield { ...begun, outcome: await next.goOn(begun.run) };
  } finally {
    next.end();
  }
}

/** A warm process. */
class Mortal {
  readonly #child: ChildProcess;
  readonly #ready: Promise<Reply | null>;

  constructor(place: Place) {
    this.#child = fork(entry, [JSON.stringify(place)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    this.#ready = this.#reply();
  }

  /** Names of the calls that it made; null when it died. */
  async run(run: Run): Promise<readonly string[] | null> {
    const reply = await this.#ask({ do: 'run', run });
    if (reply === null) return null;
    if (reply.said !== 'lived') throw unexpected(run, reply);
    return reply.calls;
  }

  async goOn(run: Run): Promise<Outcome> {
    const reply = await this.#ask({ do: 'go-on', run });
    if (reply?.said !== 'outcome') throw unexpected(run, reply);
    return reply.outcome;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(order: Order): Promise<Reply | null> {
    if ((await this.#ready)?.said !== 'ready') throw new Error('a process of the benchmark did not start');
    const reply = this.#reply();
    this.#child.send(order);
    return await reply;
  }

  /** Null when it was ended by SIGKILL. */
  async #reply(): Promise<Reply | null> {
    const over = new AbortController();
    try {
      const said = once(this.#child, 'message', over).then(([reply]) => reply as Reply);
      const ended = once(this.#child, 'exit', over).then(([code, signal]) => {
        if (signal === 'SIGKILL') return null;
        throw new Error(`a process of the benchmark ended by itself (${code ?? signal})`);
      });
      return await Promise.race([said, ended]);
    } finally {
      over.abort();
    }
  }
}

function unexpected(run: Run, reply: Reply | null): Error {
  return new Error(`${JSON.stringify(run)}: ${JSON.stringify(reply)}`);
}
