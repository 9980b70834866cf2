/**
 * What a metric measures, from its name: words that exporters, meshes and clouds have in common.
 * `errors` and `success` are told apart because one is bad when it rises, the other when it falls.
 */
export type MetricKind = 'latency' | 'errors' | 'success' | 'traffic' | 'resource' | 'other';

const kinds: readonly (readonly [MetricKind, RegExp])[] = [
  ['success', /availab|success|uptime|apdex|(?:^|\W)up$/i],
  [
    'errors',
    /err(?:or)?s?(?![a-z])|fail|fault|5xx|4xx|exception|reject|drop|timeout|retr(?:y|ies)|restart|abort/i,
  ],
  // How often something took its time, and how long the processor worked, are no waiting.
  ['traffic', /(?:duration|latency|seconds|time)\w*_(?:count|bucket)$/i],
  ['resource', /cpu\w*seconds/i],
  [
    'latency',
    /latenc|duration|response.?time|elapsed|delay|(?:^|\W|_)(?:p(?:50|75|90|95|99)|rt|rtt)(?:\W|_|$)|time_?(?:ms|s|us)|seconds|wait/i,
  ],
  [
    'resource',
    /cpu|mem(?:ory)?|heap|gc|thread|goroutine|disk|io(?:ps|wait)?(?:\W|_|$)|load|connection|conn(?:\W|_|s|$)|pool|queue|syscall|sys.?call|socket|fd|file|throttl|swap|fault|network|net(?:\W|_)|bytes|receive|transmit|packet|rx|tx|read|write/i,
  ],
  ['traffic', /request|workload|rate|count|calls|ops|qps|rps|throughput|hits|invocation|traffic/i],
];

export function kindOfMetric(metric: string): MetricKind {
  // `cpuUsage` and `CpuUsageRate` hold words too.
  const words = metric.replace(/([a-z\d])([A-Z])/g, '$1 $2');
  for (const [kind, pattern] of kinds) if (pattern.test(metric) || pattern.test(words)) return kind;
  return 'other';
}
