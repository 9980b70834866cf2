import { describe, expect, it } from 'vitest';
import { isSecret, maskDiff } from '../../../src/platform/mask-secrets.ts';
import { compareSettings } from '../../../src/remedies/config-rollback/compare-settings.ts';
import { readSettings } from '../../../src/remedies/config-rollback/read-settings.ts';
import { judgeRollback } from '../../../src/remedies/config-rollback/risk.ts';

function settingsOf(path: string, text: string): Map<string, string> {
  const read = readSettings(path, text);
  if (read.kind !== 'settings') throw new Error(read.kind);
  return new Map(read.settings);
}

describe('reading configuration', () => {
  it.each([
    ['a.json', '{ "limits": { "max": 10, "hosts": ["a", "b"] }, "a.b": null, "none": {} }'],
    ['a.yaml', 'limits:\n  max: 10 # ten\n  hosts: [a, b]\n"a.b": null\nnone: {}\n'],
    ['a.toml', '"none" = {}\n[limits]\nmax = 10\nhosts = ["a", "b"]\n'],
  ])('names nested settings with dots: %s', (path, text) => {
    const settings = settingsOf(path, text);

    expect(settings.get('limits.max')).toBe('10');
    expect(settings.get('limits.hosts.1')).toBe('"b"');
    expect(settings.get('none')).toBe('{}');
    if (path !== 'a.toml') expect(settings.get('"a.b"')).toBe('null');
  });

  it.each([
    ['a.ini', '; note\n[pool]\nmax = 10\nfast\n', { 'pool.max': '10', 'pool.fast': '' }],
    [
      'a.properties',
      '# note\npool.max=10\nlong = a\\\n  b\nbare value\n',
      { 'pool.max': '10', long: 'ab', bare: 'value' },
    ],
    ['prod.env', '# note\nexport MAX=10\nURL="x y"\n', { MAX: '10', URL: '"x y"' }],
  ])('reads lines of names and values: %s', (path, text, expected) => {
    expect(Object.fromEntries(settingsOf(path, text))).toEqual(expected);
  });

  it.each([
    ['a.json', '{ "a": 1,, }'],
    ['a.yaml', 'a: [1\nb: }'],
    ['a.yaml', 'a: 1\na: 2\n'],
    ['a.toml', 'a = = 1'],
    ['a.ini', '[pool\nmax=1'],
    ['a.env', 'MAX 10'],
    ['a.json', '['.repeat(40) + ']'.repeat(40)],
    [
      'a.yaml',
      `a: &a [x, x]\n${Array.from(
        { length: 12 },
        (_, at) =>
          `b${at}: &b${at} [${Array(9)
            .fill(at === 0 ? '*a' : `*b${at - 1}`)
            .join(', ')}]`,
      ).join('\n')}`,
    ],
  ])('says that it cannot be read, without repeating what is in it: %s', (path, text) => {
    const read = readSettings(path, text);

    expect(read).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/\w+ \w+/) });
    const secret = readSettings('a.json', '{ "password": "hunter22", broken }');
    expect(JSON.stringify(secret)).not.toContain('hunter22');
  });

  it('knows no settings where the format has none', () => {
    expect(readSettings('nginx.conf', 'server { listen 80; }')).toEqual({ kind: 'opaque' });
  });
});

