import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskModel } from '../../src/agents/mask-model.ts';
import type { LanguageModel } from '../../src/ports/language-model.ts';
import { now, openToolHouse, type ToolHouse } from './agent-tools-house.ts';

const slackToken = 'zoxb-99-TheBotsOwnToken-77';
const databasePassword = 'k7!Vault+pw/9';
const modules = `const ttl = require('./ttl');\nfunction refund(order) {\n  return ttl.hours;\n}\nmodule.exports = { refund };\n`;

let house: ToolHouse;

beforeAll(async () => {
  house = await openToolHouse([
    {
      subject: 'Begin',
      minutesAgo: 3_000,
      files: {
        'package.json': '{\n  "dependencies": {\n    "express": "4.18.0"\n  }\n}\n',
        'config/session.json': '{\n  "tokenTtlHours": 24,\n  "dbPassword": "old-one-123"\n}\n',
        'src/refund.js': modules,
        'src/ttl.js': '// refund\nmodule.exports.hours = 24;\n',
        'src/long.js': Array.from({ length: 3_000 }, (_, n) => `const value${n} = ${n};`).join('\n'),
      },
    },
    {
      subject: 'Shorter tokens, newer express',
      minutesAgo: 30,
      files: {
        'package.json': '{\n  "dependencies": {\n    "express": "5.1.0"\n  }\n}\n',
        'config/session.json': '{\n  "tokenTtlHours": 1,\n  "dbPassword": "new-one-456"\n}\n',
      },
    },
    {
      subject: `Leak ${slackToken}`,
      minutesAgo: 20,
      files: {
        'leak.env': `URL=postgres://shop:${encodeURIComponent(databasePassword)}@db/shop\nT=${slackToken}\n`,
      },
    },
  ]);
  house.secrets.learn(slackToken);
  house.secrets.learn(`postgres://bot:${encodeURIComponent(databasePassword)}@db:5432/warroom`);
});
afterAll(() => house.close());

const line = (minute: number, message: string, level = 'error', traceId = '') => ({
  at: new Date(now.getTime() - minute * 60_000),
  service: 'shop',
  level: level as 'error',
  message,
  fields: {},
  ...(traceId === '' ? {} : { traceId }),
});

describe('tools of source', () => {
  it('find, read and date a symbol', async () => {
    const [symbol] = await house.ask('find_symbol', { name: 'refund' });
    const [blame] = await house.ask('blame_lines', { path: 'config/session.json', fromLine: 2, lines: 1 });
    const [log] = await house.ask('git_log', { path: 'config' });
    const [tree] = await house.ask('list_files', {});
    const [file] = await house.ask('read_file', { path: './src//refund.js', fromLine: 2, lines: 1 });

    expect(symbol?.['data']).toEqual({
      declared: [
        {
          place: 'src/refund.js:2–4',
          kind: 'function',
          name: 'refund',
          within: null,
          text: 'function refund(order) {',
        },
      ],
      uses: [{ place: 'src/refund.js:5', within: null, text: 'module.exports = { refund };' }],
    });
    expect(blame?.['summary']).toContain('"Shorter tokens, newer express" by Ada Test');
    expect(log?.['data'].commits).toHaveLength(2);
    expect(tree?.['data'].entries).toContain('config/session.json 56');
    expect(file?.['data'].text).toBe('2: function refund(order) {');
  });

  it('say what went live: settings without their secrets, and versions of libraries', async () => {
    const [compared] = await house.ask('compare_deploys', { from: house.shas[0] ?? '' });

    expect(compared?.['summary']).toContain('2 commits and 3 files');
    expect(compared?.['data'].settings).toContainEqual({
      path: 'config/session.json',
      key: 'tokenTtlHours',
      from: '24',
      to: '1',
    });
    expect(compared?.['data'].libraries).toEqual([
      { path: 'package.json', name: 'express', from: '4.18.0', to: '5.1.0' },
    ]);
    const number = compared?.['evidence'] as number;
    const whole = await house.record.evidence.output(house.incidentId, number);
    const [shown] = await house.ask('read_file', { path: 'config/session.json' });
    const [commit] = await house.ask('show_commit', { sha: house.shas[1] ?? '' });
    expect(whole).toContain('+  "dbPassword": [masked]');
    expect(JSON.stringify([compared, shown, commit, whole])).not.toMatch(/new-one-456|old-one-123/);
  });

  it('stay inside the repository', async () => {
    for (const path of ['../secrets', '/etc/passwd', 'a/../../b'])
      expect((await house.ask('read_file', { path }))[0]?.['problem'], path).toContain(
        'inside the repository',
      );
  });
});

