import type { RiskFacts } from '../../domain/risk.ts';
import type { Service } from '../../domain/service.ts';
import type { IndexFacts, TableFacts } from '../../ports/database.ts';
import type { Preview } from '../../ports/remedy.ts';
import {
  findDatabase,
  fingerprint,
  tablesOrReason,
  unknownDatabase,
} from '../shared-postgres/database-target.ts';
import { estimateBuild } from '../shared-postgres/estimate-build.ts';
import { sayBytes, sayCount, saySeconds } from '../shared-postgres/say-size.ts';
import type { Tools } from '../tools.ts';
import { findIndexes, paramsSchema } from './schema.ts';

/** Which index would go, who uses it, and what building it again would take. Reads only. */
export async function previewDrop(
  tools: Tools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a database and an index.');
  const target = findDatabase(service, parsed.data.database);
  if (target === undefined) return impossible(unknownDatabase(service, parsed.data.database));
  const tables = await tablesOrReason(tools, target, signal);
  if (typeof tables === 'string') return impossible(tables);
  const [found, another] = findIndexes(tables, parsed.data);
  if (found === undefined)
    return impossible('there is no such index in the schemas that the catalogue names.');
  if (another !== undefined)
    return impossible('several schemas have an index of this name: name one of them.');

  const { table, index } = found;
  const identity = { schema: table.schema, table: table.name, name: index.name };
  const rehearsal = await tools.databases.rehearseDrop(target, identity, signal);
  if (!rehearsal.possible) return impossible(`${index.name} cannot be dropped: ${rehearsal.reason}.`);
  const { seconds } = estimateBuild(table, index.columns);
  const label = `${table.schema}.${table.name}`;
  return {
    possible: true,
    facts: factsOf(index, seconds),
    planned: {
      kind: 'drop-index',
      service: service.name,
      params: { database: target.name, schema: table.schema, index: index.name },
      pins: { definition: index.definition, table: fingerprint(table, (other) => other !== index.name) },
      preview: {
        summary: `Drop index ${index.name} (${index.columns.join(', ')}) of ${label} in database ${target.name} of ${service.name}.`,
        diff: `${rehearsal.statement};\n`,
        measured: null,
        notes: notesOn(table, index),
        undo: `Build it again as it is now, concurrently: about ${saySeconds(seconds)}, in which statements go without it.`,
      },
    },
  };
}

function factsOf(index: IndexFacts, rebuildSeconds: number): RiskFacts {
  const used =
    index.scans > 0
      ? `drops an index that statements use (${sayCount(index.scans)} scans)`
      : 'drops an index that no statement has used';
  return {
    base: index.scans > 0 ? 'high' : 'medium',
    reasons: [used, `building it again takes about ${saySeconds(rebuildSeconds)}`],
    reversible: 'exact',
  };
}

function notesOn(table: TableFacts, index: IndexFacts): string[] {
  const alike = table.indexes.filter(
    (one) => one !== index && one.valid && index.columns.every((column, at) => one.columns[at] === column),
  );
  return [
    `It has been scanned ${sayCount(index.scans)} times since the server's statistics began.`,
    `It takes ${sayBytes(index.bytes)}, and each write to the table maintains it.`,
    alike.length === 0
      ? 'No other index of the table begins with its columns.'
      : `${alike.map((one) => one.name).join(', ')} begins with the same columns.`,
    ...(index.valid
      ? []
      : ['It is not valid: a build that failed has left it, and no statement can use it.']),
    'Reads and writes go on; it waits for transactions that use the table.',
  ];
}

function impossible(reason: string): Preview {
  return { possible: false, reason };
}