describe('what is shown of configuration', () => {
  it('tells what changes setting by setting', () => {
    const now = settingsOf(
      'a.json',
      '{ "pool": { "max": 10, "old": true }, "same": 1, "dbPassword": "hunter22" }',
    );
    const after = settingsOf(
      'a.json',
      '{ "pool": { "max": 100, "new": "x" }, "same": 1, "dbPassword": "swordfish" }',
    );

    expect(compareSettings(now, after)).toEqual({
      changed: 4,
      removed: ['pool.old'],
      secrets: 1,
      lines: [
        'pool.max: 10 → 100',
        'pool.old: true → not set',
        'dbPassword: [masked] → [masked]',
        'pool.new: not set → "x"',
      ],
    });
  });

  it.each([
    ['apiKey', 'abc', true],
    ['db.password', '12345678', true],
    ['STRIPE_SECRET', 'x', true],
    ['secrets.stripe', 'x', true],
    ['auth.token', '"eyJhbGciOi"', true],
    ['private_key', 'x', true],
    ['tokenTtl', '"24h"', false],
    ['token', '3600', false],
    ['maxTokens', '4096', false],
    ['password', '""', false],
    ['keyPrefix', 'cart:', false],
    ['monkey', 'x', false],
    ['dbpassword', 'x', true],
    ['APIKEY', '"48213794"', true],
    ['requirepass', 'x', true],
    ['env.0.DB_PASSWORD.value', 'x', true],
  ])('takes %s for a secret or not', (name, value, secret) => {
    expect(isSecret(name, value)).toBe(secret);
  });

  it('masks values in the diff, whatever the format, and hides no change', () => {
    const diff = [
      '--- a/config.json',
      '+++ b/config.json',
      ' { "user": "ada", "password": "context-secret", "ttl": 24,',
      '-  "apiKey": "old-secret",',
      '+  "apiKey": "new-secret",',
      '-db_password = old secret with spaces',
      '+STRIPE_TOKEN=new-token # note',
      '+  url: postgres://app:url-secret@db:5432/x',
      '+  list: ["long-listed-secret", "fine"]',
    ].join('\n');
    const versions = [new Map([['secrets.0', '"long-listed-secret"']])];

    const shown = maskDiff(diff, versions);

    for (const secret of [
      'context-secret',
      'old-secret',
      'new-secret',
      'old secret',
      'new-token',
      'url-secret',
      'listed',
    ]) {
      expect(shown).not.toContain(secret);
    }
    expect(shown.split('\n').map((line) => line[0])).toEqual(diff.split('\n').map((line) => line[0]));
    expect(shown).toContain('"user": "ada"');
    expect(shown).toContain('"ttl": 24');
    expect(shown).toContain('postgres://app:[masked]@db:5432/x');
  });

  it.each([
    [
      'a.yaml',
      'tls_key: |\n  -----BEGIN PRIVATE KEY-----\n  hunterhunterhunter\n  -----END PRIVATE KEY-----\n',
    ],
    ['a.yaml', 'password: >-\n  some\n  hunterhunterhunter\n'],
    ['a.yaml', 'passwords:\n- hunter\n- x\n'],
    ['a.json', '{\n  "tokens": [\n    "hunter"\n  ]\n}'],
    ['k8s.yaml', 'env:\n  - name: DB_PASSWORD\n    value: hunterhunterhunter\n'],
    ['a.toml', 'secret = """\nhunter22\n"""\n'],
    ['a.json', '{"ConnectionStrings":{"Main":"Server=db;User Id=sa;Password=hunter;"}}'],
    ['redis.conf', 'requirepass hunter\n'],
    ['a.env', 'DATABASE_URL=postgres://app:x@hunter/y@db/orders\n'],
    ['a.env', 'HOOK=https://hooks.slack.com/services/T0/B0/hunter\n'],
    ['a.env', 'GITHUB=ghp_hunterhunterhunter\n'],
  ])('masks a secret wherever a format lets it stand: %s %j', (path, text) => {
    const read = readSettings(path, text);
    const versions = read.kind === 'settings' ? [read.settings] : [];
    const diff = text.split('\n').map((line) => `-${line}`);

    expect(maskDiff(diff.join('\n'), versions)).not.toContain('hunter');
    for (const settings of versions) {
      expect(compareSettings(settings, new Map()).lines.join('\n')).not.toContain('hunter');
    }
  });

  it('masks what goes on below a key that the diff does not reach', () => {
    const text = `ssl:\n  key: |\n${'    hunterhunterhunter\n'.repeat(9)}`;
    const read = readSettings('a.yaml', text);

    const shown = maskDiff(
      '@@ -9 +9 @@\n-    hunterhunterhunter',
      read.kind === 'settings' ? [read.settings] : [],
    );

    expect(shown).toBe('@@ -9 +9 @@\n-    [masked]');
  });

  it('shows what is no secret below a name that could be one', () => {
    const text =
      'auth:\n  provider: x\n  enabled: true\nhosts:\n  - web-1\nimage: web@sha256:0123456789abcdef0123\n';

    const shown = maskDiff(text, []);

    expect(shown).toBe(text);
  });

  it('does not take long over a line that is made to be slow', () => {
    const lines = ['a'.repeat(200_000), ' '.repeat(200_000), 'a="'.repeat(60_000), 'a = b '.repeat(30_000)];
    const before = performance.now();

    for (const line of lines) maskDiff(`+${line}`, []);

    expect(performance.now() - before).toBeLessThan(3_000);
  });
});

describe('the risk of a rollback', () => {
  const one = { changed: 1, removed: [], secrets: 0, lines: [] };
  const base = (over: Partial<Parameters<typeof judgeRollback>[0]>) =>
    judgeRollback({ change: one, versions: 1, otherFiles: 0, ...over }).base;

  it('is low for a few settings back by one version', () => {
    expect(base({})).toBe('low');
  });

  it('is higher where more is undone than one change of settings', () => {
    expect(base({ versions: 2 })).toBe('medium');
    expect(base({ otherFiles: 1 })).toBe('medium');
    expect(base({ change: { ...one, removed: ['a'] } })).toBe('medium');
    expect(base({ change: { ...one, changed: 11 } })).toBe('medium');
    expect(base({ change: null })).toBe('medium');
    expect(base({ change: { ...one, secrets: 1 }, versions: 2 })).toBe('high');
  });
});
