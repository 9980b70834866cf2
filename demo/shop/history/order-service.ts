import type { PlannedCommit } from './planned-commit.ts';

export const orderServiceHistory: readonly PlannedCommit[] = [
  {
    author: 'maya',
    hoursAgo: 1103.2,
    message: 'Start order-service from the service kit',
    adds: ['package.json', 'README.md', 'src/kit/', 'test/kit/'],
  },
  {
    author: 'maya',
    hoursAgo: 1081.7,
    message: 'Price orders: shipping, tax and currency by country',
    adds: [
      'src/pricing.js',
      'src/promotions.js',
      'test/pricing.test.js',
      'config/pricing.json',
      'config/promotions.json',
    ],
  },
  {
    author: 'tomasz',
    hoursAgo: 1010.4,
    message: 'Order numbers that can be read out on the phone',
    adds: ['src/order-number.js', 'src/order-store.js', 'test/order-store.test.js'],
  },
  {
    author: 'tomasz',
    hoursAgo: 961.9,
    message: 'Place orders: session, stock, payment, confirmation',
    adds: [
      'src/checkout.js',
      'src/upstreams.js',
      'src/routes.js',
      'src/server.js',
      'test/checkout.test.js',
      'config/upstreams.json',
      'config/limits.json',
    ],
  },
  { author: 'hannah', hoursAgo: 890.1, message: 'Write down what this service is for', adds: ['CONTEXT.md'] },
  {
    author: 'priya',
    hoursAgo: 700.6,
    message: 'Wait longer for payment than for the others\n\nThe acquirer may take two attempts.',
    edits: [
      {
        path: 'config/upstreams.json',
        before: '"payment": { "timeoutMs": 2500, "attempts": 2 }',
        after: '"payment": { "timeoutMs": 4000, "attempts": 2 }',
      },
    ],
  },
  {
    author: 'maya',
    hoursAgo: 529.3,
    message: 'Promotions never add up: take the best one',
    edits: [
      { path: 'src/promotions.js', before: 'best += saved;', after: 'best = Math.max(best, saved);' },
      {
        path: 'src/promotions.js',
        before: '/** What all promotions save together. */',
        after: '/** The one promotion that saves most; promotions never add up. */',
      },
    ],
  },
  {
    author: 'diego',
    hoursAgo: 410.8,
    message: 'Send the idempotency key of a refund, which was made and then forgotten',
    edits: [
      {
        path: 'src/upstreams.js',
        before: "payment.post('/refunds', { chargeId });",
        after: "payment.post('/refunds', { chargeId }, { headers });",
      },
    ],
  },
  {
    author: 'tomasz',
    hoursAgo: 290.5,
    message: 'Keep 3,000 orders in memory (was 1,000)',
    edits: [{ path: 'config/limits.json', before: '"maxOrders": 1000', after: '"maxOrders": 3000' }],
  },
  {
    author: 'hannah',
    hoursAgo: 171.2,
    message: 'README: what each status means',
    edits: [
      {
        path: 'README.md',
        before: '| 502    | an upstream failed                                      |',
        after:
          '| 502    | user, inventory or payment gave an answer we cannot use |\n| 504    | one of them gave none in time                           |',
      },
    ],
  },
  {
    author: 'maya',
    hoursAgo: 74.9,
    message: 'Bump prom-client to 15.1.3 and OpenTelemetry to 2.12\n\nRelease notes read: no change for us.',
    edits: [
      { path: 'package.json', before: '"version": "4.11.2"', after: '"version": "4.12.0"' },
      { path: 'package.json', before: '"prom-client": "15.1.2"', after: '"prom-client": "15.1.3"' },
    ],
  },
  {
    author: 'priya',
    hoursAgo: 26.4,
    message: 'Say which order lost its reservation',
    edits: [
      {
        path: 'src/checkout.js',
        before: "log.warn('reservation was gone at confirmation', { sku })",
        after: "log.warn('reservation was gone at confirmation', { order_id: orderId, sku })",
      },
    ],
  },
  {
    author: 'tomasz',
    hoursAgo: 5.1,
    message: 'Ship for less to France from the Hamburg warehouse',
    edits: [{ path: 'config/pricing.json', before: '"FR": 890', after: '"FR": 790' }],
  },
  {
    author: 'maya',
    hoursAgo: 2.6,
    message: 'CONTEXT: goals for the holiday season',
    edits: [
      {
        path: 'CONTEXT.md',
        before: '99 % of orders without a 5xx; P99 under 1 s.',
        after: '99.5 % of orders without a 5xx; P99 under 800 ms.',
      },
    ],
  },
];
