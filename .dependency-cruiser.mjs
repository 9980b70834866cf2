// The house rules of docs/architecture.md as rules of the import graph. Paths are relative to the folder that the
// cruise runs in, so that test/fixtures/boundaries can hold a small house for each violation.

/** Top to bottom; a layer may import those below it, never one above. */
const layers = [
  { name: 'process', path: '^src/([^/]+\\.ts$|compose/)' },
  { name: 'edges', path: '^src/(slack|http|jobs|adapters|remedies|store)/' },
  { name: 'flow', path: '^src/flow/' },
  { name: 'agents', path: '^src/agents/' },
  { name: 'ports and analysis', path: '^src/(ports|analysis)/' },
  { name: 'domain and config', path: '^src/(domain|config)/' },
  { name: 'platform', path: '^src/platform/' },
];

/** A vendor's SDK and the one folder of src that may know it. */
const vendors = [
  { name: 'slack', packages: '@slack/[^/]+', home: '^src/slack/' },
  { name: 'queue', packages: 'bullmq', home: '^src/jobs/' },
  { name: 'redis', packages: 'ioredis', home: '^src/(jobs|adapters/redis)/' },
  { name: 'docker', packages: '(@types/)?dockerode', home: '^src/adapters/docker/' },
  { name: 'kubernetes', packages: '@kubernetes/client-node', home: '^src/adapters/kubernetes/' },
  { name: 'github', packages: '@octokit/[^/]+', home: '^src/adapters/github/' },
  { name: 'gitlab', packages: '@gitbeaker/[^/]+', home: '^src/adapters/gitlab/' },
  { name: 'git', packages: 'simple-git', home: '^src/adapters/git/' },
  { name: 'anthropic', packages: '@anthropic-ai/[^/]+', home: '^src/adapters/anthropic/' },
  { name: 'record', packages: 'kysely|@electric-sql/[^/]+', home: '^src/store/' },
  // Two homes: our own record, and the databases of services (docs/decisions/0006).
  { name: 'postgres', packages: 'pg|@types/pg', home: '^src/(store|adapters/postgres)/' },
  { name: 'postgres grammar', packages: 'libpg-query|@pgsql/[^/]+', home: '^src/adapters/postgres/' },
  {
    name: 'grammars of code',
    packages: 'web-tree-sitter|@vscode/tree-sitter-wasm',
    home: '^src/adapters/tree-sitter/',
  },
  {
    name: 'grammar of PromQL',
    packages: '@prometheus-io/lezer-promql|@lezer/[^/]+',
    home: '^src/adapters/lezer-promql/',
  },
  {
    name: 'chart',
    packages: 'echarts|zrender|@napi-rs/canvas|dejavu-fonts-ttf',
    home: '^src/adapters/charts/',
  },
  { name: 'log', packages: 'pino', home: '^src/platform/' },
];

const downOnly = layers.slice(1).map((layer, index) => ({
  name: 'imports-point-down',
  comment: `${layer.name} imports from a layer above it. Put an interface in src/ports, or pass the value in.`,
  severity: 'error',
  from: { path: layer.path },
  to: {
    path: layers.slice(0, index + 1).map((above) => above.path),
  },
}));

const oneHomePerVendor = vendors.map((vendor) => ({
  name: 'vendor-has-one-home',
  comment: `The ${vendor.name} SDK is known in ${vendor.home.slice(1)} alone; everybody else uses a port.`,
  severity: 'error',
  from: { path: '^src/', pathNot: vendor.home },
  to: { path: `(^|node_modules/)(${vendor.packages})(/|$)` },
}));

export default {
  forbidden: [
    ...downOnly,
    ...oneHomePerVendor,
    {
      name: 'every-file-has-a-layer',
      comment: 'A new folder of src needs a place in the layers (.dependency-cruiser.mjs).',
      severity: 'error',
      from: { path: '^src/', pathNot: layers.map((layer) => layer.path) },
      to: {},
    },
    {
      name: 'edges-do-not-meet',
      comment:
        'Slack, HTTP, jobs, adapters, remedies and store are joined by src/compose.ts, not by each other.',
      severity: 'error',
      from: { path: '^src/(slack|http|jobs|adapters|remedies|store)/' },
      to: {
        path: '^src/(slack|http|jobs|adapters|remedies|store)/',
        pathNot: '^src/$1/',
      },
    },
    {
      name: 'only-compose-builds',
      comment: 'Adapters, store and remedies are built in src/compose.ts and handed on as ports.',
      severity: 'error',
      from: { path: '^src/(main|main-loop|cli|cli-audit|doctor)\\.ts$' },
      to: { path: '^src/(adapters|remedies|store)/' },
    },
    {
      name: 'adapters-stay-apart',
      comment: 'A vendor folder imports no other vendor folder and no registry.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'stages-talk-through-domain',
      comment:
        'A stage of the flow does not import another stage; what both need is a domain value, or the incident that all share.',
      severity: 'error',
      from: { path: '^src/flow/([^/.]+)', pathNot: '^src/flow/(index|reconcile)\\.ts$' },
      to: {
        path: '^src/flow/',
        pathNot: ['^src/flow/$1(/|\\.ts$)', '^src/flow/(index|context)\\.ts$', '^src/flow/incident/'],
      },
    },
    {
      name: 'compose-is-for-processes',
      comment:
        'Only the process starts what compose builds; the demo and the tests start the bot as a process, or build their own.',
      severity: 'error',
      from: { pathNot: '^src/((main|main-loop|cli|cli-audit|compose)\\.ts$|compose/)' },
      to: { path: '^src/compose(\\.ts$|/)' },
    },
    {
      name: 'src-stands-alone',
      comment: 'The product does not know its demo, tests, benchmarks or set-up.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(demo|test|bench|setup)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Move what both need into a file below them; type-only cycles count.',
      severity: 'error',
      from: { path: '^(src|demo|bench|test|setup)/' },
      to: { circular: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)test/fixtures/|^demo/shop/services/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
