import os from 'node:os';
import type Docker from 'dockerode';
import { engineAnswer } from '../../engine-answer.ts';
import { engineStatus } from '../../sandbox-errors.ts';
import type { SideCarImages } from '../cell.ts';
import type { EngineAddress } from './engine-address.ts';

export interface EngineFacts {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly runtimes: readonly string[];
  /** Where it keeps its images, when that is a folder of this machine. */
  readonly rootFolder: string | null;
  /** Languages whose image is not there. */
  readonly missing: ReadonlySet<string>;
  /** Side-cars whose image is not there. */
  readonly missingSideCars: ReadonlySet<string>;
}

/** What is known of an engine without asking it. */
export type EngineState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'answers'; readonly facts: EngineFacts; readonly askedAtMs: number }
  | { readonly kind: 'away'; readonly why: string; readonly failures: number; readonly againAtMs: number };

export interface EngineOptions {
  /** Image by language. */
  readonly images: Readonly<Record<string, string>>;
  readonly sideCarImages?: SideCarImages;
  readonly askTimeoutMs?: number;
  /** Between tries of one that is away: the first, doubled each time, up to the last. */
  readonly backoffMs?: { readonly first: number; readonly last: number };
  /** Something is known that was not: there may be room. */
  readonly onChange?: () => void;
}

export interface Engine {
  readonly name: string;
  readonly docker: Docker;
  /** Its files may be this machine's files. */
  readonly isLocal: boolean;
  readonly state: EngineState;
  /**
   * Asks it, unless it answered within `maxAgeMs` or is away and its time has not come. One question at a time, whoever
   * wants to know.
   */
  refresh(maxAgeMs: number, signal: AbortSignal): Promise<EngineState>;
}

const defaultBackoff = { first: 1_000, last: 15_000 };

export function createEngine(address: EngineAddress, options: EngineOptions): Engine {
  const {
    images,
    sideCarImages = {},
    askTimeoutMs = 3_000,
    backoffMs = defaultBackoff,
    onChange = () => undefined,
  } = options;
  const docker = address.connect();
  let state: EngineState = { kind: 'unknown' };
  let asking: Promise<void> | null = null;

  async function hasImage(image: string): Promise<boolean> {
    try {
      await docker.getImage(image).inspect();
      return true;
    } catch (error) {
      if (engineStatus(error) === 404) return false;
      throw error;
    }
  }

  async function askFacts(): Promise<EngineFacts> {
    const info = await docker.info();
    return {
      cores: info.NCPU,
      memoryBytes: info.MemTotal,
      runtimes: Object.keys(info.Runtimes ?? {}),
      rootFolder: address.isLocal && info.Name === os.hostname() ? info.DockerRootDir : null,
      missing: await missingOf(images),
      missingSideCars: await missingOf(sideCarImages),
    };
  }

  async function missingOf(wanted: Readonly<Record<string, string>>): Promise<ReadonlySet<string>> {
    const missing = new Set<string>();
    for (const [name, image] of Object.entries(wanted)) if (!(await hasImage(image))) missing.add(name);
    return missing;
  }

  async function ask(): Promise<void> {
    try {
      const facts = await engineAnswer(askFacts(), askTimeoutMs);
      state = { kind: 'answers', facts, askedAtMs: Date.now() };
    } catch (error) {
      leaveOut(error);
    }
    onChange();
  }

  function leaveOut(error: unknown): void {
    // Failures of one outage that arrive together are one.
    if (state.kind === 'away' && Date.now() < state.againAtMs) return;
    const failures = state.kind === 'away' ? state.failures + 1 : 1;
    const waitMs = Math.min(backoffMs.last, backoffMs.first * 2 ** (failures - 1));
    const detail = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    state = {
      kind: 'away',
      why: `Docker gives no answer at ${address.name}${detail}`,
      failures,
      againAtMs: Date.now() + waitMs,
    };
  }

  return {
    name: address.name,
    docker,
    isLocal: address.isLocal,
    get state() {
      return state;
    },
    async refresh(maxAgeMs, signal) {
      const isFresh =
        state.kind === 'answers'
          ? Date.now() - state.askedAtMs <= maxAgeMs
          : state.kind === 'away' && Date.now() < state.againAtMs;
      if (isFresh) return state;
      asking ??= ask().finally(() => {
        asking = null;
      });
      await engineAnswer(asking, askTimeoutMs * 2, signal);
      return state;
    },
  };
}
