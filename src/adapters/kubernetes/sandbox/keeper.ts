/**
 * The container's first process. Kubernetes runs every exec as the container's own user, so this one is of the commands'
 * user as well; yet nothing from inside its pid namespace can kill or stop a first process that has no handler for the
 * signal. It adopts what is left behind and reaps it, and it must live on when its `sleep` is killed.
 */
export const keeperCommand: readonly string[] = [
  '/bin/sh',
  '-c',
  'while :; do sleep 3600 & wait $!; done 2>/dev/null',
];

/** Ends everything in the container but the keeper; Linux spares the sender, too. Exit 1: nobody was left. */
export const killScript = 'kill -9 -1';

/** Kubernetes cannot freeze a pod: what commands left running is stopped by a signal, which none of them can refuse. */
export const freezeScript = 'kill -STOP -1 2>/dev/null';
export const thawScript = 'kill -CONT -1 2>/dev/null';

export const workFolder = '/work';

/** Beside what the image sets. */
export const commandEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/tmp',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  CI: '1',
  NODE_ENV: 'test',
};

/** What Kubernetes tells every container by itself, also without service links. */
const clusterVariables = [
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'KUBERNETES_SERVICE_PORT_HTTPS',
  'KUBERNETES_PORT',
  'KUBERNETES_PORT_443_TCP',
  'KUBERNETES_PORT_443_TCP_PROTO',
  'KUBERNETES_PORT_443_TCP_PORT',
  'KUBERNETES_PORT_443_TCP_ADDR',
];

export interface CommandBounds {
  readonly commandPids: number;
  readonly fileBytes: number;
  readonly openFiles: number;
}

/**
 * Runs a command with output and errors in one stream, which the exec calls standard output, and tells its exit code on the
 * other one: a command's daemons keep the first open for ever, and with it the exec.
 */
export function wrapCommand(argv: readonly string[], bounds: CommandBounds): string[] {
  const run = `(${limitScript(bounds)}; unset ${clusterVariables.join(' ')}; exec "$@" 2>&1 3>&-)`;
  return [
    '/bin/sh',
    '-c',
    `exec 3>&2 2>/dev/null; ${run}; code=$?; echo "exit $code" >&3; exit $code`,
    'sh',
    ...argv,
  ];
}

/** Kubernetes has no limits of this kind, so the shell sets them on the way; what it sets, nobody inside can raise. */
function limitScript({ commandPids, fileBytes, openFiles }: CommandBounds): string {
  const limits = [
    'ulimit -c 0',
    // In blocks of 512 bytes.
    `ulimit -f ${Math.ceil(fileBytes / 512)}`,
    `ulimit -n ${openFiles}`,
    // Dash has another letter for it than the others.
    `ulimit -u ${commandPids} 2>/dev/null || ulimit -p ${commandPids}`,
  ];
  // A command that would run without one of them is not run.
  return `{ ${limits.map((limit) => `{ ${limit}; }`).join(' && ')}; } || exit 126`;
}

/** What the other stream said: undefined when the command's shell was killed before it could. */
export function readExitCode(errors: string): number | undefined {
  const code = /^exit (\d+)$/m.exec(errors)?.[1];
  return code === undefined ? undefined : Number(code);
}
