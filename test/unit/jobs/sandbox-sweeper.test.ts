import { expect, it, onTestFinished } from 'vitest';
import { startSandboxSweeper } from '../../../src/jobs/sandbox-sweeper.ts';
import { silentLog } from '../../../src/platform/log.ts';
import type { SandboxProvider } from '../../../src/ports/sandbox.ts';
import { until } from '../../support/server-process.ts';

/** Sweeps answer what `answer` says; the log is kept. */
function startOver(answer: (sweep: number) => Promise<number>, everyMs: number) {
  const said: string[] = [];
  let sweeps = 0;
  const sandbox: SandboxProvider = {
    unavailable: async () => null,
    open: () => Promise.reject(new Error('not in this test')),
    sweep: () => {
      sweeps += 1;
      return answer(sweeps);
    },
    close: async () => undefined,
  };
  const log = { ...silentLog, warn: (_fields: object, message: string) => void said.push(message) };
  const stop = startSandboxSweeper(sandbox, log, everyMs);
  onTestFinished(stop);
  return { said, sweeps: () => sweeps, stop };
}

it('sweeps at once, without waiting for its timer, and says what it removed', async () => {
  const { said, sweeps } = startOver(async () => 2, 3_600_000);

  expect(sweeps()).toBe(1);
  await until('the log', () => said.length === 1);
  expect(said[0]).toContain('left behind');
});

it('says once that Docker is away, however often it tries, and again when it went away anew', async () => {
  const away = (sweep: number) => sweep !== 4;
  const { said, sweeps } = startOver(
    (sweep) => (away(sweep) ? Promise.reject(new Error('ENOENT')) : Promise.resolve(0)),
    5,
  );

  await until('three sweeps', () => sweeps() >= 3);
  if (sweeps() === 3) expect(said).toHaveLength(1);
  await until('sweeps after Docker was back', () => sweeps() >= 7);

  expect(said).toHaveLength(2);
});

it('does not start another sweep while one takes its time, and ends with it', async () => {
  const slow = Promise.withResolvers<number>();
  const { sweeps, stop } = startOver(() => slow.promise, 5);
  let stopped = false;

  const turns = Promise.withResolvers<void>();
  setTimeout(turns.resolve, 50);
  await turns.promise;
  const stopping = stop().then(() => {
    stopped = true;
  });
  expect([sweeps(), stopped]).toEqual([1, false]);

  slow.resolve(0);
  await stopping;
  expect([sweeps(), stopped]).toEqual([1, true]);
});
