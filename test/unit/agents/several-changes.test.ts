import { describe, expect, it } from 'vitest';
import { type InventedSystem, investigateSystem, type Step } from './invented-system.ts';

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
