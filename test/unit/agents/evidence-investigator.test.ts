import { describe, expect, it } from 'vitest';
import { type InventedSystem, investigateSystem, type Step } from './invented-system.ts';

const docs = (path: string, subject: string, minutesAgo: number) => ({
  subject,
  files: { [path]: `# ${subject}\n` },
  minutesAgo,
});

/* A lending library: desk → members, shelves. JavaScript. */
const shelfCode = `export function findCopy(branches, title) {
  const branch = branches.find((one) => one.titles.has(title));
  if (!branch) return null;
  return branch.titles.get(title).copies[0];
}
`;
const cardCode = `import settings from './settings.json' with { type: 'json' };
export function checkCard(card, now) {
  if (now - card.issuedAt > settings.cardValidDays * 86_400_000) throw new Refusal(403, 'card is past its validity');
  return card.holder;
}
`;
const deskCode = `export function createDesk(shelves, members) {
  return {
    path: '/loans',
    async lend(request) {
      const holder = await members.post('/cards/check', { barcode: request.barcode });
      const copy = await shelves.post('/copies/find', { title: request.title });
      return { holder, copy };
    },
  };
}
`;

function library(
  shelf: string,
  settings: string,
  desk: string,
  fault: Partial<InventedSystem>,
): InventedSystem {
  return {
    alert: {
      service: 'desk',
      name: 'TooManyFailures',
      expression: 'sum(rate(http_requests_total[10s])) > 1',
    },
    request: () => ({ service: 'desk', operation: 'POST /loans' }),
    services: {
      desk: {
        dependsOn: ['members', 'shelves'],
        commits: [
          { subject: 'Desk', files: { 'src/desk.js': deskCode, 'README.md': 'Desk' }, minutesAgo: 9000 },
          {
            subject: 'Greet by name',
            files: { 'src/greeting.js': "export const greet = (name) => 'Hello '.concat(name);\n" },
            minutesAgo: 95,
          },
          { subject: 'Desk asks for copies', files: { 'src/desk.js': desk }, minutesAgo: 60 },
          docs('README.md', 'Desk: opening hours', 20),
        ],
      },
      members: {
        dependsOn: [],
        commits: [
          {
            subject: 'Members',
            files: {
              'src/cards.js': cardCode,
              'src/settings.json': '{\n  "cardValidDays": 365,\n  "pageSize": 20\n}\n',
            },
            minutesAgo: 9000,
          },
          { subject: 'Cleaner settings', files: { 'src/settings.json': settings }, minutesAgo: 70 },
          {
            subject: 'Larger pages',
            files: { 'src/settings.json': settings.replace('"pageSize": 20', '"pageSize": 25') },
            minutesAgo: 15,
          },
        ],
      },
      shelves: {
        dependsOn: [],
        commits: [
          {
            subject: 'Shelves',
            files: {
              'src/find-copy.js': shelfCode,
              'src/labels.js': 'export const label = (title) => title.trim();\n',
            },
            minutesAgo: 9000,
          },
          { subject: 'Nearest branch wins', files: { 'src/find-copy.js': shelf }, minutesAgo: 80 },
          {
            subject: 'Labels in capitals',
            files: { 'src/labels.js': 'export const label = (title) => title.trim().toUpperCase();\n' },
            minutesAgo: 10,
          },
        ],
      },
    },
    ...fault,
  };
}

const loan = (members: Partial<Step>, shelves: Partial<Step>, own: Partial<Step>): Step => ({
  service: 'desk',
  operation: 'POST /loans',
  ...own,
  calls: [
    { service: 'members', operation: 'POST /cards/check', ...members },
    { service: 'shelves', operation: 'POST /copies/find', ...shelves },
  ],
});
const sameSettings = '{\n  "cardValidDays": 365,\n  "pageSize": 20\n}\n';
const deskFails = (message: string): Partial<Step> => ({
  status: 502,
  error: message,
  log: { level: 'error', message: 'loan failed', fields: { error: message } },
});

