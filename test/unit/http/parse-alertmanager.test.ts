import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAlertmanager } from '../../../src/http/parse-alertmanager.ts';

const folder = new URL('../../fixtures/alertmanager/', import.meta.url);
const captures = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'headers.json');

function read(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function alertsOf(bytes: Uint8Array) {
  const parsed = parseAlertmanager(bytes);
  if (parsed.kind !== 'alerts') throw new Error(parsed.reason);
  return parsed;
}

const sound = {
  status: 'firing',
  labels: { alertname: 'QueueLong' },
  annotations: {},
  startsAt: '2026-11-22T08:15:58.417Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.example/graph',
  fingerprint: 'bfa0775fa8f62d80',
};

describe('what a real Alertmanager sent', () => {
  it.each(captures)('%s is read whole', (name) => {
    const sent = JSON.parse(read(name).toString('utf8')) as {
      alerts: { status: string; fingerprint: string }[];
    };

    const { alerts, rejected, group } = alertsOf(read(name));

    expect(rejected).toEqual([]);
    expect(alerts.map(({ status, fingerprint }) => ({ status, fingerprint }))).toEqual(
      sent.alerts.map(({ status, fingerprint }) => ({ status, fingerprint })),
    );
    expect(group.groupKey).not.toBe('');
    for (const alert of alerts) {
      expect(alert.labels['alertname']).toBeTruthy();
      expect(alert.endsAt === undefined).toBe(alert.status === 'firing');
    }
  });

  it('tells firing and resolved apart inside one delivery', () => {
    const { alerts } = alertsOf(read('firing-with-one-resolved.json'));

    expect(alerts.map((alert) => alert.status).sort()).toEqual(['firing', 'resolved']);
  });

  it('says how many alerts were left out, and of which group', () => {
    const { alerts, group } = alertsOf(read('truncated-max-alerts-2.json'));

    expect(alerts).toHaveLength(2);
    expect(group).toEqual({
      groupKey: '{}/{probe="trunc"}:{alertname="Probe_trunc"}',
      receiver: 'trunc',
      labels: { alertname: 'Probe_trunc' },
      truncated: 3,
    });
  });

  it('gives a repeat the same keys as the first', () => {
    const keys = (name: string): string[] =>
      alertsOf(read(name))
        .alerts.map((alert) => `${alert.fingerprint} ${alert.startsAt.toISOString()} ${alert.status}`)
        .sort();

    expect(keys('repeat-same-group.json')).toEqual(keys('firing-grouped-two-alerts.json'));
  });
});

describe('what no capture holds', () => {
  it('passes over fields that it does not know', () => {
    const body = {
      alerts: [{ ...sound, values: { B: 1 }, dashboardURL: '' }],
      notification_reason: 'new',
      version: '9',
    };

    expect(alertsOf(bytesOf(body)).alerts).toHaveLength(1);
  });

  it('keeps good alerts beside bad ones, and the bad ones with their reason', () => {
    const bad = [
      { ...sound, startsAt: '0001-01-01T00:00:00Z' },
      { ...sound, startsAt: 'yesterday' },
      { ...sound, fingerprint: '' },
      { ...sound, status: 'pending' },
      { ...sound, labels: { alertname: 7 } },
      null,
      'alert',
    ];

    const { alerts, rejected } = alertsOf(bytesOf({ alerts: [...bad, sound] }));

    expect(alerts).toHaveLength(1);
    expect(rejected.map((one) => one.body)).toEqual(bad.map((one) => JSON.stringify(one)));
    expect(rejected[1]?.reason).toBe('startsAt: is not a time');
    expect(rejected[4]?.reason).toContain('labels.alertname');
  });

  it('reads times in any zone, to the millisecond', () => {
    const { alerts } = alertsOf(
      bytesOf({
        alerts: [
          {
            ...sound,
            status: 'resolved',
            startsAt: '2026-11-22T09:15:58.417999999+01:00',
            endsAt: '2026-11-22T08:16:00Z',
          },
        ],
      }),
    );

    expect(alerts[0]?.startsAt.toISOString()).toBe('2026-11-22T08:15:58.417Z');
    expect(alerts[0]?.endsAt?.toISOString()).toBe('2026-11-22T08:16:00.000Z');
  });

  it('keeps no link that could run something', () => {
    const { alerts } = alertsOf(bytesOf({ alerts: [{ ...sound, generatorURL: 'javascript:alert(1)' }] }));

    expect(alerts[0]?.generatorUrl).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"alerts": ['],
    ['no object', '[1]'],
    ['no alerts', '{}'],
    ['alerts that are no list', '{"alerts": {}}'],
  ])('names the reason for %s', (_what, body) => {
    expect(parseAlertmanager(new TextEncoder().encode(body))).toEqual({
      kind: 'unparseable',
      reason: expect.stringMatching(/./),
    });
  });

  it('survives bytes that are no text and JSON as deep as a body allows', () => {
    expect(parseAlertmanager(new Uint8Array([0xff, 0xfe, 0x00])).kind).toBe('unparseable');
    expect(parseAlertmanager(new TextEncoder().encode('['.repeat(1_000_000))).kind).toBe('unparseable');
    const deep = `{"alerts":[${'{"labels":'.repeat(5_000)}1${'}'.repeat(5_000)}]}`;
    expect(alertsOf(new TextEncoder().encode(deep)).rejected).toHaveLength(1);
  });
});

describe('random deliveries', () => {
  it('are read or refused, never thrown at, and every alert that comes out is whole', () => {
    const random = generator(20_261_122);
    const broken: unknown[] = [];
    let read = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const parsed = parseAlertmanager(
        bytesOf(mutate({ alerts: [sound, { ...sound }], truncatedAlerts: 1 }, random)),
      );

      if (parsed.kind === 'unparseable') continue;
      read += 1;
      for (const alert of parsed.alerts) {
        const texts = [alert.fingerprint, ...Object.values({ ...alert.labels, ...alert.annotations })];
        if (texts.some((one) => typeof one !== 'string') || !(alert.startsAt.getTime() > 0))
          broken.push(alert);
      }
      if (!Number.isInteger(parsed.group.truncated)) broken.push(parsed.group);
    }

    expect(broken).toEqual([]);
    expect(read).toBeGreaterThan(5_000);
  });

  it('are read or refused when the bytes themselves are damaged', () => {
    const random = generator(7);
    const kinds = new Set<string>();
    const whole = read('firing-grouped-two-alerts.json');
    for (let round = 0; round < 5_000; round += 1) {
      const damaged = Buffer.from(whole);
      for (let hits = 0; hits < 1 + random(4); hits += 1) damaged[random(damaged.length)] = random(256);

      kinds.add(parseAlertmanager(damaged).kind);
    }

    expect([...kinds].sort()).toEqual(['alerts', 'unparseable']);
  });
});

/** Seeded, so that a failure comes again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(value: unknown, random: (below: number) => number): unknown {
  if (random(12) === 0) return oddValue(random);
  if (Array.isArray(value)) return value.map((one) => mutate(one, random));
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value)
    .filter(() => random(15) > 0)
    .map(([key, one]): [string, unknown] => [random(20) === 0 ? '__proto__' : key, mutate(one, random)]);
  return Object.fromEntries(pairs);
}

function oddValue(random: (below: number) => number): unknown {
  const odd: readonly unknown[] = [
    null,
    true,
    -1,
    1e308,
    '',
    '\0',
    '\ud800',
    'x'.repeat(10_000),
    [],
    {},
    [[]],
    { toString: 1 },
    '9999-99-99',
  ];
  return odd[random(odd.length)];
}
