import { describe, expect, it } from 'vitest';
import { type InventedSystem, investigateSystem, onsetMs, ordinary, type Step } from './invented-system.ts';

/* Tickets: box → seats. One request a second, scrapes of 15 s, an hour of history, an alert six minutes after the onset. */
const seatsCode = `export function holdSeat(hall, row, number) {
  const place = hall.rows.get(row);
  if (place === undefined) throw new Refusal(404, 'no such row');
  return place.hold(number);
}
`;
const boxCode = `export function createBox(seats) {
  return {
    path: '/tickets',
    sell: (request) => seats.post('/holds', request, { patienceMs: limits().seatsPatienceMs }),
  };
}
`;

function theatre(seats: string, limits: string, request: InventedSystem['request']): InventedSystem {
  return {
    request,
    timing: ordinary,
    alert: {
      service: 'box',
      name: 'HighErrorRatio',
      expression:
        'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05',
    },
    services: {
      box: {
        dependsOn: ['seats'],
        commits: [
          {
            subject: 'Box',
            files: { 'src/box.js': boxCode, 'src/limits.json': '{\n  "seatsPatienceMs": 900\n}\n' },
            minutesAgo: 9000,
          },
          { subject: 'Limits', files: { 'src/limits.json': limits }, minutesAgo: 70 },
          { subject: 'Box: words', files: { 'README.md': 'Box' }, minutesAgo: 30 },
        ],
      },
      seats: {
        dependsOn: [],
        commits: [
          {
            subject: 'Seats',
            files: { 'src/seats.js': seatsCode, 'src/prices.json': '{\n  "stalls": 40\n}\n' },
            minutesAgo: 9000,
          },
          { subject: 'Prices', files: { 'src/prices.json': '{\n  "stalls": 44\n}\n' }, minutesAgo: 80 },
          { subject: 'Rows are always known', files: { 'src/seats.js': seats }, minutesAgo: 60 },
          { subject: 'Seats: words', files: { 'README.md': 'Seats' }, minutesAgo: 20 },
        ],
      },
    },
  };
}

const sameLimits = '{\n  "seatsPatienceMs": 900\n}\n';
const sale = (seats: Partial<Step>, own: Partial<Step>): Step => ({
  service: 'box',
  operation: 'POST /tickets',
  ...own,
  calls: [{ service: 'seats', operation: 'POST /holds', ownMs: 40, ...seats }],
});

describe('at the pace that teams have', () => {
  it('finds the commit behind errors that a five-minute rate reported six minutes late', async () => {
    const guardless = seatsCode.replace(
      "  if (place === undefined) throw new Refusal(404, 'no such row');\n",
      '',
    );
    const stack =
      "TypeError: Cannot read properties of undefined (reading 'hold')\n    at holdSeat (file:///srv/src/seats.js:3:16)";
    const { decision, shas, survey } = await investigateSystem(
      theatre(guardless, sameLimits, (n, broken) =>
        broken && n % 6 === 0
          ? sale(
              {
                status: 500,
                error: stack.split('\n')[0] ?? '',
                log: { level: 'error', message: 'unhandled', fields: { stack } },
              },
              { status: 502, error: 'seats answered 500', log: { level: 'error', message: 'sale failed' } },
            )
          : sale({ ownMs: 40 + (n % 5) }, {}),
      ),
    );

    expect(decision).toMatchObject({ outcome: 'confirmed', service: 'seats' });
    expect(decision.commit?.sha).toBe(shas['seats']?.[2]);
    expect(survey[0]?.service).toBe('seats');
    expect(decision.statement).toContain(`since ${new Date(onsetMs).toISOString().slice(11, 16)}`);
  });

  it('blames the impatient caller at that pace too', async () => {
    const { decision, shas } = await investigateSystem(
      theatre(seatsCode, sameLimits.replace('900', '30'), (n, broken) =>
        broken && n % 2 === 0
          ? sale(
              { givenUpAfterMs: 30 },
              {
                status: 504,
                error: 'no seat',
                log: { level: 'error', message: 'seats gave no answer in 30 ms' },
              },
            )
          : sale({ ownMs: 40 + (n % 5) }, {}),
      ),
    );

    expect(decision.service).toBe('box');
    expect(decision.commit?.sha).toBe(shas['box']?.[1]);
  });

  it('stays undecided when the machine of a callee freezes though commits went out before', async () => {
    const { decision } = await investigateSystem({
      ...theatre(seatsCode, sameLimits, (n, broken) =>
        broken
          ? {
              service: 'box',
              operation: 'POST /tickets',
              status: 504,
              error: 'seats gave no answer in 900 ms',
              ownMs: 900,
              log: { level: 'error', message: 'seats gave no answer in 900 ms' },
            }
          : sale({ ownMs: 40 + (n % 5) }, {}),
      ),
      gauges: { seats: { up: (since) => (since < 0 ? 1 : 0) } },
    });

    expect(decision.outcome).not.toBe('confirmed');
    expect(decision.commit).toBeNull();
  });
});
