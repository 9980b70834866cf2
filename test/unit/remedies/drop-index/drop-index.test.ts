import { describe, expect, it } from 'vitest';
import type { IndexFacts } from '../../../../src/ports/database.ts';
import { createDropIndex } from '../../../../src/remedies/drop-index/drop-index.ts';
import type { Tools } from '../../../../src/remedies/tools.ts';
import { serviceWith } from '../../../contract/postgres-house.ts';

const service = serviceWith({ name: 'main', url: { env: 'MAIN_URL' }, schemas: ['public'], logs: null });

async function preview(
  change: Partial<IndexFacts>,
  others: readonly IndexFacts[] = [],
  schemas = ['public'],
) {
  const index: IndexFacts = {
    name: 'by_state',
    columns: ['state'],
    unique: false,
    primary: false,
    valid: true,
    definition: 'CREATE INDEX by_state ON public.payments USING btree (state)',
    bytes: 48_000_000,
    scans: 0,
    ...change,
  };
  const columns = [{ name: 'state', type: 'text', nullable: false }];
  const tables = schemas.map((schema) => {
    return { schema, name: 'payments', rows: 2e6, bytes: 6e8, columns, indexes: [index, ...others] };
  });
  const tools = {
    inspector: { tables: async () => tables },
    databases: {
      rehearseDrop: async () => ({ possible: true, statement: 'DROP INDEX CONCURRENTLY public.by_state' }),
    },
  } as unknown as Tools;
  return createDropIndex(tools).preview(service, { index: 'by_state' }, AbortSignal.timeout(5_000));
}

describe('dropping an index', () => {
  it('is riskier when statements use it, and says what building it again takes', async () => {
    expect(await preview({ scans: 4_200 })).toMatchObject({
      facts: {
        base: 'high',
        reversible: 'exact',
        reasons: [
          'drops an index that statements use (4,200 scans)',
          expect.stringMatching(/again takes about \d+ s/),
        ],
      },
    });
    expect(await preview({ scans: 0 })).toMatchObject({ facts: { base: 'medium', reversible: 'exact' } });
  });

  it('shows the statement, and the way back', async () => {
    expect(await preview({})).toMatchObject({
      planned: {
        params: { database: 'main', schema: 'public', index: 'by_state' },
        preview: {
          diff: 'DROP INDEX CONCURRENTLY public.by_state;\n',
          undo: expect.stringContaining('statements go without it'),
        },
      },
    });
  });

  it('tells which other index begins with the same columns', async () => {
    const other: IndexFacts = {
      name: 'by_state_and_day',
      columns: ['state', 'day'],
      unique: false,
      primary: false,
      valid: true,
      definition: '',
      bytes: 1,
      scans: 9,
    };

    const alone = await preview({});
    const doubled = await preview({}, [other]);

    expect(JSON.stringify(alone)).toContain('No other index of the table begins with its columns');
    expect(JSON.stringify(doubled)).toContain('by_state_and_day begins with the same columns');
  });

  it('asks which one is meant when two schemas have it', async () => {
    expect(await preview({}, [], ['public', 'old'])).toMatchObject({
      possible: false,
      reason: expect.stringContaining('several schemas'),
    });
  });
});
