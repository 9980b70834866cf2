import { describe, expect, it } from 'vitest';
import { hideValues } from '../../../../src/adapters/postgres/seed/hide-values.ts';
import type { ReplicaColumn } from '../../../../src/adapters/postgres/trial/read-replica-facts.ts';

function aColumn(change: Partial<ReplicaColumn>): ReplicaColumn {
  return {
    name: 'state',
    type: 'text',
    family: 'text',
    labels: [],
    nullFraction: 0,
    width: 8,
    distinct: 2,
    common: ['paid', 'on hold'],
    frequencies: [0.6, 0.4],
    bounds: [],
    numbers: [],
    correlation: 0,
    ...change,
  };
}

const valuesOf = ({ common, bounds, numbers }: ReplicaColumn) => ({ common, bounds, numbers });
const none = { common: [], bounds: [], numbers: [] };
const hidden = (change: Partial<ReplicaColumn>, rows = 10_000) => valuesOf(hideValues(aColumn(change), rows));

describe('values in the statistics of a column', () => {
  it('go along where they name a category', () => {
    expect(hidden({}).common).toEqual(['paid', 'on hold']);
    expect(hidden({ family: 'int4', type: 'int', common: ['200', '500'] }).common).toEqual(['200', '500']);
    expect(hidden({ family: 'bool', type: 'bool', common: ['t', 'f'] }).common).toEqual(['t', 'f']);
  });

  it.each([
    ['there are more of them than the common ones', { distinct: 3 }],
    ['they are as many as the rows', { distinct: -1 }],
    ['there are no statistics', { distinct: null }],
    ['one is an address', { common: ['paid', 'ada@example.com'] }],
    ['one is a sentence', { common: ['paid', "I've moved to 4 Elm Street, please call me back"] }],
    ['one is a number of a phone', { common: ['paid', '+49 151 5000 0000'] }],
    ['one is a person', { common: ['paid', 'Ada Lovelace'] }],
    ['one is an id', { common: ['paid', 'a1b2c3d4e5f6'] }],
    ['one is a token', { common: ['paid', 'sk-live-4f3c2b1a0099'] }],
    ['the column is for persons', { name: 'customer_email' }],
    ['the column is for secrets', { name: 'apiToken' }],
    ['they are JSON', { family: 'jsonb', type: 'jsonb', bounds: ['{"a": 1}'] }],
    ['they are UUIDs', { family: 'uuid', type: 'uuid' }],
    ['they are arrays', { family: 'other', type: 'text[]', common: ['{a}', '{b}'] }],
  ] satisfies [string, Partial<ReplicaColumn>][])('stay where %s', (_, change) => {
    expect(hidden(change)).toEqual(none);
  });

  it('stay where few rows share them', () => {
    expect(hidden({ frequencies: [0.99, 0.01] }, 100)).toEqual(none);
  });

  it('are a range for numbers and times, rounded inward', () => {
    const amount = {
      name: 'amount',
      family: 'numeric',
      type: 'numeric',
      distinct: -1,
      common: [],
      frequencies: [],
    };
    expect(hidden({ ...amount, bounds: ['1234.56', '5000', '98765'] }).bounds).toEqual(['1300', '98000']);
    expect(hidden({ ...amount, bounds: ['-987', '0.123'] }).bounds).toEqual(['-980', '0.12']);
    expect(hidden({ ...amount, bounds: ['12345', '12399'] }).bounds).toEqual(['12000', '12000']);
    const [morning, evening] = [Date.UTC(2026, 0, 5, 9) / 1000, Date.UTC(2026, 0, 9, 21) / 1000];
    expect(hidden({ name: 'at', family: 'timestamptz', numbers: [morning, evening] }).numbers).toEqual([
      Date.UTC(2026, 0, 6) / 1000,
      Date.UTC(2026, 0, 9) / 1000,
    ]);
  });

  it('give no range where the column is for persons', () => {
    const salary = { name: 'salary', family: 'int4', type: 'int', distinct: -1, bounds: ['51234', '91234'] };
    expect(hidden(salary).bounds).toEqual(['1', '9']);
    const born = hidden({ name: 'birth_date', family: 'date', numbers: [0, 86_400] });
    expect(born.numbers).not.toContain(0);
  });

  it('leave nothing over for values that are not there', () => {
    const { frequencies } = hideValues(aColumn({ nullFraction: 0.5, frequencies: [0.3, 0.1] }), 1_000);

    expect(frequencies.map((share) => Number(share.toFixed(3)))).toEqual([0.375, 0.125]);
  });
});
