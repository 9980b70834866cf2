import type { Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Preview } from '../../ports/remedy.ts';
import { nameKeys } from '../flush-cache/name-keys.ts';
import { count, size } from '../flush-cache/preview.ts';
import type { Tools } from '../tools.ts';
import { pinOf, recordOf } from './record-of.ts';
import { paramsSchema } from './schema.ts';

/** What a warm-up would bring back. Reads only. */
export async function previewWarmUp(
  tools: Tools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a cache and the record of a flush.');
  const { cache, from } = parsed.data;
  let found: Awaited<ReturnType<typeof recordOf>>;
  try {
    found = await recordOf(tools, service, parsed.data, signal);
  } catch (error) {
    if (error instanceof WarroomError && !error.retryable)
      return impossible(`${error.message} ${error.hint}`);
    throw error;
  }
  if (typeof found === 'string') return impossible(found);
  const { record } = found;
  if (record.missing === 0) return impossible('all that was recorded is there again, or has expired since.');
  return {
    possible: true,
    facts: {
      base: 'low',
      reasons: [`adds ${count(record.missing)} recorded keys and changes none that is there`],
      reversible: 'exact',
    },
    planned: {
      kind: 'warm-cache',
      service: service.name,
      params: { cache, from },
      pins: { server: record.server, record: pinOf(record) },
      preview: {
        summary: `Bring back ${count(record.missing)} keys of cache ${cache} that were flushed by ${record.pattern} at ${record.madeAt}.`,
        diff: [
          `# Redis of cache ${cache}`,
          `HSCAN ${from} 0`,
          'RESTORE each key that is not there   # never REPLACE; with the time to live that it had left',
        ].join('\n'),
        measured: null,
        notes: [
          `Among them: ${nameKeys(record.sample)}.`,
          `The record has ${count(record.keys)} keys (${size(record.bytes)}); ${count(record.present)} hold a fresher value and stay, ${count(record.expired)} have expired since.`,
          'The values are as old as the flush: wrong ones that it was to remove come back, too.',
          `The record is kept for ${count(Math.max(0, Math.round(record.secondsLeft / 60)))} minutes more.`,
        ],
        undo: 'Remove exactly the keys that were brought back and not written since; possible for an hour.',
      },
    },
  };
}

function impossible(reason: string): Preview {
  return { possible: false, reason };
}
