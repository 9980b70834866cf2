import type { Container } from 'dockerode';
import { startExec } from '../../container-exec.ts';
import { engineAnswer } from '../../engine-answer.ts';
import { commandEnvironment } from '../environment.ts';
import { lookUser, writeUser } from '../users.ts';
import type { CommandUser } from '../workspace/workspace.ts';
import type { FreezeLock } from './freeze-lock.ts';
import type { ResidentRunner } from './resident-runner.ts';

/** Somebody's look may hold the runner for long; nobody waits for that to end what is hostile. */
const turnMs = 1_500;
const execMs = 10_000;

/**
 * Whether a process of the user is left, by what the kernel says of each. It starts no process, and when one was born
 * meanwhile (by the last number that the kernel gave), it looks again: one that forks and ends all the time could pass
 * between two steps of a single look. What calls itself a zombie is one only when it has no other thread.
 */
const noProcess = (uid: number): string => `
n=0
while [ "$n" -lt 40 ]; do
  n=$((n + 1)); left=
  read -r a b c d before < /proc/loadavg
  for folder in /proc/[0-9]*; do
    state= user= threads=
    while read -r key value rest; do
      case $key in
        State:) state=$value ;;
        Uid:) user=$value; [ "$user" = ${uid} ] || break ;;
        Threads:) threads=$value; break ;;
      esac
    done < "$folder/status"
    [ "$user" = ${uid} ] || continue
    case $state-$threads in Z-1 | Z-0 | X-1 | X-0) ;; *) left=1 ;; esac
  done 2>/dev/null
  read -r a b c d after < /proc/loadavg
  [ -z "$left" ] && [ "$before" = "$after" ] && break
  left=1
done
[ -z "$left" ] || exit 1`;

/** The dot, because a shell drops the line ends of a name that has nothing else. */
const noTemporaryFile = `
for folder in /tmp /dev/shm; do [ "$(ls -A "$folder" && echo .)" = . ] || exit 1; done`;

/**
 * Whether nothing of the user runs any more, asked as another user: what says so itself may have been made to by a process
 * of the same user, which may stop it, trace it and end it in its stead.
 * @param temporary also whether nothing is left in the temporary folders
 * @returns false, too, when it cannot be known
 */
export async function isNothingLeft(
  cell: { container: Container; lock: FreezeLock; runner: ResidentRunner; user: CommandUser },
  temporary: boolean,
): Promise<boolean> {
  const script = `${noProcess(cell.user.uid)}${temporary ? noTemporaryFile : ''}\nexit 0`;
  try {
    const options = { timeoutMs: turnMs, outputBytes: 256 };
    const { exitCode } = await cell.runner.run(script, options, AbortSignal.timeout(turnMs * 2));
    if (exitCode !== null) return exitCode === 0;
  } catch {
    // The runner is busy or was lost; a look of its own is slower.
  }
  try {
    const exec = await startExec(cell.container, {
      argv: ['/bin/sh', '-c', script],
      user: writeUser(lookUser),
      environment: commandEnvironment,
      workFolder: '/',
      lock: cell.lock,
    });
    return (await engineAnswer(exec.ended, execMs)).exitCode === 0;
  } catch {
    return false;
  }
}