describe('tools of telemetry', () => {
  it('search lines by expression, level, time and request', async () => {
    const trace = 'a'.repeat(32);
    house.lines.push(
      line(3, 'order 17 failed: E42', 'error', trace),
      line(4, 'order 18 paid', 'info', trace),
      line(5, 'order 19 failed: E43', 'warn'),
      line(60, 'order 1 failed: E41'),
    );
    const texts = async (input: object): Promise<string[]> =>
      (await house.ask('log_search', { ...input })).flatMap((one) =>
        (one['data']?.lines ?? []).map((hit: { text: string }) => hit.text.slice(0, 8)),
      );

    expect(await texts({ pattern: 'order \\d+ failed: E4[23]' })).toEqual(['order 17', 'order 19']);
    expect(await texts({ text: 'order', level: 'error' })).toEqual(['order 17']);
    expect(await texts({ traceId: trace })).toEqual(['order 17', 'order 18']);
    expect(await texts({ text: 'E41', from: '2026-03-04T09:00:00Z', to: '2026-03-04T09:30:00Z' })).toEqual([
      'order 1 ',
    ]);
    expect((await house.ask('log_search', { pattern: '(' }))[0]?.['problem']).toContain(
      'no regular expression',
    );
    expect((await house.ask('log_search', { pattern: '(o+)+(r+)+(\\s|.)*!$'.repeat(4) }))[0]).toBeDefined();
  });

  it('check an expression before it is sent, write templates, and refuse what is too wide', async () => {
    const before = house.asked.length;
    const [wrong] = await house.ask('metric_query', { expression: 'sum(rate(x[5m])' });
    expect(wrong?.['problem']).toContain('column 16');
    expect(house.asked).toHaveLength(before);

    const [right] = await house.ask('metric_query', { expression: 'sum(rate(x[5m])) # all' });
    const [ratio] = await house.ask('metric_query', { template: 'error-ratio', by: ['route'] });
    const [neither] = await house.ask('metric_query', {});
    const [wide] = await house.ask('metric_query', { expression: 'everything' });
    const [memory] = await house.ask('metric_query', { template: 'memory' });

    expect(right?.['summary']).toContain('1 series');
    expect(house.asked.at(-2)).toMatch(
      /^sum by \(route\) \(rate\(http_requests_total\{service="shop",status=~"5\.\*"\}\[\d+s\]\)\) \/ sum by \(route\)/,
    );
    expect(ratio?.['kind']).toBe('metric');
    expect(neither?.['problem']).toContain('either a template or an expression');
    expect(wide?.['problem']).toContain('90000 series');
    expect(memory?.['summary']).toContain('no gauge of memory');

    const counted = house.asked.length;
    const [slow] = await house.ask('metric_query', { expression: 'sum(rate(too_slow{a="b"}[5m]))' });
    const [dear] = await house.ask('metric_query', { expression: 'max_over_time(vector(1)[7d:1ms])' });
    expect(slow?.['problem']).toContain('could not be counted (the server gave up)');
    expect(dear?.['problem']).toContain('steps by 15 s');
    expect(house.asked.slice(counted)).toEqual(['count(too_slow{a="b"}\n)']);
  });

  it('search requests', async () => {
    const span = (n: number, change: object) => ({
      traceId: String(n).padStart(32, '0'),
      spanId: String(n).padStart(16, '0'),
      parentId: null,
      service: 'shop',
      operation: 'GET /orders',
      kind: 'server' as const,
      startUs: (now.getTime() - 120_000) * 1000,
      durationUs: n * 100_000,
      error: false,
      attributes: {},
      ...change,
    });
    house.spans.push(
      span(1, {}),
      span(2, { error: true, errorText: 'boom' }),
      span(9, {}),
      span(3, { service: 'other' }),
    );

    const [failed] = await house.ask('trace_search', { failed: true });
    const [slow] = await house.ask('trace_search', { minDurationMs: 150, operation: 'ORDERS' });

    expect(failed?.['data'].traces).toMatchObject([{ failed: true, errorText: 'boom', durationMs: 200 }]);
    expect(slow?.['data'].traces.map((one: { durationMs: number }) => one.durationMs)).toEqual([200, 900]);
  });
});

describe('what does not fit', () => {
  it('is kept, named, searched and read, by this worker or another', async () => {
    const [cut] = await house.ask('search_source', { text: 'const value' });
    const number = cut?.['evidence'] as number;

    expect(cut?.['more']).toMatch(new RegExp(`^… 2,000 more lines: search_output evidence ${number}`));
    const [found] = await house.ask('search_output', { evidence: number, pattern: 'value1[79]8 ' });
    const [read] = await house.ask('read_output', { evidence: number, fromLine: 1_999, lines: 5 });
    const [none] = await house.ask('search_output', { evidence: 9_999, pattern: 'x' });

    expect(found?.['data'].hits).toEqual([
      '179: src/long.js:179: const value178 = 178;',
      '199: src/long.js:199: const value198 = 198;',
    ]);
    expect(read?.['data'].text.split('\n')).toHaveLength(2);
    expect(none?.['problem']).toMatch(/no evidence 9999; rows of this incident are 1 to \d+/);
    expect((await house.record.evidence.output(house.incidentId, number))?.split('\n')).toHaveLength(2_000);
  });

  it('is cut inside one line of JSON, whatever a row holds', async () => {
    const [file] = await house.ask('git_diff', { from: house.shas[0] ?? '', at: house.shas[2] ?? '' });
    const [long] = await house.ask('read_file', { path: 'src/long.js', lines: 400 });

    expect(file?.['data'].diff).toContain('express');
    expect(JSON.stringify(long).length).toBeLessThan(12_500);
    expect(long?.['summary']).toMatch(/go on from line \d+/);
  });
});

