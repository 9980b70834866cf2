/**
 * The programs of the machine that demo and tests drive. None of them is used as a system service: the demo and
 * the tests start private instances on their own ports.
 *
 * @typedef {object} SystemPart
 * @property {string} name as a person knows it
 * @property {string[]} programs any one of these on PATH will do
 * @property {string[]} [files] for what is no program: any one of these files will do
 * @property {string[]} [all] every one of these must be there too
 * @property {string[]} debian packages
 * @property {string} [brew]
 * @property {boolean} [testsOnly] neither the demo nor a benchmark has a use for it
 * @property {boolean} [benchOnly] only a benchmark has a use for it, to stand beside
 * @property {string} without what the demo does when it is missing; empty when the demo cannot do without
 */

/** @type {readonly SystemPart[]} */
export const systemParts = [
  {
    name: 'Prometheus',
    programs: ['prometheus'],
    all: ['promtool'],
    debian: ['prometheus'],
    brew: 'prometheus',
    without: '',
  },
  {
    name: 'Alertmanager',
    programs: ['alertmanager', 'prometheus-alertmanager'],
    debian: ['prometheus-alertmanager'],
    brew: 'alertmanager',
    without: '',
  },
  { name: 'git', programs: ['git'], debian: ['git'], brew: 'git', without: '' },
  {
    name: 'Redis',
    programs: ['redis-server'],
    debian: ['redis-server'],
    brew: 'redis',
    without: 'a Redis written in JavaScript takes its place (slower, not for production)',
  },
  {
    name: 'Docker',
    programs: ['docker'],
    debian: ['docker.io'],
    brew: '--cask docker',
    without: 'agents read code but run none: no tests in a sandbox, no check before and after a fix',
  },
  {
    name: 'Chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debian: ['chromium'],
    brew: '--cask google-chrome',
    without: 'open the page in your own browser; --headless cannot click for you',
  },
  {
    name: 'ripgrep',
    programs: ['rg'],
    debian: ['ripgrep'],
    brew: 'ripgrep',
    without: 'source search falls back to git grep',
  },
  {
    name: 'rsyslog',
    programs: ['rsyslogd'],
    debian: ['rsyslog'],
    brew: 'rsyslog',
    without: 'logs reach the bot straight from the services instead',
  },
  {
    name: "rsyslog's Elasticsearch output",
    programs: [],
    files: ['lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu', 'lib64', 'lib', 'local/lib'].map(
      (libraries) => `/usr/${libraries}/rsyslog/omelasticsearch.so`,
    ),
    debian: ['rsyslog-elasticsearch'],
    testsOnly: true,
    without: '',
  },
  {
    name: 'PostgreSQL',
    programs: ['initdb'],
    all: ['postgres', 'pg_ctl'],
    debian: ['postgresql'],
    brew: 'postgresql@17',
    without: 'the record is kept by PGlite, the embedded PostgreSQL; the scenario slow-query cannot run',
  },
  {
    name: 'bubblewrap',
    programs: ['bwrap'],
    debian: ['bubblewrap'],
    benchOnly: true,
    without: 'npm run bench -- sandbox has nothing to hold the resident runner against',
  },
  {
    name: 'busybox (for the sandbox image)',
    programs: ['busybox'],
    debian: ['busybox-static'],
    without: 'the sandbox image needs a registry to be built from',
  },
];
