'use strict';
// Required by every Node process of the program under test: opens its inspector on the loopback, tells the tool where, and
// waits until the tool has set what it wants. Processes that are started by others (npm, a test runner) come along.
const { isMainThread } = require('node:worker_threads');
const { inspect } = require('node:util');
const shown = {
  depth: 3,
  breakLength: Number.POSITIVE_INFINITY,
  maxArrayLength: 20,
  maxStringLength: 200,
  customInspect: false,
};
Object.defineProperty(globalThis, Symbol.for('warroom.inspect'), { value: (value) => inspect(value, shown) });
const folder = process.env.WARROOM_TOOL_FOLDER;
if (folder && process.env.WARROOM_TOOL_WAITS) require('./record-waits.cjs');
if (folder && isMainThread) {
  const inspector = require('node:inspector');
  const fs = require('node:fs');
  try {
    inspector.open(0, '127.0.0.1', false);
    const name = `${folder}/${process.pid}`;
    fs.writeFileSync(`${name}.part`, JSON.stringify({ url: inspector.url(), argv: process.argv.slice(1) }));
    fs.renameSync(`${name}.part`, `${name}.json`);
    inspector.waitForDebugger();
  } catch {
    // Without an inspector the program still runs; the tool says that it saw nothing.
  }
}
