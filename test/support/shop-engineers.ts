import { readFileSync } from 'node:fs';
import type { Asked, Scripted, ShownRow } from './aimock.ts';
import { aReport, type WrittenClaim } from './claude-script.ts';

/** What the stand-in says in place of Claude: an engineer a service, who looks as one would and cites what was shown. */
export type Engineer = (asked: Asked, commit: string) => Scripted;

type Calls = readonly { name: string; input: object }[];

/** One turn after the other; the last one writes the report. */
function inTurn(
  turns: readonly ((commit: string) => { thinking: string; calls: Calls })[],
  report: (asked: Asked, commit: string) => Scripted,
): Engineer {
  return (asked, commit) => turns[asked.turn]?.(commit) ?? report(asked, commit);
}

/** Numbers of rows of these kinds about a service, newest first and few. */
function rowsOf(asked: Asked, service: string, kinds: readonly string[], most = 1): number[] {
  return kinds.flatMap((kind) =>
    asked.rows
      .filter((row) => row.service === service && row.kind === kind)
      .map((row) => row.evidence)
      .slice(-most),
  );
}

const about = (asked: Asked, holds: (row: ShownRow) => boolean): number[] => [
  ...new Set(asked.rows.filter(holds).map((row) => row.evidence)),
];

/** The newest row with these words in its title. */
const titled = (asked: Asked, words: string): number[] =>
  about(asked, (row) => row.title.includes(words)).slice(-1);

/** Nothing is wrong here, after a look. */
export const findNothing: Engineer = inTurn(
  [() => ({ thinking: 'First what moved here at all.', calls: [{ name: 'metric_overview', input: {} }] })],
  (asked) =>
    aReport([
      {
        kind: 'healthy',
        text: `${asked.service}: nothing abnormal here.`,
        evidence: rowsOf(asked, asked.service, ['metric', 'trace']),
        confidence: 0.8,
      },
    ]),
);

/** order-service: its failures are refusals of user-service. */
const blameUsers: Engineer = inTurn(
  [
    () => ({
      thinking: 'The failures begin all at once. Are they ours, or do we pass them on?',
      calls: [
        { name: 'trace_edges', input: {} },
        { name: 'log_search', input: { text: 'request failed' } },
      ],
    }),
    () => ({
      thinking: 'Every failure is a refusal of user-service. Were it ours, other calls would fail as well.',
      calls: [{ name: 'trace_edges', input: { service: 'payment-service' } }],
    }),
  ],
  (asked) => {
    const refused = rowsOf(asked, 'order-service', ['trace', 'log']);
    return aReport(
      [
        {
          kind: 'symptom',
          text: 'A third of POST /orders ends with 502 since the onset.',
          evidence: rowsOf(asked, 'order-service', ['metric', 'log']),
          confidence: 0.9,
        },
        {
          kind: 'blame',
          text: 'My failures are 401 TOKEN_EXPIRED answers of user-service to POST /sessions/verify.',
          evidence: refused,
          blamesService: 'user-service',
          confidence: 0.9,
        },
      ],
      {
        hypotheses: [
          {
            statement: 'A commit of order-service broke how it sends the session token.',
            test: 'Compared the calls to user-service with those to the others.',
            verdict: 'refuted',
            evidence: refused,
          },
          {
            statement: 'user-service refuses sessions that it took before.',
            test: 'Read the failing traces and the log lines to their end.',
            verdict: 'supported',
            evidence: refused,
          },
        ],
        refutation: {
          tried: 'Were it our client, calls to payment-service would fail as well: they do not.',
          evidence: rowsOf(asked, 'payment-service', ['trace']),
          survived: true,
        },
        ruledOut: ['The calls of order-service to payment-service and inventory-service: none fails.'],
        nextChecks: ['Ask user-service what changed in how long a session holds.'],
      },
    );
  },
);

