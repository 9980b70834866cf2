import type { PlannedCommit } from './planned-commit.ts';

export const userServiceHistory: readonly PlannedCommit[] = [
  {
    author: 'priya',
    hoursAgo: 1120.3,
    message: 'Start user-service from the service kit',
    adds: ['package.json', 'README.md', 'src/kit/', 'test/kit/'],
  },
  {
    author: 'priya',
    hoursAgo: 1097.5,
    message: 'Customer directory with preferences',
    adds: ['src/users.js', 'src/profiles.js', 'config/directory.json'],
  },
  {
    author: 'kenji',
    hoursAgo: 1042.6,
    message: 'Signed session tokens',
    adds: ['src/tokens.js', 'src/clock.js', 'config/session.json', 'config/keys.json', 'config/clock.json'],
  },
  { author: 'kenji', hoursAgo: 1041.2, message: 'Test tokens', adds: ['test/tokens.test.js'] },
  {
    author: 'priya',
    hoursAgo: 985.8,
    message: 'Open, renew and verify sessions; slow down eager logins',
    adds: ['src/sessions.js', 'src/login-limiter.js', 'config/logins.json', 'test/sessions.test.js'],
  },
  {
    author: 'maya',
    hoursAgo: 930.4,
    message: 'Serve it',
    adds: ['src/routes.js', 'src/server.js', 'src/profile-cache.js', 'config/profile-cache.json'],
  },
  { author: 'hannah', hoursAgo: 888.7, message: 'Write down what this service is for', adds: ['CONTEXT.md'] },
  {
    author: 'kenji',
    hoursAgo: 801.1,
    message: 'Test profiles and their cache',
    adds: ['test/profiles.test.js'],
  },
  {
    author: 'priya',
    hoursAgo: 615.9,
    message: 'Compare signatures in constant time',
    edits: [
      {
        path: 'src/tokens.js',
        before: 'return left.equals(right);',
        after: 'return left.length === right.length && timingSafeEqual(left, right);',
      },
      {
        path: 'src/tokens.js',
        before: "import { createHmac } from 'node:crypto';",
        after: "import { createHmac, timingSafeEqual } from 'node:crypto';",
      },
    ],
  },
  {
    author: 'diego',
    hoursAgo: 380.2,
    message: 'Show two letters of an e-mail address, not five',
    edits: [{ path: 'src/profiles.js', before: 'local.slice(0, 5)', after: 'local.slice(0, 2)' }],
  },
  {
    author: 'kenji',
    hoursAgo: 222.7,
    message: 'Rotate the signing key: k3 is active, k1 is gone',
    edits: [
      { path: 'config/keys.json', before: '"active": "k2"', after: '"active": "k3"' },
      { path: 'config/keys.json', before: '"k1": "staging-only-02ddc7aa",\n    "k2"', after: '"k2"' },
      {
        path: 'config/keys.json',
        before: '"staging-only-7f1c0e5b"\n',
        after: '"staging-only-7f1c0e5b",\n    "k3": "staging-only-c94a21d8"\n',
      },
    ],
  },
  {
    author: 'tomasz',
    hoursAgo: 98.3,
    message: 'Sweep the login limiter so that it does not grow',
    edits: [
      {
        path: 'src/server.js',
        before: 'runService({\n',
        after: 'const sweep = setInterval(() => limiter.forgetOlderThan(60_000), 10_000);\nrunService({\n',
      },
      {
        path: 'src/server.js',
        before: '  port: Number(process.env.PORT),\n});',
        after: '  port: Number(process.env.PORT),\n  onStop: () => clearInterval(sweep),\n});',
      },
    ],
  },
  {
    author: 'priya',
    hoursAgo: 50.8,
    message: 'Bump prom-client to 15.1.3 and OpenTelemetry to 2.12',
    edits: [
      { path: 'package.json', before: '"version": "3.7.0"', after: '"version": "3.7.1"' },
      { path: 'package.json', before: '"prom-client": "15.1.2"', after: '"prom-client": "15.1.3"' },
    ],
  },
  {
    author: 'kenji',
    hoursAgo: 4.4,
    message: 'Allow a little more clock skew between machines',
    edits: [{ path: 'config/session.json', before: '"clockSkewMs": 100', after: '"clockSkewMs": 250' }],
  },
  {
    author: 'hannah',
    hoursAgo: 1.9,
    message: 'README: how to rotate the signing key',
    edits: [
      {
        path: 'README.md',
        before: '3. Remove the old one.',
        after: '3. Remove the old one after the longest token lifetime has passed.',
      },
    ],
  },
];
