import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { WorkspaceBroken } from '../../../../platform/workspace/workspace-errors.ts';

export interface Mount {
  readonly place: string;
  readonly type: string;
  /** What is mounted below it also appears where it is bound to. */
  readonly isShared: boolean;
}

/** Of this process, at and below a folder, in the order in which they were mounted. */
export function listMounts(folder: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    // 36 35 98:0 /root /place options optional-fields - type source options
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , place = '', , ...optional] = before.split(' ');
    const plain = place.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    );
    if (plain !== folder && !plain.startsWith(`${folder}/`)) continue;
    const isShared = optional.some((field) => field.startsWith('shared:'));
    mounts.push({ place: plain, type: after.split(' ')[0] ?? '', isShared });
  }
  return mounts;
}

const timeoutMs = 30_000;
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Runs a fixed shell script with these arguments: one process started here for several programs. It ends at the first that
 * fails. It is not given up half-way when a caller is: what is mounted must be known.
 * @param expected exit codes besides 0 that are an answer
 * @throws WorkspaceBroken
 */
export function runScript(
  script: string,
  args: readonly string[],
  expected: readonly number[] = [],
): Promise<number> {
  return runProgram('/bin/sh', ['-ec', script, 'sh', ...args], expected);
}

/**
 * Where somebody waits: one process and no shell.
 * @throws WorkspaceBroken
 */
export async function mountOverlay(options: string, place: string): Promise<void> {
  await runProgram('mount', ['-i', '-t', 'overlay', '-o', options, 'warroom', place], []);
}

async function runProgram(
  program: string,
  args: readonly string[],
  expected: readonly number[],
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  execFile(program, args, { timeout: timeoutMs, env: environment }, (error, _stdout, stderr) => {
    if (error === null) resolve(0);
    else if (typeof error.code === 'number' && expected.includes(error.code)) resolve(error.code);
    else reject(broken(new Error(stderr.trim() || error.message)));
  });
  return promise;
}

function broken(cause: Error): WorkspaceBroken {
  return new WorkspaceBroken(
    'The workspace of a sandbox could not be mounted.',
    'See the log for what the system said.',
    { cause },
  );
}
