import type { PlannedCommit } from './planned-commit.ts';

export const paymentServiceHistory: readonly PlannedCommit[] = [
  {
    author: 'diego',
    hoursAgo: 1111.6,
    message: 'Start payment-service from the service kit',
    adds: ['package.json', 'README.md', 'src/kit/', 'test/kit/'],
  },
  {
    author: 'diego',
    hoursAgo: 1090.1,
    message: 'Acquirer simulator for staging',
    adds: ['src/gateway.js', 'test/gateway.test.js', 'config/gateway.json'],
  },
  {
    author: 'hannah',
    hoursAgo: 1058.8,
    message: 'Limit acquirer connections with a pool',
    adds: ['src/connection-pool.js', 'test/connection-pool.test.js', 'config/pool.json'],
  },
  {
    author: 'hannah',
    hoursAgo: 1003.5,
    message: 'Ledger, fees and risk rules',
    adds: [
      'src/ledger.js',
      'src/fees.js',
      'src/fraud.js',
      'config/ledger.json',
      'config/fees.json',
      'config/fraud.json',
    ],
  },
  {
    author: 'diego',
    hoursAgo: 967.4,
    message: 'Charges and refunds, each once per idempotency key',
    adds: ['src/charges.js', 'src/idempotency.js', 'config/idempotency.json', 'test/charges.test.js'],
  },
  {
    author: 'hannah',
    hoursAgo: 941.8,
    message: 'An archive for the payments of earlier days',
    adds: ['src/archive.js', 'db/', 'config/archive.json', 'test/archive.test.js'],
  },
  {
    author: 'diego',
    hoursAgo: 933.1,
    message: 'What a customer paid today',
    adds: ['src/history.js', 'test/history.test.js'],
  },
  {
    author: 'maya',
    hoursAgo: 921.2,
    message: 'Serve it, with payment methods by country',
    adds: ['src/routes.js', 'src/server.js', 'config/methods.json'],
  },
  { author: 'hannah', hoursAgo: 887.3, message: 'Write down what this service is for', adds: ['CONTEXT.md'] },
  {
    author: 'priya',
    hoursAgo: 640.5,
    message: 'Tell a full pool (503) from a silent acquirer (504)',
    edits: [
      {
        path: 'src/charges.js',
        before: 'throw new HttpError(504, cause.code, cause.message,',
        after: 'throw new HttpError(503, cause.code, cause.message,',
      },
    ],
  },
  {
    author: 'diego',
    hoursAgo: 472.9,
    message: 'Forget old fraud history, it only grew',
    edits: [
      {
        path: 'src/server.js',
        before: 'runService({\n',
        after: 'const sweep = setInterval(() => fraud.forgetOld(), 10_000);\nrunService({\n',
      },
      {
        path: 'src/server.js',
        before: '  port: Number(process.env.PORT),\n  onStop: () => {\n    closeArchive();\n  },\n});',
        after:
          '  port: Number(process.env.PORT),\n  onStop: () => {\n    clearInterval(sweep);\n    closeArchive();\n  },\n});',
      },
    ],
  },
  {
    author: 'hannah',
    hoursAgo: 301.7,
    message: 'New acquirer fees for SEK and PLN from the contract of October',
    edits: [
      {
        path: 'config/fees.json',
        before: '"basisPoints": 180, "fixedMinor": 200',
        after: '"basisPoints": 165, "fixedMinor": 200',
      },
      {
        path: 'config/fees.json',
        before: '"basisPoints": 175, "fixedMinor": 90',
        after: '"basisPoints": 155, "fixedMinor": 90',
      },
    ],
  },
  {
    author: 'kenji',
    hoursAgo: 149.6,
    message: 'Offer Swish in Sweden',
    edits: [{ path: 'config/methods.json', before: '"SE": []', after: '"SE": ["swish"]' }],
  },
  {
    author: 'diego',
    hoursAgo: 52.3,
    message: 'Bump prom-client to 15.1.3 and OpenTelemetry to 2.12',
    edits: [
      { path: 'package.json', before: '"version": "5.2.2"', after: '"version": "5.2.3"' },
      { path: 'package.json', before: '"prom-client": "15.1.2"', after: '"prom-client": "15.1.3"' },
    ],
  },
  {
    author: 'hannah',
    hoursAgo: 5.6,
    message: 'Raise the velocity rule for the holiday season',
    edits: [{ path: 'config/fraud.json', before: '"maxCharges": 40', after: '"maxCharges": 60' }],
  },
  {
    author: 'diego',
    hoursAgo: 3.2,
    message: 'CONTEXT: what the acquirer contract allows',
    edits: [
      {
        path: 'CONTEXT.md',
        before: 'pool has room for bursts and for a slow acquirer.',
        after:
          "pool has room for bursts and for a slow acquirer. The acquirer's contract allows 24 connections.",
      },
    ],
  },
];
