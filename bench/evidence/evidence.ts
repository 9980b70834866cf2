import { fileURLToPath } from 'node:url';
import type { Benchmark, BenchmarkOptions, Figure } from '../benchmark.ts';
import { culprit } from './culprit/culprit.ts';
import { logGroups } from './logs/log-groups.ts';
import { logScale } from './logs/log-scale.ts';
import { nezha } from './nezha/nezha.ts';
import { spansScale } from './nezha/spans-scale.ts';
import { type EvidencePart, missingFolders } from './part.ts';
import { incidentScale } from './petshop/incident-scale.ts';
import { petshop } from './petshop/petshop.ts';
import { seriesAnomalies } from './series/series-anomalies.ts';
import { seriesChanges } from './series/series-changes.ts';
import { seriesScale } from './series/series-scale.ts';
import { similar } from './similar/similar.ts';
import { similarScale } from './similar/similar-scale.ts';

/** In the order in which they are told. */
const parts: readonly EvidencePart[] = [
  logGroups,
  logScale,
  seriesAnomalies,
  seriesChanges,
  seriesScale,
  petshop,
  nezha,
  spansScale,
  incidentScale,
  culprit,
  similar,
  similarScale,
];

/** Beside the repository: the sets may not be shipped with it. */
const defaultData = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** What the evidence engine finds on public data sets, with one configuration for all; README.md has the rules. */
export const evidence: Benchmark = {
  name: 'evidence',
  about: 'the evidence engine on public data sets, next to simple baselines; --data FOLDER, --part NAME',
  async run({ short, say, data = defaultData, part: only }: BenchmarkOptions): Promise<Figure[]> {
    const figures: Figure[] = [];
    const chosen = parts.filter((part) => only === undefined || part.name === only);
    if (chosen.length === 0) {
      say(`There is no part "${only}". There are: ${parts.map((part) => part.name).join(', ')}`);
      return [{ metric: 'parts', value: 0, unit: 'parts', target: 'at least 1', ok: false }];
    }
    for (const part of chosen) {
      const missing = missingFolders(part, data);
      if (missing.length > 0) {
        say(`✗ ${part.name}: needs ${missing.join(', ')}; name another place with --data FOLDER`);
        figures.push({
          metric: `${part.name}-data`,
          value: part.needs.length - missing.length,
          unit: 'folders',
          target: `needs ${missing.join(', ')}`,
          ok: false,
        });
        continue;
      }
      figures.push(...(await part.run({ data, short, say: (line) => say(`${part.name}: ${line}`) })));
    }
    return figures;
  },
};