/** user-service: the lifetime of its tokens was cut. */
const findLifetime: Engineer = inTurn(
  [
    (commit) => ({
      thinking: 'The refusals say TOKEN_EXPIRED. How old are the tokens, and what do we allow?',
      calls: [
        { name: 'log_search', input: { text: 'token has expired' } },
        { name: 'show_commit', input: { sha: commit } },
      ],
    }),
    () => ({
      thinking:
        'The lifetime was cut from a day to an hour. Does anything else read that setting, and is the clock well?',
      calls: [
        { name: 'search_source', input: { text: 'tokenTtlHours' } },
        { name: 'read_file', input: { path: 'config/session.json' } },
      ],
    }),
    () => ({
      thinking:
        'If it were the signing keys, tokens of every age would be refused, and as forged. I try to show that.',
      calls: [
        { name: 'log_search', input: { text: 'TOKEN_FORGED' } },
        { name: 'metric_overview', input: {} },
      ],
    }),
  ],
  (asked, commit) => {
    const shown = titled(asked, `Commit ${commit.slice(0, 10)}`);
    const refused = [
      ...titled(asked, 'token has expired'),
      ...rowsOf(asked, 'user-service', ['trace', 'metric']),
    ];
    const claims: WrittenClaim[] = [
      {
        kind: 'symptom',
        text: 'POST /sessions/verify refuses a third of its calls with 401 TOKEN_EXPIRED.',
        evidence: refused,
        confidence: 0.9,
      },
      {
        kind: 'cause',
        text: 'tokenTtlHours was cut from 24 to 1: every session older than an hour is refused, also those that were open.',
        evidence: [...refused, ...shown],
        blamesService: 'user-service',
        blamesCommit: commit,
        confidence: 0.9,
      },
    ];
    return aReport(claims, {
      hypotheses: [
        {
          statement: 'The lifetime of tokens was shortened, and open sessions end with it.',
          test: 'Compared the age of refused tokens with the lifetime in the same line.',
          verdict: 'supported',
          evidence: [...refused.slice(0, 1), ...shown],
        },
        {
          statement: 'A signing key was rotated while tokens of the old one were out.',
          test: 'Searched for refusals as forged or of an unknown key.',
          verdict: 'refuted',
          evidence: titled(asked, 'TOKEN_FORGED'),
        },
      ],
      refutation: {
        tried: 'Were it a key, tokens would be refused as forged, whatever their age: no line says so.',
        evidence: titled(asked, 'TOKEN_FORGED'),
        survived: true,
      },
      answers: [...asked.task.matchAll(/question ([a-z0-9]{8,})/g)].map(([, questionId]) => ({
        questionId,
        verdict: 'mine',
        text: 'Yes: the lifetime of tokens went from 24 hours to one in the latest release.',
        evidence: shown,
      })),
      ruledOut: ['Signing keys: no token was refused as forged.', 'The clock: ages and lifetimes agree.'],
      nextChecks: ['After the revert: the share of 401 on POST /sessions/verify.'],
    });
  },
);

/** token-ttl, each in the chair of a service. */
export const tokenEngineers: Engineer = (asked, commit) =>
  (asked.service === 'user-service'
    ? findLifetime
    : asked.service === 'order-service'
      ? blameUsers
      : findNothing)(asked, commit);

const reproduce = readFileSync(new URL('../fixtures/leak-repaired/reproduce.mjs', import.meta.url), 'utf8');

const repaired = readFileSync(new URL('../fixtures/leak-repaired/repaired.patch', import.meta.url), 'utf8');

/** leak: reproduces it in the sandbox, and writes the line that is missing. */
const findLeak: Engineer = inTurn(
  [
    (commit) => ({
      thinking:
        'Descriptors climb and nothing fails. What opens something for each order since the last release?',
      calls: [
        { name: 'metric_query', input: { expression: 'process_open_fds{service="order-service"}' } },
        { name: 'show_commit', input: { sha: commit } },
      ],
    }),
    () => ({
      thinking: 'The answer of the forecast is never read: its socket stays. I try it before I say it.',
      calls: [
        { name: 'edit_files', input: { files: [{ path: 'reproduce.mjs', content: reproduce }] } },
        { name: 'run_command', input: { argv: ['node', 'reproduce.mjs'] } },
      ],
    }),
    () => ({
      thinking: 'If inventory-service kept them open, its own descriptors would climb as well.',
      calls: [
        { name: 'metric_query', input: { expression: 'process_open_fds{service="inventory-service"}' } },
      ],
    }),
  ],
  (asked, commit) => {
    const shown = titled(asked, `Commit ${commit.slice(0, 10)}`);
    const climbs = about(asked, (row) => row.title === 'Metric query').slice(0, 1);
    return aReport(
      [
        {
          kind: 'symptom',
          text: 'The descriptors of order-service climb with every order; its requests are well.',
          evidence: climbs,
          confidence: 0.9,
        },
        {
          kind: 'cause',
          text: 'forecast-refresh.js never reads the answer, so each order leaves a connection to inventory-service open.',
          evidence: [...climbs, ...titled(asked, 'node reproduce.mjs'), ...shown],
          blamesService: 'order-service',
          blamesCommit: commit,
          confidence: 0.9,
        },
      ],
      {
        hypotheses: [
          {
            statement: 'The answer of the forecast is not read, and its socket stays open.',
            test: 'Ran refresh five times against a server in the sandbox: its connections stay open.',
            verdict: 'supported',
            evidence: [...titled(asked, 'node reproduce.mjs'), ...shown],
          },
          {
            statement: 'inventory-service holds the connections.',
            test: 'Its own descriptors over the same time.',
            verdict: 'refuted',
            evidence: asked.rows.slice(-1).map((row) => row.evidence),
          },
        ],
        refutation: {
          tried:
            'Were it the other side, the descriptors of inventory-service would climb as well: they are level.',
          evidence: asked.rows.slice(-1).map((row) => row.evidence),
          survived: true,
        },
        ruledOut: ['inventory-service: its descriptors are level.'],
        nextChecks: ['After the fix: process_open_fds of order-service is level.'],
        patch: {
          diff: repaired,
          check: ['npm', 'test'],
          explanation: 'Read the answer of the forecast to its end, so that its connection is closed',
        },
      },
    );
  },
);

export const leakEngineers: Engineer = (asked, commit) =>
  (asked.service === 'order-service' ? findLeak : findNothing)(asked, commit);

/** The same leak, and nobody writes a patch. */
export const leakEngineersWithoutPatch: Engineer = (asked, commit) => {
  const said = leakEngineers(asked, commit);
  if (!('text' in said)) return said;
  return { text: JSON.stringify({ ...(JSON.parse(said.text) as object), patch: null }) };
};
