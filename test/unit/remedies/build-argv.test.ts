import { describe, expect, it } from 'vitest';
import type { Runbook, RunbookParameter } from '../../../src/domain/service.ts';
import { buildArgv } from '../../../src/remedies/run-runbook/build-argv.ts';

function runbookOf(parameter: RunbookParameter, argv: string[] = ['tool', '--to', '{it}']): Runbook {
  return {
    name: 'one',
    description: '',
    argv,
    parameters: { it: parameter },
    where: 'local',
    timeoutSeconds: 10,
    inverse: ['tool', '--back', '{it}'],
    risk: 'low',
  };
}
const text: RunbookParameter = { type: 'text', pattern: '[a-z0-9:-]{1,10}', maxLength: 8 };
const integer: RunbookParameter = { type: 'integer', min: -5, max: 10 };
const choice: RunbookParameter = { type: 'choice', values: ['fast', '--dry-run'] };

describe('a runbook’s arguments', () => {
  it.each([
    [text, 'abc-1', 'abc-1'],
    [integer, 7, '7'],
    [integer, '10', '10'],
    [choice, 'fast', 'fast'],
    [choice, '--dry-run', '--dry-run'],
  ] as const)('take what is allowed, also in the inverse: %o %o', (parameter, given, word) => {
    expect(buildArgv(runbookOf(parameter), { it: given })).toEqual({
      argv: ['tool', '--to', word],
      inverse: ['tool', '--back', word],
    });
  });

  it.each([
    ['text of other letters', text, 'ABC'],
    ['text that is only in part so', text, 'abc d'],
    ['text with a line more', text, 'abc\n'],
    ['text that is too long', text, 'abcdefghi'],
    ['text that would be an option', text, '-rf'],
    ['a number for text', text, 7],
    ['a number out of range', integer, 11],
    ['a fraction', integer, 1.5],
    ['a number in another notation', integer, '0x7'],
    ['a number with spaces', integer, ' 7'],
    ['infinity', integer, Number.POSITIVE_INFINITY],
    ['a negative number that would be an option', integer, -3],
    ['another choice', choice, 'slow'],
  ] as const)('refuse %s', (_what, parameter, given) => {
    expect(buildArgv(runbookOf(parameter), { it: given })).toMatchObject({
      reason: expect.stringContaining('{it}'),
    });
  });

  it('allow a dash where the value is only a part of an argument', () => {
    expect(buildArgv(runbookOf(integer, ['tool', '--by={it}']), { it: -3 })).toEqual({
      reason: expect.stringContaining('{it}'),
    });
    const inside = { ...runbookOf(integer, ['tool', '--by={it}']), inverse: null };
    expect(buildArgv(inside, { it: -3 })).toEqual({ argv: ['tool', '--by=-3'], inverse: null });
  });

  it('refuse an option also where more follows the value', () => {
    const runbook = {
      ...runbookOf({ type: 'text', pattern: '[a-zA-Z=-]{0,40}', maxLength: 40 }, ['ssh', '{gap}{it}@web']),
      inverse: null,
    };
    const parameters = {
      ...runbook.parameters,
      gap: { type: 'text', pattern: 'x{0,1}', maxLength: 1 } as const,
    };
    const build = (gap: string) => buildArgv({ ...runbook, parameters }, { it: '-oProxyCommand=sh', gap });

    expect(build('')).toEqual({ reason: 'the value for {it} would be read as an option.' });
    expect(build('x')).toMatchObject({ argv: ['ssh', 'x-oProxyCommand=sh@web'] });
  });

  it('need every value, and no other', () => {
    expect(buildArgv(runbookOf(choice), {})).toMatchObject({ reason: expect.stringContaining('needs') });
    expect(buildArgv(runbookOf(choice), { it: 'fast', other: 'x' })).toHaveProperty('reason');
    expect(buildArgv({ ...runbookOf(choice), parameters: {} }, { it: 'fast' })).toHaveProperty('reason');
  });

  it('are filled once: a value that names a parameter stays as it is', () => {
    const nested: RunbookParameter = { type: 'choice', values: ['{it}{it}', '$&'] };

    expect(buildArgv(runbookOf(nested), { it: '{it}{it}' })).toMatchObject({
      argv: ['tool', '--to', '{it}{it}'],
    });
    expect(buildArgv(runbookOf(nested), { it: '$&' })).toMatchObject({ argv: ['tool', '--to', '$&'] });
  });
});
