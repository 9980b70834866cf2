import { describe, expect, it } from 'vitest';
import { type RemedyKind, remedyKinds } from '../../../src/domain/plan.ts';
import { paramsSchema as configRollback } from '../../../src/remedies/config-rollback/schema.ts';
import { paramsSchema as createIndex } from '../../../src/remedies/create-index/schema.ts';
import { paramsSchema as dropIndex } from '../../../src/remedies/drop-index/schema.ts';
import { paramsSchema as flushCache } from '../../../src/remedies/flush-cache/schema.ts';
import { paramsSchema as pullRequest } from '../../../src/remedies/pull-request/schema.ts';
import { paramsSchema as restartService } from '../../../src/remedies/restart-service/schema.ts';
import { paramsSchema as revertCommit } from '../../../src/remedies/revert-commit/schema.ts';
import { paramsSchema as runRunbook } from '../../../src/remedies/run-runbook/schema.ts';
import { paramsSchema as warmCache } from '../../../src/remedies/warm-cache/schema.ts';
import { fixExamples } from '../../../src/slack/blocks/fix-examples.ts';
import { parseFix } from '../../../src/slack/commands/fix-words.ts';

const services = ['payments', 'orders', 'catalog'];

const params = (text: string): unknown => {
  const fix = parseFix(`create-index payments ${text}`, services);
  return fix.clear ? fix.remedies[0]?.params : fix.complaint;
};

describe('a fix as a person types it', () => {
  it('is a kind, a service and parameters', () => {
    expect(parseFix('revert-commit orders commit=4f2a9c1', services)).toEqual({
      clear: true,
      remedies: [{ kind: 'revert-commit', service: 'orders', params: { commit: '4f2a9c1' } }],
    });
  });

  it('has several steps, parted by “then”', () => {
    const fix = parseFix(
      'Drop-Index payments index=a then flush-cache catalog pattern=p:* THEN warm-cache catalog',
      services,
    );

    expect(fix).toMatchObject({
      clear: true,
      remedies: [
        { kind: 'drop-index', service: 'payments', params: { index: 'a' } },
        { kind: 'flush-cache', service: 'catalog', params: { pattern: 'p:*' } },
        { kind: 'warm-cache', service: 'catalog', params: {} },
      ],
    });
  });

  it.each<[string, unknown]>([
    ['columns=["user_id","created_at"]', { columns: ['user_id', 'created_at'] }],
    [
      'columns=["user_id", "created_at"] table=payments',
      { columns: ['user_id', 'created_at'], table: 'payments' },
    ],
    ['columns=[“user_id”, “created_at”]', { columns: ['user_id', 'created_at'] }],
    ['where={"a": {"b c": [1, 2]}}', { where: { a: { 'b c': [1, 2] } } }],
    ['note="two words" n=12', { note: 'two words', n: 12 }],
    ['note="a \\"then\\" b"', { note: 'a "then" b' }],
    ['note="two\nlines\tand a tab"', { note: 'two\nlines\tand a tab' }],
    ['unique=true deep=false', { unique: true, deep: false }],
    ['commit=1234567', { commit: '1234567' }],
    ['commit=0012', { commit: '0012' }],
    ['commit=12e4', { commit: '12e4' }],
    ['pattern=a=b url=https://x.test/?q=1', { pattern: 'a=b', url: 'https://x.test/?q=1' }],
    ['pattern=it"s', { pattern: 'it"s' }],
  ])('%s', (text, expected) => {
    expect(params(text)).toEqual(expected);
  });

  it.each([
    ['a kind that does not exist', 'create-indx payments', /no kind of fix.*Did you mean `create-index`/],
    ['a word that is far from every kind', 'rm -rf', /no kind of fix.*There are: .*`run-runbook`/],
    ['a service that does not exist', 'create-index paymnts', /no service `paymnts`.*`payments`/],
    ['no service', 'create-index', /On which service/],
    ['nothing after “then”', 'flush-cache catalog then', /A step is missing/],
    ['a word without a value', 'flush-cache catalog pattern', /`pattern` is not `key=value`/],
    ['an empty value', 'flush-cache catalog pattern=', /is not `key=value`/],
    ['a key twice', 'flush-cache catalog a=1 a=2', /`a` is given twice/],
    ['broken JSON', 'flush-cache catalog a=[1,]', /`a` is not valid JSON/],
    ['an open bracket', 'flush-cache catalog a=[1', /not closed/],
    ['an open quotation mark', 'flush-cache catalog a="x', /not closed/],
    ['a key that is no name', 'flush-cache catalog __proto__=1', /is not `key=value`/],
    ['too many steps', Array.from({ length: 9 }, () => 'warm-cache catalog').join(' then '), /at most 8/],
    ['too long a text', `flush-cache catalog a=${'x'.repeat(5000)}`, /too long/],
  ])('is refused with a hint: %s', (_name, text, hint) => {
    const fix = parseFix(text, services);

    expect(fix).toMatchObject({ clear: false, complaint: expect.stringMatching(hint) });
  });

  it('lets no complaint mention or link anything', () => {
    const fix = parseFix('<!channel> <@U0BOSS> <https://evil.test|x>', services);

    expect(JSON.stringify(fix)).not.toMatch(/<[!@h]/);
  });
});

describe('the example of each kind', () => {
  const schemas: Record<RemedyKind, { safeParse(params: unknown): { success: boolean } }> = {
    'pull-request': pullRequest,
    'revert-commit': revertCommit,
    'config-rollback': configRollback,
    'create-index': createIndex,
    'drop-index': dropIndex,
    'flush-cache': flushCache,
    'warm-cache': warmCache,
    'restart-service': restartService,
    'run-runbook': runRunbook,
  };

  it.each([...remedyKinds])('can be read, and has the parameters that the remedy takes: %s', (kind) => {
    const fix = parseFix(fixExamples[kind], services);

    expect(fix).toMatchObject({ clear: true, remedies: [{ kind }] });
    const params = fix.clear ? fix.remedies[0]?.params : undefined;
    expect(schemas[kind].safeParse(params)).toMatchObject({ success: true });
  });
});
