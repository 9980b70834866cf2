import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/slack/commands/command-words.ts';
import { parseDeclaration } from '../../../src/slack/commands/declaration.ts';
import { aService } from '../../support/builders.ts';

describe('the words after /warroom', () => {
  it.each([
    ['', { verb: 'help', rest: '' }],
    ['  Status ', { verb: 'status', rest: '' }],
    ['resolve  rolled back\nby hand', { verb: 'resolve', rest: 'rolled back\nby hand' }],
    ['declare', { verb: 'declare', rest: '' }],
    ['resolv', { verb: null, said: 'resolv', nearest: 'resolve' }],
    ['stauts', { verb: null, said: 'stauts', nearest: 'status' }],
    ['d', { verb: null, said: 'd', nearest: 'declare' }],
    ['HALT wrong database', { verb: 'halt', rest: 'wrong database' }],
    ['hlat', { verb: null, said: 'hlat', nearest: 'halt' }],
    ['delegat <@U1>', { verb: null, said: 'delegat', nearest: 'delegate' }],
    ['unhalt', { verb: null, said: 'unhalt', nearest: 'lift' }],
    ['stop', { verb: null, said: 'stop', nearest: 'halt' }],
    ['constructor', { verb: null, said: 'constructor', nearest: null }],
    ['frobnicate', { verb: null, said: 'frobnicate', nearest: null }],
  ])('%j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });
});

describe('a declaration in one line', () => {
  const services = [aService({ name: 'ledger' }), aService({ name: 'check-out' })];

  it('takes severity and services out of the words', () => {
    expect(parseDeclaration('SEV1: Check-out and ledger hang', services)).toEqual({
      title: 'Check-out and ledger hang',
      severity: 'sev1',
      services: ['ledger', 'check-out'],
    });
  });

  it('is sev2 when nothing is said', () => {
    expect(parseDeclaration('something is off', services)).toMatchObject({ severity: 'sev2', services: [] });
  });

  it('has a title even when only a severity is given', () => {
    expect(parseDeclaration('sev3', services)).toMatchObject({ title: 'Declared by hand', severity: 'sev3' });
  });
});
