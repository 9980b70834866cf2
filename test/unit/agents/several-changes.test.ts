import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/ports/change-source.ts';
import { type InventedSystem, investigateSystem, onsetMs, type Step } from './invented-system.ts';

/* A ferry line: booking → berths, cards. Both booking and cards are released when it begins. */
const bookingCode = `export function createBooking(berths, cards, log) {
  return {
    path: '/bookings',
    async book(request) {
      const berth = await berths.post('/holds', request);
      return { berth, payment: await cards.post('/payments', { fare: berth.fare }) };
    },
  };
}
`;
const louder = bookingCode.replace(
  '      return {',
  "      if (berth.fare !== berth.listed) log.warn('fare differs from the list', { fare: berth.fare, listed: berth.listed });\n      return {",
);
const cardsCode = `import limits from './limits.json' with { type: 'json' };
let open = 0;
export async function acquire() {
  if (open < limits.openTills) return ++open;
  await someTillCloses(limits.tillPatienceMs);
  throw new TillTimeout(\`no free till after \${limits.tillPatienceMs} ms (\${limits.openTills} open)\`);
}
`;
const limitsOf = (openTills: number) =>
  `{\n  "openTills": ${openTills},\n  "tillPatienceMs": 2000,\n  "receiptLines": 12\n}\n`;

const services: InventedSystem['services'] = {
  booking: {
    dependsOn: ['berths', 'cards'],
    commits: [
      {
        subject: 'Booking',
        files: { 'src/booking.js': bookingCode, 'README.md': 'Booking' },
        minutesAgo: 9000,
      },
      {
        subject: 'Tell when a fare is not the listed one',
        files: { 'src/booking.js': louder },
        minutesAgo: 12,
      },
    ],
  },
  berths: {
    dependsOn: [],
    commits: [
      { subject: 'Berths', files: { 'src/berths.js': 'export const rows = 40;\n' }, minutesAgo: 9000 },
    ],
  },
  cards: {
    dependsOn: [],
    commits: [
      {
        subject: 'Cards',
        files: { 'src/tills.js': cardsCode, 'src/limits.json': limitsOf(14) },
        minutesAgo: 9000,
      },
      {
        subject: 'As many tills as the bank bills us for',
        files: { 'src/limits.json': limitsOf(1) },
        minutesAgo: 25,
      },
    ],
  },
};

const book = (n: number, released: boolean, jammed: boolean): Step => ({
  service: 'booking',
  operation: 'POST /bookings',
  ...(jammed ? { status: 502, error: 'cards answered 503: no free till after 2000 ms (1 open)' } : {}),
  attributes: { 'ticket.class': n % 4 === 0 ? 'car' : 'foot', 'ticket.number': `t-${n}` },
  ...(jammed
    ? {
        log: {
          level: 'error',
          message: 'booking failed',
          fields: { error: 'cards answered 503', harbour: 'Kiel' },
        },
      }
    : released && n % 2 === 1
      ? { log: { level: 'warn', message: 'fare differs from the list', fields: { fare: 41, listed: 40 } } }
      : {
          log: {
            level: 'info',
            message: 'booked',
            fields: { harbour: n % 9 === 0 ? 'Kiel' : 'Trave', rows: released ? 90 + (n % 5) : 30 + (n % 5) },
          },
        }),
  calls: [
    { service: 'berths', operation: 'POST /holds' },
    {
      service: 'cards',
      operation: 'POST /payments',
      ...(jammed
        ? {
            status: 503,
            ownMs: 2000,
            error: 'no free till after 2000 ms (1 open)',
            log: {
              level: 'error',
              message: 'payment failed',
              fields: {
                error: 'no free till after 2000 ms (1 open)',
                stack:
                  'TillTimeout: no free till after 2000 ms (1 open)\n    at acquire (/srv/cards/src/tills.js:31:15)\n    at pay (/srv/cards/src/routes.js:12:9)\n    at node:internal/process:95:5',
              },
            },
          }
        : {}),
    },
  ],
});

describe('two changes that go live together', () => {
  it('names the one that is guilty, though the other is newer and louder', async () => {
    const { decision, shas, evidence } = await investigateSystem({
      services,
      releases: ['booking', 'cards'],
      request: (n, broken) => book(n, broken, broken && n % 4 === 0),
      alert: {
        service: 'booking',
        name: 'TooManyFailures',
        expression: 'sum(rate(http_requests_total[10s])) > 1',
      },
    });

    expect(decision).toMatchObject({ outcome: 'confirmed', service: 'cards' });
    expect(decision.commit?.sha).toBe(shas['cards']?.[1]);
    expect(decision.statement).toContain('`openTills` 14 → 1');
    const said = (service: string, kind: string) =>
      evidence.filter((one) => one.service === service && one.kind === kind).map((one) => one.summary);
    expect(said('cards', 'log').join()).toContain(
      'the stack ends in src/tills.js:31 acquire(), called from src/routes.js:12 pay()',
    );
    expect(said('booking', 'trace').join()).toContain(
      'ticket.class=car is in 100 % of the failures, 0 % otherwise',
    );
    expect(said('booking', 'trace').join()).toMatch(
      /POST \/bookings took 2\.0 s: 2\.0 s in cards, POST \/payments itself \(trace [0-9a-f]{32}\)/,
    );
    expect(said('booking', 'log').join()).toContain('rows of "booked" went from 32 to 92');
  });
});

