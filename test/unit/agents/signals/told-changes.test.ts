import { expect, it } from 'vitest';
import { mostOfKind, readToldChanges } from '../../../../src/agents/signals/told-changes.ts';
import { observeToldChanges } from '../../../../src/agents/tools/told-changes.ts';
import { rankToldChanges } from '../../../../src/analysis/culprits/weigh-told-change.ts';
import type { Change, ChangeSource } from '../../../../src/ports/change-source.ts';

const onset = new Date(1_800_000_000_000);
const window = {
  baselineFrom: new Date(onset.getTime() - 600_000),
  onset,
  alertedAt: new Date(onset.getTime() + 60_000),
  to: new Date(onset.getTime() + 120_000),
  onsetFrom: 'alert time' as const,
  expressions: [],
};
const change = (secondsBefore: number, more: Partial<Change>): Change => ({
  at: new Date(onset.getTime() - secondsBefore * 1000),
  service: null,
  kind: 'deploy',
  actor: null,
  summary: 'noise',
  before: null,
  after: null,
  url: null,
  ...more,
});
/** As a store answers. */
const sourceOf = (told: readonly Change[]): ChangeSource => ({
  changes: async ({ service, kind, around, limit }) =>
    told
      .filter((one) => kind === undefined || one.kind === kind)
      .filter((one) => one.service === null || one.service === service)
      .toSorted((a, b) =>
        around === undefined
          ? b.at.getTime() - a.at.getTime()
          : Number(a.service === null) - Number(b.service === null) ||
            Math.abs(a.at.getTime() - around.getTime()) - Math.abs(b.at.getTime() - around.getTime()),
      )
      .slice(0, limit),
});
const flag = change(42, { service: 'pay', kind: 'flag', summary: 'new-checkout', after: 'on' });
const read = (told: readonly Change[]) =>
  readToldChanges(sourceOf(told), 'pay', window, AbortSignal.timeout(5_000));

it.each([
  ['deploys', { kind: 'deploy' }],
  ['flags of every service', { kind: 'flag' }],
] as const)(
  'a flood of %s does not hide a flag of the service, and the row says that some was left out',
  async (_what, more) => {
    const flood = Array.from({ length: 300 }, (_, n) => change(n / 10, { ...more, summary: `noise ${n}` }));

    const told = await read([flag, ...flood]);

    expect(told.changes).toContainEqual(flag);
    expect(told.cut).toEqual([more.kind]);
    const trouble = { onset: onset.getTime() / 1000, alertedAt: onset.getTime() / 1000 + 60, texts: [] };
    const row = observeToldChanges('pay', rankToldChanges(told.changes, trouble), told.cut);
    expect(row.summary).toContain('flag new-checkout → on');
    expect(row.summary).toContain(
      `More was told of ${more.kind} than is read: of each the ${mostOfKind} nearest to the onset`,
    );
  },
);

it('says nothing of a cut where all was read', async () => {
  const told = await read([flag, change(5, {})]);

  expect(told).toEqual({ changes: [flag, change(5, {})], cut: [] });
  expect(
    observeToldChanges(
      'pay',
      rankToldChanges(told.changes, {
        onset: onset.getTime() / 1000,
        alertedAt: onset.getTime() / 1000 + 60,
        texts: [],
      }),
      [],
    ).data,
  ).not.toHaveProperty('leftOut');
});
