import { simpleGit } from 'simple-git';
import { SourceUnreachable } from '../../platform/errors.ts';
import { GitFailed } from './errors.ts';

export type GitCommand = {
  cwd: string;
  /** Folder that git takes for the user's home: empty, so that no configuration of the machine has a say. */
  home: string;
  /** Fixed words and validated values only; nothing here is ever a string that a person typed. */
  args: readonly string[];
  signal: AbortSignal;
  timeoutMs: number;
  input?: string;
  /** Authorization header for one origin; given to git in its environment, never in arguments or files. */
  credential?: { origin: string; header: string };
  /** Stops reading, and git, after this much output. */
  maxBytes?: number;
  /** Gets output as it arrives, and none of it is kept then; `false` stops git like `maxBytes` does. */
  onOutput?: (chunk: Buffer) => boolean;
  /** An index of its own, for work without a work tree. */
  indexFile?: string;
  /** A folder of ours that is the work tree of this one command, in a repository that has none. */
  workTree?: string;
};

export type GitResult = { code: number; stdout: Buffer; stderr: string; cut: boolean };

/** A repository's own configuration and hooks must not run anything here. */
const config = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.quotePath=false',
  'core.attributesFile=/dev/null',
  'credential.helper=',
  'protocol.allow=never',
  'protocol.https.allow=always',
  'protocol.http.allow=always',
  'protocol.file.allow=always',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'gc.auto=0',
  'maintenance.auto=false',
  // What a repository makes git hold in memory at once: larger files are passed on in parts.
  'core.bigFileThreshold=32m',
  'core.deltaBaseCacheLimit=64m',
  'pack.windowMemory=64m',
  'user.name=warroom',
  'user.email=warroom@localhost',
];

/** In one piece, in bytes. Git ends when it would need more: deltas of few bytes may make files of any size. */
const pieceBytes = 1024 ** 3;

/**
 * Runs git once and reports its exit code; the caller says what a code means.
 * @throws SourceUnreachable when the deadline passes, GitFailed when git cannot be started, the signal's reason on abort.
 */
export async function runGit(command: GitCommand): Promise<GitResult> {
  command.signal.throwIfAborted();
  const enough = new AbortController();
  const deadline = AbortSignal.timeout(command.timeoutMs);
  const limitBytes = command.maxBytes ?? Number.POSITIVE_INFINITY;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let code = 0;
  let stderr = '';

  const git = simpleGit({
    baseDir: command.cwd,
    abort: AbortSignal.any([command.signal, deadline, enough.signal]),
    config,
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeConfigEnvCount: command.credential !== undefined,
      allowUnsafeConfigPaths: command.workTree !== undefined,
    },
    allowEnvironment: [
      'GIT_TERMINAL_PROMPT',
      'GIT_CONFIG_NOSYSTEM',
      'GIT_OPTIONAL_LOCKS',
      'GIT_ALLOC_LIMIT',
      'GIT_INDEX_FILE',
      'GIT_WORK_TREE',
      ...Object.keys(credentialEnvironment(command.credential)),
    ],
    errors: (error, result) => {
      // below 0 the process never ran; an exit code is an answer, and the caller knows what it means
      if (result.exitCode < 0 || (result.exitCode === 0 && error instanceof Error)) return error;
      code = result.exitCode;
      stderr = Buffer.concat(result.stdErr).toString('utf8');
      return undefined;
    },
    ...(command.input === undefined ? {} : { input: () => command.input }),
  })
    .env(environment(command))
    .outputHandler((_binary, stdout, complaints) => {
      // The library waits 50 ms for the output of a command that ended without any; most of ours say nothing.
      setImmediate(() => complaints.emit('data', Buffer.alloc(0)));
      stdout.on('data', (chunk: Buffer) => {
        if (command.onOutput !== undefined) {
          if (!enough.signal.aborted && !command.onOutput(chunk)) enough.abort();
          return;
        }
        if (bytes < limitBytes) chunks.push(chunk.subarray(0, limitBytes - bytes));
        bytes += chunk.length;
        if (bytes > limitBytes) enough.abort();
      });
    });

  let failure: unknown;
  await git.raw([...command.args]).catch((error: unknown) => {
    failure = error;
  });
  if (failure !== undefined || code !== 0) {
    if (enough.signal.aborted) return { code: 0, stdout: Buffer.concat(chunks), stderr: '', cut: true };
    command.signal.throwIfAborted();
    if (deadline.aborted) {
      throw new SourceUnreachable(
        `Git gave no answer in ${Math.round(command.timeoutMs / 1000)} s.`,
        'Check that the repository is reachable from here; it is tried again.',
        { cause: failure },
      );
    }
  }
  if (failure !== undefined) {
    throw new GitFailed('Git could not be run.', 'Install git 2.38 or later and make it findable in PATH.', {
      cause: failure,
    });
  }
  return { code, stdout: Buffer.concat(chunks), stderr, cut: enough.signal.aborted };
}

/** Only what is listed: no secret of this process, no setting of the person who started it. */
function environment(command: GitCommand): Record<string, string> {
  return {
    PATH: searchPath,
    HOME: command.home,
    XDG_CONFIG_HOME: command.home,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOC_LIMIT: String(pieceBytes),
    ...(command.indexFile === undefined ? {} : { GIT_INDEX_FILE: command.indexFile }),
    ...(command.workTree === undefined ? {} : { GIT_WORK_TREE: command.workTree }),
    ...trustEnvironment,
    ...credentialEnvironment(command.credential),
  };
}

// Where programs and certificates lie on this machine: no settings of ours, which src/config alone reads.
// biome-ignore lint/style/noProcessEnv: an allow-list to hand to git is made from the environment
const { PATH: searchPath = '/usr/bin:/bin', SSL_CERT_FILE, CURL_CA_BUNDLE } = process.env;
const trustEnvironment = {
  ...(SSL_CERT_FILE === undefined ? {} : { SSL_CERT_FILE }),
  ...(CURL_CA_BUNDLE === undefined ? {} : { CURL_CA_BUNDLE }),
};

function credentialEnvironment(credential: GitCommand['credential']): Record<string, string> {
  if (credential === undefined) return {};
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${credential.origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: credential.header,
  };
}
