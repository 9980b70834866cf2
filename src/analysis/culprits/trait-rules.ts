import type { TroubleKind } from './symptoms.ts';

export interface TraitRule {
  readonly find: RegExp;
  /** On which side it counts; a line moved from one side to the other does not. */
  readonly side: 'added' | 'removed';
  readonly words: string;
  readonly effects: readonly (readonly [TroubleKind, number])[];
}

/** What code does to a running service, whatever the service is about. */
export const traitRules: readonly TraitRule[] = [
  {
    find: /\bsleep\s*\(|setTimeout\s*\(|\bdelay\s*\(|\bpause\s*\(|time\.Sleep|Thread\.sleep|Atomics\.wait/,
    side: 'added',
    words: 'adds a wait',
    effects: [
      ['latency', 1],
      ['timeouts', 0.8],
      ['errors', 0.2],
    ],
  },
  {
    find: /\b(?:read|write|exec|spawn|pbkdf2|scrypt|gzip|gunzip|deflate|inflate|brotli\w*|stat|readdir|append)\w*Sync\s*\(/,
    side: 'added',
    words: 'adds a blocking call',
    effects: [
      ['latency', 0.9],
      ['saturation', 1],
      ['cpu', 0.9],
      ['timeouts', 0.6],
    ],
  },
  {
    find: /\b(?:pbkdf2|scrypt|bcrypt|argon2|createHash|createHmac)\b/,
    side: 'added',
    words: 'adds hashing',
    effects: [
      ['latency', 0.6],
      ['cpu', 0.8],
      ['saturation', 0.7],
      ['rejections', 0.3],
    ],
  },
  {
    find: /\b(?:for|while)\s*\(|\bfor\s+\w+\s+(?:in|:?=)|\.forEach\(|Array\.from\(\{\s*length|\bdo\s*\{/,
    side: 'added',
    words: 'adds a loop',
    effects: [
      ['latency', 0.6],
      ['cpu', 0.8],
      ['saturation', 0.7],
      ['traffic', 0.3],
      ['memory-leak', 0.2],
    ],
  },
  {
    find: /\bfor\b.*\bawait\b|await\s+[\w.]+\([^)]*\);?\s*$/,
    side: 'added',
    words: 'adds a call that is waited for',
    effects: [
      ['latency', 0.5],
      ['traffic', 0.4],
      ['errors', 0.2],
    ],
  },
  {
    find: /Promise\.all|Promise\.allSettled|\bgather\(|errgroup|CompletableFuture/,
    side: 'removed',
    words: 'no longer runs calls side by side',
    effects: [['latency', 0.8]],
  },
  {
    find: /\.(?:sort|toSorted|filter|map|reduce|find|findIndex|indexOf|includes|flatMap|entries|values)\(|structuredClone|JSON\.(?:parse|stringify)/,
    side: 'added',
    words: 'adds work over a collection',
    effects: [
      ['latency', 0.45],
      ['cpu', 0.6],
      ['saturation', 0.5],
      ['errors', 0.15],
    ],
  },
  {
    find: /cache|memo/i,
    side: 'removed',
    words: 'removes caching',
    effects: [
      ['latency', 0.8],
      ['traffic', 0.7],
      ['cpu', 0.6],
      ['errors', 0.2],
    ],
  },
  {
    find: /\bthrow\b|\braise\b|\bpanic\(|return\s+(?:err\b|fmt\.Errorf|errors\.New)|Promise\.reject/,
    side: 'added',
    words: 'adds a way to fail',
    effects: [
      ['errors', 0.8],
      ['rejections', 0.7],
      ['crash', 0.5],
    ],
  },
  {
    find: /\b[45]\d\d\b/,
    side: 'added',
    words: 'changes an error status',
    effects: [
      ['errors', 0.6],
      ['rejections', 0.7],
    ],
  },
  {
    find: /\?\.|\?\?|\|\||typeof |=== ?undefined|!= ?null|!== ?null|=== ?null|if \(!\w+/,
    side: 'removed',
    words: 'removes a guard',
    effects: [
      ['errors', 0.8],
      ['crash', 0.6],
      ['rejections', 0.3],
    ],
  },
  {
    find: /\bcatch\b|\.catch\(|\btry\b|except\b|recover\(\)/,
    side: 'removed',
    words: 'removes error handling',
    effects: [
      ['errors', 0.7],
      ['crash', 1],
    ],
  },
  {
    find: /process\.exit|os\.Exit|System\.exit|sys\.exit|process\.abort|process\.kill/,
    side: 'added',
    words: 'adds an exit',
    effects: [
      ['crash', 1],
      ['errors', 0.4],
    ],
  },
  {
    find: /setInterval\s*\(|setImmediate\s*\(|process\.nextTick|queueMicrotask|\bspawn\(|\bgo func/,
    side: 'added',
    words: 'adds background work',
    effects: [
      ['memory-leak', 0.6],
      ['cpu', 0.6],
      ['crash', 0.7],
      ['saturation', 0.4],
    ],
  },
  {
    find: /\.(?:end|destroy|close|release|resume|unref|abort|cancel|dispose|disconnect|drain)\s*\(|clearTimeout|clearInterval|\bfinally\b|\bdefer\b|\busing\b|\bwith open/,
    side: 'removed',
    words: 'no longer closes or releases something',
    effects: [
      ['descriptor-leak', 1],
      ['memory-leak', 0.8],
      ['saturation', 0.9],
      ['latency', 0.6],
      ['timeouts', 0.7],
      ['errors', 0.5],
    ],
  },
  {
    find: /\bopen(?:Sync)?\s*\(|createReadStream|createWriteStream|\bconnect\(|createConnection|new (?:\w+\.)?(?:Agent|Socket|Client|Pool)\b|http\.(?:get|request)|\bfetch\(|fs\.watch|os\.open/,
    side: 'added',
    words: 'opens files or connections',
    effects: [
      ['descriptor-leak', 1],
      ['memory-leak', 0.5],
      ['latency', 0.4],
      ['traffic', 0.4],
    ],
  },
  {
    find: /\.push\(|\.set\(|\.add\(|\.append\(|\.unshift\(|\[[\w.]+\]\s*=(?!=)|Buffer\.alloc|new (?:Map|Set|Array)\b/,
    side: 'added',
    words: 'keeps more in memory',
    effects: [
      ['memory-leak', 0.9],
      ['latency', 0.2],
    ],
  },
  {
    find: /\.on\(|addEventListener|\.once\(|subscribe\(/,
    side: 'added',
    words: 'adds a listener',
    effects: [
      ['memory-leak', 0.7],
      ['descriptor-leak', 0.3],
    ],
  },
  {
    find: /\.(?:delete|clear|shift|splice|pop)\(|evict|prune|trim|sweep|forget|purge/i,
    side: 'removed',
    words: 'no longer forgets old entries',
    effects: [
      ['memory-leak', 1],
      ['latency', 0.4],
      ['errors', 0.3],
    ],
  },
  {
    find: /\bif\b|\bunless\b|\bwhen\b| [<>]=? |[!=]==?|&&|\|\|/,
    side: 'added',
    words: 'changes a condition',
    effects: [
      ['errors', 0.4],
      ['rejections', 0.55],
      ['latency', 0.15],
      ['traffic', 0.2],
    ],
  },
  {
    find: /\breturn\b/,
    side: 'added',
    words: 'changes what is returned',
    effects: [
      ['errors', 0.4],
      ['rejections', 0.35],
    ],
  },
  {
    find: /\.(?:get|post|put|delete|patch|request|call|query|send)\s*\(\s*[`'"]/,
    side: 'added',
    words: 'changes an outgoing call',
    effects: [
      ['errors', 0.55],
      ['rejections', 0.6],
      ['latency', 0.3],
      ['traffic', 0.4],
    ],
  },
];
