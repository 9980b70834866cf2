import type { Container } from 'dockerode';
import { startExec } from '../../container-exec.ts';
import { engineAnswer } from '../../engine-answer.ts';
import { commandEnvironment } from '../environment.ts';
import { writeUser } from '../users.ts';
import type { CommandUser } from '../workspace/workspace.ts';
import type { FreezeLock } from './freeze-lock.ts';

const killTimeoutMs = 10_000;
/** With ten thousand files to remove. */
const afterwardsTimeoutMs = 20_000;

/**
 * Kills all that the shell's own user may, until nothing of it is left but zombies that wait for their parent. It starts
 * no process, so that it works where no more can be started; the system spares the sender.
 */
const killAll = `
n=0
while [ "$n" -lt 2000 ]; do
  kill -9 -1 2>/dev/null
  left=
  for folder in /proc/[0-9]*; do
    [ "$folder" = "/proc/$$" ] && continue
    state= user=
    while read -r key value rest; do
      case $key in State:) state=$value ;; Uid:) user=$value; break ;; esac
    done < "$folder/status"
    [ "$user" = "$1" ] && [ "$state" != Z ] && left=1
  done 2>/dev/null
  if [ -z "$left" ]; then eval "$2" 2>/dev/null; exit; fi
  n=$((n + 1))
done
exit 1`;

/**
 * Ends every process that the user has in this container, also those that have left their session: the kernel kills them
 * in one step, in which none can be born.
 * @param afterwards shell text of ours, for what is best done when nothing runs
 * @returns whether it says that nothing is left and what came afterwards succeeded. It is not to be believed where
 *   something of the user may live on: that can trace it and speak for it.
 */
export async function killUser(
  container: Container,
  lock: FreezeLock,
  user: CommandUser,
  afterwards = '',
): Promise<boolean> {
  try {
    const exec = await startExec(container, {
      argv: ['/bin/sh', '-c', killAll, 'sh', String(user.uid), afterwards],
      user: writeUser(user),
      environment: commandEnvironment,
      workFolder: '/',
      lock,
    });
    const { exitCode } = await engineAnswer(
      exec.ended,
      afterwards === '' ? killTimeoutMs : afterwardsTimeoutMs,
    );
    return exitCode === 0;
  } catch {
    return false;
  }
}
