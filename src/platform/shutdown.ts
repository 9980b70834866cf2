import { explainError } from './errors.ts';
import type { Log } from './log.ts';

type Step = { readonly name: string; readonly run: () => Promise<void> };

export interface Shutdown {
  /** Steps run in the reverse order of their adding: what was started last stops first. */
  add(name: string, run: () => Promise<void>): void;
  /** Runs every step once, also when one fails; a step that hangs is left after `stepMs`. */
  run(): Promise<void>;
}

const stepMs = 15_000;

export function createShutdown(log: Log): Shutdown {
  const steps: Step[] = [];
  let running: Promise<void> | null = null;
  const runAll = async (): Promise<void> => {
    for (const step of steps.reverse()) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`took longer than ${stepMs} ms`)), stepMs);
      });
      try {
        await Promise.race([step.run(), late]);
      } catch (error) {
        log.warn({ step: step.name, reason: explainError(error) }, 'a part did not stop cleanly');
      } finally {
        clearTimeout(timer);
      }
    }
  };
  return {
    add: (name, run) => void steps.push({ name, run }),
    run: () => (running ??= runAll()),
  };
}
