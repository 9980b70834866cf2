import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRoute } from '../../src/kit/http-server.js';
import { createLog } from '../../src/kit/log.js';

const table = [
  { method: 'GET', path: '/things/:id', segments: ['', 'things', ':id'] },
  { method: 'POST', path: '/things', segments: ['', 'things'] },
];

test('matches a route by method and shape', () => {
  assert.deepEqual(findRoute(table, 'GET', '/things/a%20b')?.params, { id: 'a b' });
  assert.equal(findRoute(table, 'POST', '/things')?.route.path, '/things');
  assert.equal(findRoute(table, 'GET', '/things/'), undefined);
  assert.equal(findRoute(table, 'DELETE', '/things'), undefined);
});

test('a log line is one JSON object with the stack of its error', () => {
  const lines = [];
  const log = createLog({
    service: 's',
    context: () => ({ trace_id: 't' }),
    write: (line) => lines.push(line),
  });

  log.error('went wrong', { error: new TypeError('bad'), sku: 'A' });

  const entry = JSON.parse(lines[0]);
  assert.equal(entry.level, 'error');
  assert.equal(entry.trace_id, 't');
  assert.equal(entry.sku, 'A');
  assert.match(entry.stack, /TypeError: bad/);
});
