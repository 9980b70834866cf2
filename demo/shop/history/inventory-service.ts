import type { PlannedCommit } from './planned-commit.ts';

export const inventoryServiceHistory: readonly PlannedCommit[] = [
  {
    author: 'kenji',
    hoursAgo: 1115.9,
    message: 'Start inventory-service from the service kit',
    adds: ['package.json', 'README.md', 'src/kit/', 'test/kit/'],
  },
  {
    author: 'kenji',
    hoursAgo: 1093.3,
    message: 'Catalogue and shelves',
    adds: ['src/catalog.js', 'src/stock.js', 'config/catalog.json', 'config/warehouses.json'],
  },
  {
    author: 'tomasz',
    hoursAgo: 1049.7,
    message: 'Allocate to the nearest warehouse',
    adds: ['src/allocation.js', 'test/allocation.test.js'],
  },
  {
    author: 'tomasz',
    hoursAgo: 1012.2,
    message: 'Reservations with an expiry',
    adds: ['src/reservations.js', 'config/reservations.json', 'test/reservations.test.js'],
  },
  {
    author: 'kenji',
    hoursAgo: 990.6,
    message: 'Say what is sellable, from a short cache',
    adds: ['src/availability.js', 'src/stock-cache.js', 'config/cache.json', 'config/availability.json'],
  },
  {
    author: 'kenji',
    hoursAgo: 944.4,
    message: 'Forecasts for the buyers’ desk',
    adds: ['src/forecast.js', 'config/forecast.json', 'test/forecast.test.js'],
  },
  {
    author: 'maya',
    hoursAgo: 925.8,
    message: 'Book deliveries and serve it',
    adds: ['src/restock.js', 'config/restock.json', 'src/routes.js', 'src/server.js'],
  },
  { author: 'hannah', hoursAgo: 886.4, message: 'Write down what this service is for', adds: ['CONTEXT.md'] },
  {
    author: 'tomasz',
    hoursAgo: 688.1,
    message: 'Put the pieces back on the shelf they came from',
    edits: [
      {
        path: 'src/reservations.js',
        before: 'stock.put(reservation.lines[0].warehouseId, line.sku, line.quantity);',
        after: 'stock.put(line.warehouseId, line.sku, line.quantity);',
      },
    ],
  },
  {
    author: 'diego',
    hoursAgo: 502.4,
    message: 'Rank equally near warehouses by id, so that tests agree on every machine',
    edits: [
      {
        path: 'src/allocation.js',
        before: 'distance(a) - distance(b));',
        after: 'distance(a) - distance(b) || a.id.localeCompare(b.id));',
      },
    ],
  },
  {
    author: 'priya',
    hoursAgo: 344.5,
    message: 'Limit catalogue pages to 50 articles',
    edits: [
      {
        path: 'src/routes.js',
        before: "const limit = readNumber(query, 'limit', PAGE.limit);",
        after: "const limit = Math.min(readNumber(query, 'limit', PAGE.limit), PAGE.max);",
      },
    ],
  },
  {
    author: 'kenji',
    hoursAgo: 167.9,
    message: 'Cosy evening comes with two cushions',
    edits: [
      {
        path: 'config/catalog.json',
        before: '{ "sku": "BLK-802", "quantity": 1 }',
        after: '{ "sku": "BLK-802", "quantity": 2 }',
      },
    ],
  },
  {
    author: 'kenji',
    hoursAgo: 51.5,
    message: 'Bump prom-client to 15.1.3 and OpenTelemetry to 2.12',
    edits: [
      { path: 'package.json', before: '"version": "2.18.4"', after: '"version": "2.19.0"' },
      { path: 'package.json', before: '"prom-client": "15.1.2"', after: '"prom-client": "15.1.3"' },
    ],
  },
  {
    author: 'tomasz',
    hoursAgo: 4.9,
    message: 'Say "low" under 40 pieces (was 25)',
    edits: [{ path: 'config/availability.json', before: '"lowBelow": 25', after: '"lowBelow": 40' }],
  },
  {
    author: 'kenji',
    hoursAgo: 2.2,
    message: 'CONTEXT: how often bundles are ordered',
    edits: [
      {
        path: 'CONTEXT.md',
        before: '\ncomponents.\n',
        after: '\ncomponents. About one order in five is a bundle.\n',
      },
    ],
  },
];
