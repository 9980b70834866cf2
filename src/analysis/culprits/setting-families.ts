import type { TroubleKind } from './symptoms.ts';

/** What a value is for, told by its name. */
export type Family =
  | 'expiry'
  | 'deadline'
  | 'capacity'
  | 'delay'
  | 'repetition'
  | 'target'
  | 'threshold'
  | 'secret'
  | 'answer'
  | 'duration';

export const families: readonly (readonly [Family, ReadonlySet<string>])[] = [
  ['answer', words('status code')],
  ['deadline', words('timeout deadline patience')],
  [
    'expiry',
    words(
      'ttl expiry expire expires expiration lifetime validity valid maxage age keep retention hold remember lease skew renew refresh window',
    ),
  ],
  ['secret', words('secret secrets key keys algorithm issuer audience signature cert credential')],
  [
    'target',
    words('url uri host hostname port endpoint address path route topic bucket region table schema base'),
  ],
  ['delay', words('delay interval backoff sleep wait pause debounce throttle latency every jitter spread')],
  ['repetition', words('retries retry attempts rounds iterations cost factor depth passes scan')],
  [
    'capacity',
    words(
      'pool max limit size concurrency workers threads queue capacity connections sockets quota rate burst entries batch buffer bytes length permits slots inflight',
    ),
  ],
  ['threshold', words('min minimum threshold below above least ratio percent tolerance')],
  // Last, since every deadline and delay has a unit too.
  [
    'duration',
    words(
      'ms millis millisecond milliseconds seconds second minutes minute hours hour days day period scale unit',
    ),
  ],
];

/** Kinds of trouble when it goes up and when it goes down. */
export const effects: Record<
  Family,
  { up: readonly [TroubleKind, number][]; down: readonly [TroubleKind, number][] }
> = {
  deadline: {
    down: [
      ['timeouts', 1],
      ['errors', 0.9],
      ['rejections', 0.2],
    ],
    up: [
      ['latency', 0.7],
      ['saturation', 0.6],
      ['descriptor-leak', 0.4],
      ['timeouts', 0.3],
    ],
  },
  expiry: {
    down: [
      ['rejections', 1],
      ['errors', 0.8],
      ['latency', 0.7],
      ['traffic', 0.8],
      ['cpu', 0.5],
    ],
    up: [
      ['memory-leak', 0.8],
      ['rejections', 0.6],
      ['errors', 0.5],
      ['descriptor-leak', 0.4],
    ],
  },
  secret: {
    up: [
      ['rejections', 1],
      ['errors', 0.9],
    ],
    down: [
      ['rejections', 1],
      ['errors', 0.9],
    ],
  },
  target: {
    up: [
      ['errors', 1],
      ['timeouts', 0.8],
      ['rejections', 0.8],
    ],
    down: [
      ['errors', 1],
      ['timeouts', 0.8],
      ['rejections', 0.8],
    ],
  },
  delay: {
    up: [
      ['latency', 1],
      ['timeouts', 0.8],
      ['errors', 0.4],
      ['saturation', 0.4],
    ],
    down: [
      ['traffic', 0.8],
      ['cpu', 0.8],
      ['saturation', 0.5],
      ['errors', 0.3],
      ['latency', 0.4],
    ],
  },
  repetition: {
    up: [
      ['latency', 0.9],
      ['cpu', 0.9],
      ['traffic', 0.9],
      ['saturation', 0.6],
      ['timeouts', 0.5],
      ['errors', 0.3],
    ],
    down: [
      ['errors', 0.7],
      ['timeouts', 0.5],
    ],
  },
  capacity: {
    down: [
      ['saturation', 1],
      ['errors', 0.9],
      ['rejections', 0.9],
      ['latency', 0.9],
      ['timeouts', 0.8],
      ['traffic', 0.4],
    ],
    up: [
      ['memory-leak', 0.9],
      ['descriptor-leak', 0.8],
      ['latency', 0.7],
      ['cpu', 0.6],
      ['saturation', 0.4],
    ],
  },
  answer: {
    up: [
      ['errors', 1],
      ['rejections', 1],
    ],
    down: [
      ['errors', 1],
      ['rejections', 1],
    ],
  },
  duration: {
    down: [
      ['rejections', 0.7],
      ['timeouts', 0.7],
      ['errors', 0.6],
      ['traffic', 0.5],
    ],
    up: [
      ['latency', 0.7],
      ['timeouts', 0.6],
      ['memory-leak', 0.5],
      ['rejections', 0.4],
    ],
  },
  threshold: {
    up: [
      ['rejections', 0.8],
      ['errors', 0.7],
    ],
    down: [
      ['rejections', 0.6],
      ['errors', 0.6],
    ],
  },
};

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