describe('a library that the engine has never seen', () => {
  it('traces an exception two services down to the commit that removed the guard', async () => {
    const guardless = shelfCode.replace('  if (!branch) return null;\n', '');
    const stack =
      "TypeError: Cannot read properties of undefined (reading 'titles')\n    at findCopy (file:///srv/app/src/find-copy.js:3:17)\n    at handle (file:///srv/app/node_modules/web/index.js:10:1)";
    const system = library(guardless, sameSettings, deskCode, {
      request: (n, broken) =>
        broken && n % 4 === 0
          ? loan(
              {},
              {
                status: 500,
                error: stack.split('\n')[0] ?? '',
                log: { level: 'error', message: 'unhandled', fields: { stack } },
              },
              deskFails('shelves answered 500'),
            )
          : loan({}, {}, {}),
    });

    const { decision, shas } = await investigateSystem(system);

    expect(decision).toMatchObject({ outcome: 'confirmed', service: 'shelves', path: ['shelves', 'desk'] });
    expect(decision.commit?.sha).toBe(shas['shelves']?.[1]);
  });

  it('names a setting when a callee begins to refuse, and says old and new value', async () => {
    const system = library(shelfCode, sameSettings.replace('365', '30'), deskCode, {
      request: (n, broken) =>
        broken && n % 5 === 0
          ? loan(
              {
                status: 403,
                log: { level: 'warn', message: 'refused', fields: { reason: 'card is past its validity' } },
              },
              {},
              deskFails('members answered 403'),
            )
          : loan({}, {}, {}),
    });

    const { decision, shas, first } = await investigateSystem(system);

    expect(decision.service).toBe('members');
    expect(decision.commit?.sha).toBe(shas['members']?.[1]);
    expect(decision.statement).toContain('`cardValidDays` 365 → 30');
    expect(
      first.every((claims) => claims.length > 0 && claims.every((claim) => claim.evidence.length > 0)),
    ).toBe(true);
  });

  it('blames the caller when it is the question that changed, though the callee refuses', async () => {
    const renamed = deskCode.replace('barcode: request.barcode', 'code: request.barcode');
    const system = library(shelfCode, sameSettings, renamed, {
      request: (_, broken) =>
        broken
          ? loan(
              {
                status: 400,
                log: { level: 'warn', message: 'refused', fields: { reason: 'barcode is required' } },
              },
              {},
              deskFails('members answered 400'),
            )
          : loan({}, {}, {}),
    });

    const { decision, shas } = await investigateSystem(system);

    expect(decision.service).toBe('desk');
    expect(decision.commit?.sha).toBe(shas['desk']?.[2]);
  });

  it('is inconclusive when a refusal has two possible sides and no commit speaks for either', async () => {
    const system = library(shelfCode, sameSettings, deskCode, {
      request: (n, broken) =>
        broken && n % 5 === 0
          ? loan(
              { status: 422, log: { level: 'warn', message: 'upstream registry said no' } },
              {},
              deskFails('members answered 422'),
            )
          : loan({}, {}, {}),
    });
    const quiet = {
      ...system,
      services: {
        ...system.services,
        members: { dependsOn: [], commits: system.services['members']?.commits.slice(0, 1) ?? [] },
      },
    };

    const { decision } = await investigateSystem(quiet);

    expect(decision).toMatchObject({ outcome: 'inconclusive', commit: null });
    expect(decision.nextChecks.length).toBeGreaterThan(0);
  });

  it('says that nothing stands out when an alert fires over a quiet system', async () => {
    const system = library(shelfCode, sameSettings, deskCode, { request: () => loan({}, {}, {}) });

    const { decision } = await investigateSystem(system);

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: null, commit: null });
    expect(decision.ruledOut.length).toBeGreaterThan(0);
  });
});