const flag = (more: Partial<Change> = {}): Change => ({
  at: new Date(onsetMs - 4_000),
  service: 'cards',
  kind: 'flag',
  actor: 'ana',
  summary: 'till-sharing',
  before: 'off',
  after: 'on',
  url: 'https://flags.example/till-sharing',
  ...more,
});

describe('a change beside the code', () => {
  const jammed = {
    service: 'booking',
    name: 'TooManyFailures',
    expression: 'sum(rate(http_requests_total[10s])) > 1',
  };
  const request = (n: number, broken: boolean) => book(n, false, broken && n % 4 === 0);
  const innocent = {
    ...services,
    cards: {
      dependsOn: [],
      commits: [
        ...(services['cards']?.commits.slice(0, 1) ?? []),
        { subject: 'Cards: opening hours', files: { 'README.md': 'From six' }, minutesAgo: 25 },
      ],
    },
  };

  it('is stated where no commit explains it, as told and not seen, and is not called likely by that', async () => {
    const changes = [
      flag(),
      flag({ kind: 'config', summary: 'receipts', at: new Date(onsetMs - 40_000_000) }),
    ];

    const { decision } = await investigateSystem({ services: innocent, changes, request, alert: jammed });

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: 'cards', commit: null, proposes: [] });
    expect(decision.statement).toMatch(
      /: was told by ana; not seen: flag till-sharing off → on, 4 s before it began\.$/,
    );
    expect(decision.nextChecks.join()).toContain('Ask ana to take it back or to show that it is harmless');
  });

  it('does not outweigh a commit that explains it, and is left to be ruled out', async () => {
    const { decision, shas, findings } = await investigateSystem({
      services,
      releases: ['cards'],
      changes: [flag({ summary: 'payment till' })],
      request,
      alert: jammed,
    });

    expect(decision.commit?.sha).toBe(shas['cards']?.[1]);
    expect(findings.map((one) => one.text).join()).not.toContain('ana');
  });

  it('is nobody’s cause when it came after the alert, or long before', async () => {
    const changes = [flag({ at: new Date(onsetMs + 12_000) }), flag({ at: new Date(onsetMs - 50_000_000) })];

    const { decision } = await investigateSystem({ services: innocent, changes, request, alert: jammed });

    expect(decision.statement).not.toContain('till-sharing');
  });

  it('says of a commit when it was told to go live, where it is a deploy', async () => {
    const shas = (await investigateSystem({ services, request, alert: jammed })).shas['cards'] ?? [];
    const deploy = flag({
      kind: 'deploy',
      summary: 'release 41',
      before: shas[0] ?? null,
      after: shas[1] ?? null,
    });

    const { evidence } = await investigateSystem({ services, changes: [deploy], request, alert: jammed });

    expect(
      evidence
        .filter((one) => one.kind === 'change')
        .map((one) => one.summary)
        .join(),
    ).toContain('was told to go live 4 s before it began, which its own telemetry does not show');
  });
});

describe('an alert without a fault', () => {
  it('ends without a cause, and says what was ruled out, though releases went live just then', async () => {
    const { decision, findings } = await investigateSystem({
      services,
      peak: 2,
      releases: ['booking', 'cards'],
      request: (n) => book(n, false, false),
      alert: {
        service: 'booking',
        name: 'ManyRequests',
        expression: 'sum(rate(http_requests_total[10s])) > 20',
      },
    });

    expect(decision).toMatchObject({ outcome: 'inconclusive', commit: null, proposes: [] });
    expect(decision.statement).toBe(
      'Nothing stands out in the telemetry of the services that were looked at.',
    );
    expect(findings.find((one) => one.service === 'booking')?.text).toMatch(
      /^booking: nothing abnormal here beside its alert \(\d+ requests.* log lines, requests 1[12]\.\d\/s → 2\d\.\d\/s\)\.$/,
    );
    expect(decision.ruledOut.join(' ')).toMatch(/booking.*nothing abnormal there/);
    expect(decision.ruledOut.join(' ')).toContain(
      'The 2 recent commits of booking: none explains what is seen.',
    );
    expect(decision.nextChecks.join(' ')).toContain('rule of the alert on booking still fits');
  });
});
