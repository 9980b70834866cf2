import { describe, expect, it } from 'vitest';
import { parseCatalogue } from '../../../src/config/catalogue.ts';
import type { Service } from '../../../src/domain/service.ts';

/** Five lines; what a test adds begins on the sixth. */
const good = `services:
  - name: billing
    repository: { url: https://example.com/a/billing.git, slug: a/billing }
    language: node
    testCommand: [npm, test]
`;

function read(added: string): Service {
  const [service] = parseCatalogue(`${good}${added}`, 'warroom.yaml').catalogue.services;
  if (service === undefined) throw new Error('expected a service');
  return service;
}

function problemsOf(added: string): string {
  try {
    read(added);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('what remedies may act on', () => {
  it('is nothing where nothing is named, and nothing runs by itself', () => {
    expect(read('')).toMatchObject({
      mode: 'assist',
      autonomy: { kinds: [], perHour: 2, countdownSeconds: 60 },
      approvers: [],
      onCall: [],
      fallbackApprovers: [],
      databases: [],
      caches: [],
      configuration: [],
      workloads: [],
      runbooks: [],
    });
  });

  it.each(['observe', 'assist', 'semi-auto', 'collaborative'])('takes the mode %s', (mode) => {
    expect(read(`    mode: ${mode}\n`).mode).toBe(mode);
  });

  it('takes every target, with the names of its credentials', () => {
    const service = read(`    onCall: ["@billing-oncall"]
    fallbackApprovers: [U0123ABCD]
    autonomy: { kinds: [flush-cache, restart-service], perHour: 0, countdownSeconds: 10 }
    databases:
      - { name: main, url: { env: BILLING_DATABASE_URL }, schemas: [public, Billing_2], logs: { service: pg } }
    caches:
      - { name: carts, url: { file: /run/secrets/carts }, patterns: ["cart:*", "session:{a,b}:*"] }
    workloads:
      - { name: web, docker: { container: shop_billing-1 } }
      - { name: jobs, kubernetes: { cluster: production, namespace: shop, deployment: billing } }
    configuration: [config/limits.json, deploy/.env]
    runbooks:
      - name: drain
        argv: [/opt/bin/drain, "--lane={lane}", "{count}", "{region}"]
        parameters:
          lane: { type: choice, values: [card, invoice] }
          count: { type: integer, min: 1, max: 50 }
          region: { type: text, pattern: "[a-z]{2}-\\\\d{1,2}", maxLength: 5 }
        where: { container: billing-tools }
        timeoutSeconds: 5
        inverse: [/opt/bin/fill, "--lane={lane}"]
        risk: low
clusters:
  - { name: production, server: https://k8s.example, token: { env: KUBERNETES_TOKEN }, caFile: /etc/ca.pem }
`);

    expect(service.databases).toEqual([
      {
        name: 'main',
        url: { env: 'BILLING_DATABASE_URL' },
        schemas: ['public', 'Billing_2'],
        logs: { service: 'pg' },
        queries: false,
        readUrl: null,
      },
    ]);
    expect(service.caches[0]).toMatchObject({ url: { file: '/run/secrets/carts' } });
    expect(service.workloads.map((one) => Object.keys(one)[1])).toEqual(['docker', 'kubernetes']);
    expect(service.runbooks[0]).toMatchObject({ where: { container: 'billing-tools' }, risk: 'low' });
    expect(service.autonomy).toEqual({
      kinds: ['flush-cache', 'restart-service'],
      perHour: 0,
      countdownSeconds: 10,
    });
  });

  it('opens a database to questions only with a role that reads', () => {
    const database = (more: string) => `    databases: [{ name: main, url: { env: DB_URL }${more} }]\n`;

    expect(() => read(database(', queries: true'))).toThrow('needs readUrl');
    expect(read(database(', queries: true, readUrl: { env: DB_READ_URL }')).databases[0]).toMatchObject({
      queries: true,
      readUrl: { env: 'DB_READ_URL' },
    });
  });

  it('gives a runbook the careful defaults', () => {
    expect(read('    runbooks: [{ name: drain, argv: [/opt/bin/drain] }]\n').runbooks[0]).toEqual({
      name: 'drain',
      description: '',
      argv: ['/opt/bin/drain'],
      parameters: {},
      where: 'local',
      timeoutSeconds: 60,
      inverse: null,
      risk: 'medium',
    });
  });

  it('repeats no credential in what it says about it', () => {
    const said = problemsOf('    databases: [{ name: main, url: "postgres://admin:hunter2@db/main" }]\n');

    expect(said).toContain(
      'warroom.yaml:6: services.0.databases.0.url: must be { env: NAME } or { file: /path }',
    );
    expect(said).not.toContain('hunter2');
  });

  it.each([
    [
      'a credential written into it',
      '    caches:\n      - name: carts\n        url: redis://:hunter2@cache\n        patterns: ["cart:*"]\n',
      '8: services.0.caches.0.url: must be { env: NAME }',
    ],
    [
      'a credential beside its name',
      '    databases: [{ name: main, url: { env: X, value: hunter2 } }]\n',
      '6: services.0.databases.0.url',
    ],
    [
      'a relative path of a credential',
      '    databases: [{ name: main, url: { file: secrets/db } }]\n',
      '6: services.0.databases.0.url',
    ],
    [
      'a word that is no environment variable',
      '    databases: [{ name: main, url: { env: my-db } }]\n',
      '6: services.0.databases.0.url',
    ],
    [
      'a schema that is no identifier',
      '    databases: [{ name: main, url: { env: X }, schemas: ["public; drop table x"] }]\n',
      '6: services.0.databases.0.schemas.0: must be a plain PostgreSQL identifier',
    ],
    [
      'a cache without patterns',
      '    caches: [{ name: carts, url: { env: X }, patterns: [] }]\n',
      '6: services.0.caches.0.patterns',
    ],
    [
      'a pattern of every key',
      '    caches:\n      - name: carts\n        url: { env: X }\n        patterns:\n          - "cart:*"\n          - "*"\n',
      '11: services.0.caches.0.patterns.1: must begin with a fixed prefix',
    ],
    [
      'a pattern with next to no prefix',
      '    caches: [{ name: carts, url: { env: X }, patterns: ["c*"] }]\n',
      '6: services.0.caches.0.patterns.0: must begin with a fixed prefix',
    ],
    ['a workload that is nowhere', '    workloads: [{ name: web }]\n', '6: services.0.workloads.0'],
    [
      'a container that is an option of Docker',
      '    workloads: [{ name: web, docker: { container: "--privileged" } }]\n',
      '6: services.0.workloads.0',
    ],
    [
      'a cluster that is not described',
      '    workloads:\n      - name: web\n        kubernetes: { cluster: prod, namespace: shop, deployment: web }\n',
      '8: services.0.workloads.0.kubernetes.cluster: "prod" is not one of the clusters',
    ],
    [
      'a target twice',
      '    databases:\n      - { name: main, url: { env: X } }\n      - { name: main, url: { env: Y } }\n',
      '8: services.0.databases.1.name: "main" is there twice',
    ],
    [
      'configuration outside the repository',
      '    configuration: [ok.yaml, ../../etc/passwd.conf]\n',
      '6: services.0.configuration.1: must be a path inside the repository',
    ],
    [
      'configuration by its absolute path',
      '    configuration: [/etc/app.conf]\n',
      '6: services.0.configuration.0: must be a path inside the repository',
    ],
    [
      'code for configuration',
      '    configuration: [src/main.ts]\n',
      '6: services.0.configuration.0: must be a conf',
    ],
    ['a kind that is not a remedy', '    autonomy: { kinds: [reboot] }\n', '6: services.0.autonomy.kinds.0'],
    [
      'a countdown that nobody can follow',
      '    autonomy: { countdownSeconds: 9 }\n',
      '6: services.0.autonomy.countdownSeconds: must leave people 10 seconds',
    ],
    ['a rate below nothing', '    autonomy: { perHour: -1 }\n', '6: services.0.autonomy.perHour'],
    ['a word that autonomy does not know', '    autonomy: { always: true }\n', '6: services.0.autonomy'],
    [
      'a cluster with a written token',
      'clusters:\n  - name: production\n    server: https://k8s.example\n    token: abc\n',
      '9: clusters.0.token: must be { env: NAME }',
    ],
    [
      'a cluster at a file',
      'clusters: [{ name: production, server: "file:///etc/passwd", token: { env: X } }]\n',
      '6: clusters.0.server',
    ],
  ])('refuses %s, at its line', (_, added, problem) => {
    expect(problemsOf(added)).toContain(`warroom.yaml:${problem}`);
  });
});

describe('a runbook', () => {
  const runbook = (lines: string): string =>
    `    runbooks:\n      - name: drain\n${lines
      .split('\n')
      .map((line) => `        ${line}\n`)
      .join('')}`;

  it.each([
    ['a shell line', 'argv: "drain --all"', '8: services.0.runbooks.0.argv'],
    ['an empty vector', 'argv: []', '8: services.0.runbooks.0.argv'],
    [
      'a parameter that it does not name',
      'argv: [/opt/bin/drain, "--lane={lane}"]',
      '8: services.0.runbooks.0.argv.1: uses {lane}, which is not among its parameters',
    ],
    [
      'one in its inverse alone',
      'argv: [/opt/bin/drain]\ninverse: [/opt/bin/fill, "{lane}"]',
      '9: services.0.runbooks.0.inverse.1: uses {lane}',
    ],
    ['an empty parameter', 'argv: [/opt/bin/drain, "{}"]', '8: services.0.runbooks.0.argv.1: uses {}'],
    [
      'a program that is chosen by a parameter',
      'argv: ["{lane}"]\nparameters: { lane: { type: choice, values: [a] } }',
      '8: services.0.runbooks.0.argv.0: the program itself must not be a parameter',
    ],
    [
      'a parameter of no type',
      'argv: [/opt/bin/drain]\nparameters: { lane: { values: [a] } }',
      '9: services.0.runbooks.0.parameters.lane',
    ],
    [
      'a choice of nothing',
      'argv: [/opt/bin/drain]\nparameters: { lane: { type: choice, values: [] } }',
      '9: services.0.runbooks.0.parameters.lane.values',
    ],
    [
      'more than an hour',
      'argv: [/opt/bin/drain]\ntimeoutSeconds: 3601',
      '9: services.0.runbooks.0.timeoutSeconds',
    ],
  ])('is refused with %s', (_, lines, problem) => {
    expect(problemsOf(runbook(lines))).toContain(`warroom.yaml:${problem}`);
  });

  const withPattern = (pattern: string) =>
    runbook(
      `argv: [/opt/bin/drain, "{lane}"]\nparameters: { lane: { type: text, pattern: ${JSON.stringify(pattern)} } }`,
    );

  it.each([
    '(a+)+',
    '(card|invoice)',
    'a|b',
    '.*',
    '[a-z]+',
    'a?',
    '[^a]',
    '^card$',
    'a{2,}',
    '[a-',
    'b{3,1}',
  ])('takes no pattern that could explode or match anything: %s', (pattern) => {
    expect(problemsOf(withPattern(pattern))).toContain(
      'warroom.yaml:9: services.0.runbooks.0.parameters.lane.pattern',
    );
  });

  it.each(['card', '[a-z0-9-]{1,40}', '\\d{4}-\\d{2}', '[\\w.]{1,9}\\.log', 'a\\+b'])(
    'takes the pattern %s',
    (pattern) => {
      expect(problemsOf(withPattern(pattern))).toBe('');
    },
  );
});
