import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseCatalogue, readCatalogue } from '../../../src/config/catalogue.ts';

const good = `services:
  - name: billing
    repository: { url: https://example.com/a/billing.git, slug: a/billing }
    language: node
    testCommand: [npm, test]
`;

describe('the catalogue', () => {
  it('reads the example in the documentation', async () => {
    const source = await readFile(new URL('../../../docs/warroom.example.yaml', import.meta.url), 'utf8');

    const { catalogue } = parseCatalogue(source, 'example');

    expect(catalogue.services.map((service) => service.name)).toEqual(['checkout', 'billing']);
    expect(catalogue.services[1]?.metrics).toEqual({ service: 'billing' });
    expect(catalogue.services.map((service) => service.mode)).toEqual(['assist', 'semi-auto']);
  });

  it('documents every key', async () => {
    const page = await readFile(new URL('../../../docs/catalogue.md', import.meta.url), 'utf8');
    const { policy, catalogue } = parseCatalogue(good, 'x');
    const keys = [policy, catalogue.services[0], catalogue].flatMap((part) => Object.keys(part ?? {}));

    // A key with parts of its own is described by them: `risk.quietHours`, `databases[].name`.
    for (const key of keys) expect(page).toMatch(new RegExp(`\`${key}(\`|\\.|\\[)`));
  });

  it.each([
    ['an unknown key', `${good}    owner: me\n`, 'warroom.yaml:6: services.0'],
    ['a name twice', good + good.slice(good.indexOf('  - ')), 'warroom.yaml:6: services.1.name'],
    [
      'a dependency that is not there',
      `${good}    dependsOn: [ledger]\n`,
      'warroom.yaml:6: services.0.dependsOn.0',
    ],
    ['a missing key', good.replace('    language: node\n', ''), 'warroom.yaml:2: services.0.language'],
    [
      'a shell line for a command',
      good.replace('[npm, test]', 'npm test'),
      'warroom.yaml:5: services.0.testCommand',
    ],
    [
      'an approver whom Slack does not know by this word',
      `${good}    approvers: ['@oncall', nina]\n`,
      'warroom.yaml:6: services.0.approvers.1: must be a Slack user id',
    ],
    [
      'an owner whom Slack does not know by this word',
      `${good}    owners:\n      - U0123ABCD\n      - nina@example.com\n`,
      'warroom.yaml:8: services.0.owners.1: must be a Slack user id',
    ],
    [
      'an address that git is not allowed to fetch',
      good.replace('https://example.com/a/billing.git', 'ssh://example.com/a/billing.git'),
      'warroom.yaml:3: services.0.repository.url',
    ],
    ['a mode that nobody knows', `${good}    mode: automatic\n`, 'warroom.yaml:6: services.0.mode'],
    ['broken YAML', 'services: [', 'warroom.yaml:1'],
    ['no service', 'services: []\n', 'warroom.yaml:1: services'],
  ])('points at the line of %s', (_, source, where) => {
    expect(() => parseCatalogue(source, 'warroom.yaml')).toThrow(where);
  });

  it('takes people as Slack spells them: user ids, group ids and handles', () => {
    const refs = ['U0123ABCD', 'W0123ABCD', 'S0123ABCD', '@billing-oncall'];

    const { catalogue } = parseCatalogue(
      `${good}    owners: ${JSON.stringify(refs)}\n    approvers: ${JSON.stringify(refs)}\n`,
      'warroom.yaml',
    );

    expect(catalogue.services[0]).toMatchObject({ owners: refs, approvers: refs });
  });

  it('refuses an alias bomb', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nservices: [*c, *c, *c]\n`;

    expect(() => parseCatalogue(bomb, 'warroom.yaml')).toThrow('too many aliases');
  });

  it('says what to do when there is no file', async () => {
    await expect(readCatalogue('/nowhere/warroom.yaml')).rejects.toMatchObject({
      code: 'config_invalid',
      hint: expect.stringContaining('warroom.example.yaml'),
    });
  });
});
