import type { Figure } from '../benchmark.ts';
import { round } from './figures.ts';
import { execRaw, openProvider, type Stand, startRaw, usual } from './stand.ts';

const most = 5;

/** Agents of up to five incidents that open, run and close in a loop; beside as many loops on the raw engine. */
export async function measureConcurrent(stand: Stand, agents: number, forMs: number): Promise<Figure> {
  const incidents = Math.min(agents, most);
  const raw = await inLoops(agents, forMs, async () => {
    const container = await startRaw();
    await execRaw(container, ['true']);
    await container.remove({ force: true });
  });
  const provider = openProvider();
  await (await provider.open(await stand.spec(), stand.signal)).close();
  const done = Array.from({ length: incidents }, () => 0);
  const ours = await inLoops(agents, forMs, async (agent) => {
    const incident = agent % incidents;
    const spec = await stand.spec({ incidentId: `i${incident}` });
    const sandbox = await provider.open(spec, stand.signal);
    await sandbox.run(['true'], usual, stand.signal);
    await sandbox.close();
    done[incident] = (done[incident] ?? 0) + 1;
  });
  await provider.close();
  const ratio = ours / raw;
  const jain = jainIndex(done);
  return {
    metric: `concurrent-${agents}`,
    value: round(ours),
    unit: 'sandboxes/s',
    against: 'raw create + start + exec + removal, as many at once',
    againstValue: round(raw),
    ratio: round(ratio),
    target: `at least 0.6 × raw, and a Jain index of at least 0.9 across ${incidents} incidents; it is ${round(jain)}`,
    ok: ratio >= 0.6 && jain >= 0.9,
  };
}

/** 1: all had the same; 1/n: one had everything. */
function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, one) => total + one, 0);
  const squares = shares.reduce((total, one) => total + one * one, 0);
  return squares === 0 ? 0 : (sum * sum) / (shares.length * squares);
}

/** @returns rounds per second */
async function inLoops(
  loops: number,
  forMs: number,
  round: (loop: number) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  let rounds = 0;
  async function loop(index: number): Promise<void> {
    while (performance.now() - began < forMs) {
      await round(index);
      rounds += 1;
    }
  }
  await Promise.all(Array.from({ length: loops }, (_, index) => loop(index)));
  return (rounds / (performance.now() - began)) * 1_000;
}
