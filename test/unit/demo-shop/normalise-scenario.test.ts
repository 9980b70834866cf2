import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { normaliseScenario } from '../../../demo/shop/normalise-scenario.ts';

const whole = {
  title: 'Paying takes seconds',
  service: 'payment-service',
  commit: { message: 'Keep one connection', author: { name: 'Hannah Vogel', email: 'hannah@shop.example' } },
  expected: { service: 'payment-service', remedy: 'revert-commit' },
  also: [],
  trafficFactor: null,
  alerts: null,
  database: null,
  patch: null,
};
const head = 'title: Paying takes seconds\nservice: payment-service\n';
const commit = 'commit: { message: Keep one connection, author: Hannah Vogel <hannah@shop.example> }\n';

describe('the spellings of a scenario', () => {
  it.each([
    [
      'ours',
      'commit: { message: Keep one connection, author: { name: Hannah Vogel, email: hannah@shop.example } }',
    ],
    ['author in one line', commit],
    ['message as the commit', 'commit: Keep one connection\nauthor: Hannah Vogel <hannah@shop.example>'],
    [
      'message beside it',
      'message: Keep one connection\nauthor: { name: Hannah Vogel, email: hannah@shop.example }',
    ],
    ['commitMessage', 'commitMessage: Keep one connection\nauthor: Hannah Vogel <hannah@shop.example>'],
    [
      'commit_message',
      'commit_message: Keep one connection\ncommit_author: Hannah Vogel <hannah@shop.example>',
    ],
    [
      'commit-message with name and address apart',
      'commit-message: Keep one connection\nauthor_name: Hannah Vogel\nauthor_email: hannah@shop.example',
    ],
    [
      'author as a name, with an address',
      'commit: { message: Keep one connection, author: Hannah Vogel, email: hannah@shop.example }',
    ],
    [
      'Commit in capitals',
      'Commit: { Message: Keep one connection }\nAuthor: Hannah Vogel <hannah@shop.example>',
    ],
  ])('of the commit: %s', (_case, text) => {
    expect(normaliseScenario(parse(head + text))).toEqual({ ok: true, scenario: whole });
  });

  it.each([
    ['expected: { service: user-service, remedy: restart }'],
    ['expected: { rootCauseService: user-service, remedy: restart }'],
    ['expected: { root_cause_service: user-service, remedy: Restart }'],
    ['expected: { root-cause: user-service, remedy: { kind: restart } }'],
    ['expected: { rootCause: { service: user-service }, remedy: restart }'],
    ['expectedService: user-service\nexpectedRemedy: restart'],
    ['expected_service: user-service\nexpected_remedy: restart'],
    ['expected-root-cause-service: user-service\nexpected-remedy: restart'],
    ['expectedRootCauseService: user-service\nexpectedRemedy: restart'],
    ['expected root-cause service: user-service\nexpected remedy: restart'],
  ])('of what is expected: %s', (text) => {
    expect(normaliseScenario(parse(head + commit + text))).toMatchObject({
      ok: true,
      scenario: { expected: { service: 'user-service', remedy: 'restart-service' } },
    });
  });

  it.each([['revert'], ['Revert commit'], ['revert_commit'], ['git revert']])('of a revert: %s', (remedy) => {
    expect(normaliseScenario(parse(`${head}${commit}expected: { remedy: ${remedy} }`))).toMatchObject({
      scenario: { expected: { service: 'payment-service', remedy: 'revert-commit' } },
    });
  });

  it.each([
    ['create-index', 'create-index'],
    ['createIndex', 'create-index'],
    ['Add index', 'create-index'],
    ['restart_service', 'restart-service'],
    ['run-runbook', 'run-runbook'],
    ['something else', 'something else'],
  ])('of a remedy: %s', (written, remedy) => {
    expect(normaliseScenario(parse(`${head}${commit}expected: { remedy: ${written} }`))).toMatchObject({
      scenario: { expected: { remedy } },
    });
  });

  it('asks for the database where it says so', () => {
    expect(normaliseScenario(parse(`${head}${commit}database: payments`))).toMatchObject({
      scenario: { database: 'payments' },
    });
  });

  it('needs no commit where nothing is broken', () => {
    const text = `${head}traffic: { factor: 2 }\nalerts: alerts.yml\nexpected: { outcome: inconclusive }`;

    expect(normaliseScenario(parse(text))).toEqual({
      ok: true,
      scenario: { ...whole, commit: null, expected: 'inconclusive', trafficFactor: 2, alerts: 'alerts.yml' },
    });
  });

  it('knows what goes out beside the fault', () => {
    const beside = `also: { service: user-service, patch: b.patch, commit: M, author: A <a@shop.example> }`;

    expect(normaliseScenario(parse(`${head}${commit}${beside}`))).toMatchObject({
      scenario: {
        also: [
          {
            service: 'user-service',
            patch: 'b.patch',
            commit: { message: 'M', author: { name: 'A', email: 'a@shop.example' } },
          },
        ],
      },
    });
  });

  it('expects the injected service and a revert where it says nothing, and leaves unknown keys alone', () => {
    const text = `${head}${commit}description: something\npatch: pool.diff\ntags: [a, b]\n`;

    expect(normaliseScenario(parse(text))).toEqual({ ok: true, scenario: { ...whole, patch: 'pool.diff' } });
  });

  it('gives an author who is only named an address', () => {
    expect(normaliseScenario(parse(`${head}message: M\nauthor: José  Nuñez-Ruiz`))).toMatchObject({
      scenario: { commit: { author: { name: 'José  Nuñez-Ruiz', email: 'jose.nunez.ruiz@shop.example' } } },
    });
  });

  it.each([
    ['nothing but text', 'hello', [/no fields/]],
    ['nothing at all', '', [/no fields/]],
    ['everything', '{}', [/^title/, /^service/, /^commit.message/, /^commit.author/]],
    ['a service that is no name', `${head.replace('payment-', 'Payment ')}${commit}`, [/repository's name/]],
    ['an author who would break a commit', `${head}message: M\nauthor: "A <a"`, [/^author/]],
    ['a database that there is none of', `${head}${commit}database: orders`, [/^database "orders"/]],
    [
      'an outcome that there is none of',
      `${head}${commit}expected: { outcome: maybe }`,
      [/^expected.outcome "maybe"/],
    ],
    ['a load beyond all measure', `${head}${commit}traffic: 99`, [/^traffic.factor "99"/]],
    [
      'half of another change',
      `${head}${commit}also: { commit: M }`,
      [/^also.service/, /^also.patch/, /^also.commit.author/],
    ],
    [
      'another change where the fault is',
      `${head}${commit}also: { service: payment-service, patch: b.patch, commit: M, author: A }`,
      [/^also: payment-service/],
    ],
    ['an address that is none', `${head}message: M\nauthor: { name: A, email: nowhere }`, [/^author/]],
  ])('names what is wrong: %s', (_case, text, problems) => {
    expect(normaliseScenario(parse(text))).toEqual({
      ok: false,
      problems: problems.map((problem) => expect.stringMatching(problem)),
    });
  });
});
