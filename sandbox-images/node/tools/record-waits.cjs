'use strict';
// In every thread of a program whose waits are wanted: who awaits what (by async hooks), which locks of shared memory are
// held and waited for (by what the usual idioms do to them: 0 is free, anything else is taken), and, where the tool has put
// a mark into the functions that hand out locks, on which object each was called.
const hooks = require('node:async_hooks');

const mostWaits = 20_000;
const waits = new Map();
const entered = [];
let instances = 0;

/** Own frames, innermost first: what lies between is the runtime's. */
function ownStack() {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  Error.prepareStackTrace = (_, sites) => sites;
  let sites = [];
  try {
    sites = new Error().stack;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
  const frames = [];
  for (const site of Array.isArray(sites) ? sites : []) {
    const url = site.getFileName() ?? '';
    if (
      url === __filename ||
      url === '' ||
      url.startsWith('node:') ||
      site.isPromiseAll?.() ||
      site.isAsync?.()
    )
      continue;
    frames.push({
      function: site.getMethodName() ?? site.getFunctionName() ?? '',
      type: site.getTypeName?.() ?? '',
      url,
      line: site.getLineNumber() ?? 0,
      functionLine: site.getEnclosingLineNumber?.() ?? 0,
      functionColumn: site.getEnclosingColumnNumber?.() ?? 0,
    });
    if (frames.length === 20) break;
  }
  return frames;
}

const same = (a, b) => a !== undefined && b !== undefined && a.url === b.url && a.function === b.function;

hooks
  .createHook({
    init(id, type, triggerId) {
      if (type !== 'PROMISE' || waits.size >= mostWaits) return;
      const stack = ownStack();
      const [top] = stack;
      if (top === undefined) return;
      const before = waits.get(hooks.executionAsyncId());
      // The same call of an async function goes on after each of its awaits.
      const goesOn = before?.stack.some((frame) => same(frame, top));
      if (!goesOn) instances += 1;
      const wait = {
        id,
        triggerId,
        stack,
        instance: goesOn ? before.instance : instances,
        from: goesOn ? before.from : stack.slice(1, 6),
        done: false,
        locks: [],
      };
      for (const lock of entered)
        if (!lock.claimed && same(lock.caller, top) && lock.caller.line === top.line) {
          lock.claimed = true;
          wait.locks.push(lock);
        }
      waits.set(id, wait);
    },
    promiseResolve(id) {
      const wait = waits.get(id);
      if (wait !== undefined) wait.done = true;
    },
  })
  .enable();

const lockNames = new WeakMap();
let locks = 0;

/** Called by the marks. */
function enter(target, parameters) {
  const [first] = parameters ?? [];
  // A method of a lock, or a function that is given a lock's name.
  const key = target !== undefined && target !== null && target !== globalThis ? target : first;
  if (key !== target && typeof key !== 'string' && typeof key !== 'number') return false;
  const stack = ownStack();
  if (entered.length < mostWaits) entered.push({ key: nameLock(key), caller: stack[1], claimed: false });
  return false;
}

function nameLock(key) {
  if (key === null || (typeof key !== 'object' && typeof key !== 'function'))
    return JSON.stringify(String(key));
  const known = lockNames.get(key);
  if (known !== undefined) return known;
  const own = ['name', 'id', 'key', 'label'].map((one) => Object.getOwnPropertyDescriptor(key, one)?.value);
  const said = own.find((value) => typeof value === 'string' || typeof value === 'number');
  locks += 1;
  const name = `${key.constructor?.name ?? 'object'} ${said === undefined ? `number ${locks}` : JSON.stringify(said)}`;
  lockNames.set(key, name);
  return name;
}

const held = new Map();
const arrays = [];
let waiting = null;

function numberOf(array) {
  const known = arrays.findIndex((one) => one.buffer === array.buffer);
  return known >= 0 ? known : arrays.push(array) - 1;
}

function note(array, index, was, is) {
  if (!(array.buffer instanceof SharedArrayBuffer)) return;
  const place = `${numberOf(array)}:${index * array.BYTES_PER_ELEMENT + array.byteOffset}`;
  if (was === 0 && is !== 0) held.set(place, ownStack());
  else if (is === 0) held.delete(place);
}

const real = { ...Object.getOwnPropertyDescriptors(Atomics) };
const call = (name, ...args) => real[name].value(...args);
Atomics.wait = (array, index, value, timeout = Number.POSITIVE_INFINITY) => {
  waiting = {
    place: `${numberOf(array)}:${index * array.BYTES_PER_ELEMENT + array.byteOffset}`,
    what: `${array.constructor.name}[${index}]`,
    stack: ownStack(),
  };
  try {
    return call('wait', array, index, value, timeout);
  } finally {
    waiting = null;
  }
};
Atomics.compareExchange = (array, index, expected, replacement) => {
  const was = call('compareExchange', array, index, expected, replacement);
  if (was === expected) note(array, index, Number(was), Number(replacement));
  return was;
};
Atomics.exchange = (array, index, value) => {
  const was = call('exchange', array, index, value);
  note(array, index, Number(was), Number(value));
  return was;
};
Atomics.store = (array, index, value) => {
  note(array, index, 1, Number(value));
  return call('store', array, index, value);
};
Atomics.sub = (array, index, value) => {
  const was = call('sub', array, index, value);
  note(array, index, Number(was), Number(was) - Number(value));
  return was;
};

Object.defineProperty(globalThis, Symbol.for('warroom.waits'), {
  value: {
    enter,
    awaits: () => [...waits.values()].filter((wait) => !wait.done).slice(0, 200),
    /** All of the given calls of async functions, the done ones too. */
    of: (wanted) =>
      [...waits.values()].filter((wait) => wanted.includes(wait.instance) && wait.locks.length > 0),
    atomics: () => ({ waiting, held: [...held].map(([place, stack]) => ({ place, stack })) }),
    /** The tool finds out which places of two threads are one by writing to it in one and reading it in the other. */
    peek: (place) => call('load', at(place), 0),
    poke: (place, value) => call('store', at(place), 0, value),
  },
});

function at(place) {
  const [number, byte] = place.split(':').map(Number);
  return new Int32Array(arrays[number].buffer, byte - (byte % 4), 1);
}
