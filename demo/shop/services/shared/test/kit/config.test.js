import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createConfig } from '../../src/kit/config.js';

test('a reload is seen by the next reader, a broken file keeps the last good values', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(folder, 'limits.json'), '{"max":1}');
  const config = createConfig(folder);
  assert.equal(config.section('limits').max, 1);

  writeFileSync(join(folder, 'limits.json'), '{"max":2}');
  config.reload();
  assert.equal(config.section('limits').max, 2);

  writeFileSync(join(folder, 'limits.json'), '{');
  assert.throws(() => config.reload(), /limits\.json/);
  assert.equal(config.section('limits').max, 2);
  rmSync(folder, { recursive: true });
});