describe('a call that is not as declared', () => {
  it.each([
    ['no_such_tool', {}, 'There is no tool "no_such_tool". There are: metric_overview'],
    ['read_file', {}, 'path (string), fromLine (integer, may be left out)'],
    ['read_file', { path: 7, file: 'x' }, 'Given: path, file'],
    ['read_file', 'src/refund.js', 'Given: no object'],
    ['run_command', { argv: ['x'.repeat(210_000)] }, 'are taken: ask for less'],
    ['git_log', { service: 'ghost' }, 'Known: shop'],
    ['show_commit', { sha: 'feedbeef' }, undefined],
  ])('is answered so that it can be written anew: %s', async (name, input, said) => {
    const [answer] = await house.ask(name, input);

    if (said === undefined) expect(answer?.['summary']).toContain('There is no such commit; git_log lists');
    else expect(answer?.['problem']).toContain(said);
  });
});

describe('secrets of this process', () => {
  it('reach no evidence row, no kept output, no outbox, no timeline, no model and no log', async () => {
    const encoded = Buffer.from(`bot:${databasePassword}`).toString('base64');
    house.lines.push(line(2, `auth ${slackToken} ${databasePassword} Basic ${encoded} leak-marker`));
    house.lines.push(...Array.from({ length: 80 }, (_, n) => line(2, `leak-marker ${n} ${slackToken}`)));

    const seen: unknown[] = [];
    for (const [name, input] of [
      ['log_search', { text: 'leak-marker' }],
      ['show_commit', { sha: house.shas[2] ?? '' }],
      ['read_file', { path: 'leak.env' }],
      ['search_source', { text: slackToken }],
      ['git_log', {}],
      ['compare_deploys', { from: house.shas[0] ?? '' }],
      ['git_log', { service: slackToken }],
    ] as const)
      seen.push(await house.ask(name, input));
    const { record, incidentId } = house;
    const item = { type: 'bookmark', title: `t ${slackToken}`, link: `https://x/${databasePassword}` };
    await record.outbox.put(incidentId, 'leak', item as never);
    await record.timeline.append(incidentId, {
      kind: 'x',
      actor: 'x',
      text: slackToken,
      data: [databasePassword],
    } as never);
    const rows = await record.evidence.ofIncident(incidentId);
    const outputs = await Promise.all(rows.map((row) => record.evidence.output(incidentId, row.number)));
    const asked: unknown[] = [];
    const model = { turn: async (request: unknown) => void asked.push(request) } as unknown as LanguageModel;
    await maskModel(model, house.secrets).turn(
      {
        system: [`s ${slackToken}`],
        messages: [
          {
            role: 'user',
            blocks: [
              { type: 'text', text: `${databasePassword} ${encoded}` },
              { type: 'tool-result', callId: '1', text: JSON.stringify(seen), failed: false },
              { type: 'tool-call', id: '1', name: 'x', input: { a: [slackToken] } },
            ],
          },
        ],
        tools: [],
        maxOutputTokens: 1,
      },
      AbortSignal.timeout(1_000),
    );

    const kept = JSON.stringify([
      rows,
      outputs,
      await record.outbox.ofIncident(incidentId),
      await record.timeline.ofIncident(incidentId),
    ]);
    expect(outputs.filter((one) => one?.includes('leak-marker'))).toHaveLength(1);
    for (const text of [kept, JSON.stringify(asked), logged()]) {
      expect(text.includes('[masked]')).toBe(true);
      for (const secret of [
        slackToken,
        databasePassword,
        encodeURIComponent(databasePassword),
        encoded.slice(8, 20),
      ])
        expect(text.includes(secret), secret).toBe(false);
    }
    // All but the failed call, which names what was asked for: what a model gets passes the mask of requests.
    expect(JSON.stringify(seen.slice(0, -1))).not.toContain(slackToken);
  });
});

/** The log is a file descriptor of the process. */
function logged(): string {
  const platform = resolve(import.meta.dirname, '../../src/platform');
  const script = `
    const { createLog } = await import(${JSON.stringify(join(platform, 'log.ts'))});
    const { createKnownSecrets } = await import(${JSON.stringify(join(platform, 'known-secrets.ts'))});
    const secrets = createKnownSecrets();
    const values = ${JSON.stringify([slackToken, databasePassword])};
    for (const value of values) secrets.learn(value);
    const log = createLog('info', secrets).child({ bound: values[0] });
    log.error({ err: new Error('failed with ' + values.join(' ')), url: 'x?' + encodeURIComponent(values[1]) }, 'sent ' + values[0]);`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stderr;
}