/* Parcel tracking: portal → tracker → geocoder. Python. */
const geocoder = `def locate(parcel):
    place = ATLAS.get(parcel.postcode)
    return place or DEFAULT


def handle(request):
    """/places"""
    return locate(request.parcel)
`;
const tracker = `ROUTES = {"/parcels": "track"}


def track(request, geocoder):
    return geocoder.get("/places", deadline=LIMITS["geocoder_deadline_ms"])
`;
const limits = 'geocoder_deadline_ms: 900\ncache_entries: 400\n';

function parcels(place: string, newLimits: string, request: InventedSystem['request']): InventedSystem {
  return {
    request,
    alert: { service: 'portal', name: 'PortalSlowOrFailing', expression: 'x_ratio > 0.05' },
    services: {
      portal: {
        dependsOn: ['tracker'],
        commits: [
          {
            subject: 'Portal',
            files: { 'portal/app.py': 'def index(request):\n    return tracker.get("/parcels")\n' },
            minutesAgo: 9000,
          },
          {
            subject: 'Sort imports',
            files: {
              'portal/app.py': 'import json\n\n\ndef index(request):\n    return tracker.get("/parcels")\n',
            },
            minutesAgo: 33,
          },
        ],
      },
      tracker: {
        dependsOn: ['geocoder'],
        commits: [
          {
            subject: 'Tracker',
            files: { 'tracker/track.py': tracker, 'limits.yaml': limits },
            minutesAgo: 9000,
          },
          { subject: 'Review of limits', files: { 'limits.yaml': newLimits }, minutesAgo: 50 },
          {
            subject: 'Room for more entries',
            files: { 'limits.yaml': newLimits.replace('400', '450') },
            minutesAgo: 8,
          },
        ],
      },
      geocoder: {
        dependsOn: [],
        commits: [
          {
            subject: 'Geocoder',
            files: { 'geo/locate.py': geocoder, 'geo/units.py': 'MILES = 1.609\n' },
            minutesAgo: 9000,
          },
          { subject: 'Steady answers', files: { 'geo/locate.py': place }, minutesAgo: 44 },
          { subject: 'Finer miles', files: { 'geo/units.py': 'MILES = 1.60934\n' }, minutesAgo: 12 },
        ],
      },
    },
  };
}

const parcel = (tracker: Partial<Step>, geo: Partial<Step>, own: Partial<Step>): Step => ({
  service: 'portal',
  operation: 'GET /',
  ...own,
  calls: [
    {
      service: 'tracker',
      operation: 'GET /parcels',
      ...tracker,
      calls: [{ service: 'geocoder', operation: 'GET /places', ownMs: 30, ...geo }],
    },
  ],
});

describe('a parcel tracker that the engine has never seen', () => {
  it('finds slowness at the bottom of the chain and the commit that waits', async () => {
    const slow = geocoder.replace('    place = ATLAS', '    time.sleep(0.7)\n    place = ATLAS');
    const system = parcels(slow, limits, (n, broken) =>
      parcel({}, { ownMs: (broken ? 730 : 30) + (n % 7) }, {}),
    );

    const { decision, shas } = await investigateSystem(system);

    expect(decision.service).toBe('geocoder');
    expect(decision.commit?.sha).toBe(shas['geocoder']?.[1]);
    expect(decision.path).toEqual(['geocoder', 'tracker', 'portal']);
  });

  it('blames the one that gives up too early, not the callee that is as fast as ever', async () => {
    const system = parcels(geocoder, limits.replace('900', '25'), (n, broken) => {
      const late = broken && n % 3 !== 0;
      return parcel(
        late
          ? {
              status: 504,
              error: 'no place',
              log: { level: 'error', message: 'gave up on geocoder', fields: { deadline_ms: 25 } },
            }
          : {},
        { ownMs: 24 + (n % 9), ...(late ? { givenUpAfterMs: 25 } : {}) },
        late ? { status: 502, log: { level: 'error', message: 'tracker answered 504' } } : {},
      );
    });

    const { decision, shas } = await investigateSystem(system);

    expect(decision.service).toBe('tracker');
    expect(decision.commit?.sha).toBe(shas['tracker']?.[1]);
  });
});
