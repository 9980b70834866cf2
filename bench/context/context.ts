import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGit } from '../../src/adapters/git/git.ts';
import { buildContext } from '../../src/agents/context/build-context.ts';
import type { LayerName } from '../../src/agents/context/unit.ts';
import type { Service } from '../../src/domain/service.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { largeServices, shopServices } from './repositories.ts';
import { recordConversation, stability } from './wire.ts';
import { type Amount, makePast, makeSources } from './world.ts';

const windowTokens = 1_000_000;
const turns = 8;
const bounds: Readonly<Record<LayerName, readonly [number, number]>> = {
  l1: [30, 35],
  l2: [20, 25],
  l3: [10, 15],
  l4: [20, 25],
};
const quiet: Amount = { kinds: 30, curves: 20, incidents: 12, entries: 20 };
const busy: Amount = { kinds: 700, curves: 60, incidents: 250, entries: 150 };

/** Shares of the window, time to build and what stays the same on the wire. Tokens are the estimate; docs/context.md has its error. */
export const context: Benchmark = {
  name: 'context',
  about:
    'the four layers of an agent’s context: tokens, shares of the window, time, bytes that stay the same',
  async run({ short, say }): Promise<Figure[]> {
    const folder = await mkdtemp(join(tmpdir(), 'warroom-context-'));
    try {
      const source = createGit({
        cacheDir: join(folder, 'git'),
        cacheBytes: 4e9,
        credentials: async () => null,
        log: silentLog,
      });
      const measure = async (
        service: Service,
        all: readonly Service[],
        amount: Amount,
      ): Promise<Figure[]> => {
        const now = new Date();
        const clock = { now };
        const build = () =>
          buildContext(
            {
              assignment: {
                incident: { id: 'now', title: '', startedAt: now, services: [service.name] } as never,
                alerts: [],
                service,
                role: 'suspect',
                catalogue: { services: all, clusters: [] },
                now,
              },
              sources: makeSources(source, amount, now),
              record: makePast(amount, service.name),
              about: 'token session charge failed retry stream watch schema parser',
              windowTokens,
            },
            AbortSignal.timeout(300_000),
          );
        const built = await build();
        const again = await build();
        const { report } = built;
        const figures = report.layers.map((layer): Figure => {
          const [least, most] = bounds[layer.layer];
          const value = Number(((100 * layer.tokens) / windowTokens).toFixed(2));
          // What is left out for want of room shows that there was enough; a gap is smaller than the smallest of it.
          const scarce = layer.leftOut.every((one) => !/tokens were left|alone larger/.test(one.why));
          const beyond = layer.inheritedTokens > windowTokens / 50;
          return {
            metric: `${layer.layer}-share ${service.name}`,
            value,
            unit: '% of the window',
            target: scarce
              ? `all there is (${layer.tokens} tokens in ${layer.loaded.length} units): less than its share, which moves down`
              : `${least}–${most} %, ${layer.tokens} tokens in ${layer.loaded.length} units, ${layer.leftOut.length} left out`,
            ok: value <= most || beyond ? scarce || value >= least : false,
          };
        });
        const bodies = await recordConversation(built, service.name, turns, clock);
        const shares = stability(bodies);
        const worst = Math.min(...shares);
        say(
          `${service.name}: ${bodies.length} requests of ${bodies.map((body) => Math.round(body.length / 1000)).join(', ')} kB; the same: ${shares.map((share) => (100 * share).toFixed(2)).join(', ')} %`,
        );
        return [
          ...figures,
          {
            metric: `build ${service.name}`,
            value: report.buildMs,
            unit: 'ms',
            target: `at most 60 s, cold: clone, read, rank; again ${again.report.buildMs} ms`,
            ok: report.buildMs <= 60_000,
          },
          {
            metric: `core-stability ${service.name}`,
            value: again.core === built.core ? 100 : 0,
            unit: '% of L1 the same for the next agent',
            target: '100',
            ok: again.core === built.core,
          },
          {
            metric: `prefix-stability ${service.name}`,
            value: Number((100 * worst).toFixed(2)),
            unit: '% of the worst request',
            target: 'at least 95 from the second turn on',
            ok: worst >= 0.95,
          },
        ];
      };
      const figures: Figure[] = [];
      const shop = await shopServices(folder);
      for (const service of shop) figures.push(...(await measure(service, shop, quiet)));
      const large = await largeServices(folder, short);
      const [first] = large;
      if (first !== undefined) {
        const { head } = await source.fetch(first, AbortSignal.timeout(120_000));
        const files = await source.files(first, head, AbortSignal.timeout(60_000));
        figures.push({
          metric: 'files large',
          value: files.length,
          unit: 'files',
          target: 'about 5,000',
          ok: short || files.length >= 4_500,
        });
        figures.push(...(await measure(first, large, busy)));
      }
      return figures;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
