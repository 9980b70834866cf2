import { describe, expect, it } from 'vitest';
import { answerLogs } from '../../../../src/analysis/logs/answer-logs.ts';
import { TemplateMiner } from '../../../../src/analysis/logs/template-miner.ts';

const said = (lines: readonly string[]): string[] => {
  const { assignment, templates } = answerLogs({ lines });
  const texts = new Map(templates.map((template) => [template.id, template.text]));
  return assignment.map((id) => texts.get(id) ?? '');
};

/** The same partition, whatever the groups are called. */
const partition = (ids: readonly number[]): string => {
  const names = [...new Set(ids)];
  return ids.map((id) => names.indexOf(id)).join(' ');
};

const shop = Array.from({ length: 240 }, (_, n) => {
  const user = ['ada', 'bob', 'cleo', 'dan', 'eve', 'finn', 'gil'][n % 7];
  return [
    `order ${n * 17} accepted in ${n % 90} ms`,
    `session opened for user ${user} by (uid=0)`,
    `connection from 10.0.${n % 9}.${n % 200} (h${n}.example.com) refused`,
    `breaker ${n % 2 === 0 ? 'opened' : 'closed'} for shipping after ${n} errors`,
  ][n % 4] as string;
});

describe('what a line says, whatever the logger', () => {
  const message = 'payment 17 declined after 3 tries';

  it.each([
    ['plain', message],
    ['log4j', `2026-11-22 10:00:00,123 ERROR [worker-1] com.acme.Pay: ${message}`],
    ['spring', `2026-11-22 10:00:00.123  WARN 4711 --- [           main] c.acme.Pay : ${message}`],
    ['syslog', `Nov 22 10:00:00 node-7 pay[4711]: ${message}`],
    ['RFC 5424', `<34>1 2026-11-22T10:00:00.003Z node-7 pay: ${message}`],
    ['klog', `E1122 10:00:00.123456   4711 pay.go:114] ${message}`],
    ['apache', `[Sun Nov 22 10:00:00 2026] [error] ${message}`],
    ['python', `2026-11-22 10:00:00,123 - acme.pay - ERROR - ${message}`],
    ['epoch', `1763805600.123 ERROR pay: ${message}`],
    ['JSON', JSON.stringify({ level: 'error', msg: message, id: 4 })],
    ['logfmt', `ts=2026-11-22T10:00:00Z level=error msg="${message}" id=4`],
  ])('%s', (_format, line) => {
    expect(said([line])[0]).toBe('payment <*> declined after <*> tries');
  });

  it('keeps requests of an access log together whatever was asked and by whom', () => {
    const lines = [
      '10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /a/b?x=1 HTTP/1.1" 200 12 "-" "curl/8.1"',
      '10.0.0.9 - ada [22/Nov/2026:10:00:09 +0000] "GET /c HTTP/1.1" 503 7 "-" "curl/7.0"',
    ];

    expect(new Set(answerLogs({ lines }).assignment).size).toBe(1);
  });

  it('takes a time in a sentence for no header', () => {
    expect(said(['last seen at 2026-11-22 10:00:00 by node 7'])[0]).toMatch(/^last seen at/);
  });
});

describe('what varies', () => {
  it('is what looks like a value, in lists of any length', () => {
    const [first, second, third] = answerLogs({
      lines: ['moved blocks 1 2 3 to 10.0.0.1', 'moved blocks 7 to 10.0.0.2', 'moved nothing'],
    }).assignment;

    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  it('is a word in whose place many others were seen, also for lines that came before', () => {
    const names = ['ada', 'bob', 'cleo', 'dan', 'eve', 'finn'];

    expect(new Set(said(names.map((name) => `failed password of ${name} over ssh`)))).toEqual(
      new Set(['failed password of <*> over ssh']),
    );
  });

  it('is a word where other lines have a value', () => {
    const lines = ['synchronized to 10.0.0.1 at stratum 3', 'synchronized to LOCAL(0) at stratum 10'];

    expect(new Set(answerLogs({ lines }).assignment).size).toBe(1);
  });

  it('is not what happened: states stay apart', () => {
    const lines = ['Started', 'Stopped', 'Paused', 'Resumed'].map((state) => `VM ${state} (lifecycle event)`);

    expect(new Set(answerLogs({ lines }).assignment).size).toBe(4);
  });
});

describe('the same lines, otherwise', () => {
  const plain = partition(answerLogs({ lines: shop }).assignment);

  it('twice the traffic is the same templates', () => {
    const { assignment } = answerLogs({ lines: [...shop, ...shop] });

    expect(partition(assignment.slice(0, shop.length))).toBe(plain);
    expect(partition(assignment.slice(shop.length))).toBe(plain);
  });

  it('shuffled lines are in the same groups', () => {
    const order = shop.map((_, n) => (n * 89) % shop.length);
    const { assignment } = answerLogs({ lines: order.map((place) => shop[place] ?? '') });
    const back = shop.map((_, n) => assignment[order.indexOf(n)] ?? 0);

    expect(partition(back)).toBe(plain);
  });

  it('a header before each line, at another time, changes no group', () => {
    const lines = shop.map(
      (line, n) => `2026-11-22T10:00:${String(n % 60).padStart(2, '0')}Z INFO shop: ${line}`,
    );

    expect(partition(answerLogs({ lines }).assignment)).toBe(plain);
  });
});

describe('an endless stream', () => {
  it('of different lines keeps a bounded number of templates', () => {
    const miner = new TemplateMiner(100);
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const word = (n: number): string =>
      [n, n * 7, n * 11, n * 13].map((k) => letters[k % 26] + (letters[(k * 3 + 1) % 26] ?? '')).join('');

    for (let n = 0; n < 5_000; n += 1) miner.add(`${word(n)} ${word(n + 3)} ${word(n * 3)}`);

    expect(miner.templates().length).toBeLessThanOrEqual(100);
  });

  it('forgets what was not said for longest', () => {
    const miner = new TemplateMiner(8);
    const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa'];

    for (const word of words) {
      miner.add('heartbeat');
      miner.add(`${word}`);
    }

    expect(miner.templates()[0]).toMatchObject({ text: 'heartbeat', count: 10 });
    expect(miner.templates().map((template) => template.text)).not.toContain('alpha');
  });

  it('counts every line in a template that is there, however many were joined and forgotten', () => {
    const miner = new TemplateMiner(40);
    const name = (n: number): string =>
      `${'abcdefgh'[n % 8]}${'klmnopqr'[(n >> 3) % 8]}${'stuvwxyz'[(n >> 6) % 8]}x`;

    for (let n = 0; n < 4_000; n += 1) {
      const id = miner.add(
        n % 3 === 0 ? `gone ${name(n)} over there at ${n}` : `stage ${name(n * 7)} of plan ${name(n)} ended`,
      );
      expect(miner.templates().some((template) => template.id === id)).toBe(true);
    }

    expect(miner.templates().length).toBeLessThanOrEqual(40);
  });

  it('of very long lines and odd characters is read like any other', () => {
    const miner = new TemplateMiner();

    for (const line of [
      'x'.repeat(1_000_000),
      '\u0000\uffff',
      '',
      ' ',
      'ошибка узла 12',
      '🚨 3 down',
      '{"a":',
      '[]',
    ])
      miner.add(line);

    expect(miner.templates().map((template) => template.text)).toContain('ошибка узла <*>');
  });
});
