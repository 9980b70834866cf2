import { WaitedInVain } from '../../../../platform/fair-queue.ts';
import type { Sandbox } from '../../../../ports/sandbox.ts';
import { SandboxUnavailable } from '../../../../ports/sandbox-errors.ts';
import type { EngineDesk } from './engine-desk.ts';

/** Incidents take turns with their commands, too: an engine has a few cores. */
export function inTurn(sandbox: Sandbox, desk: EngineDesk, incidentId: string): Sandbox {
  return {
    id: sandbox.id,
    async run(argv, options, signal) {
      const leave = await desk.commands.enter(incidentId, signal).catch(refuse);
      try {
        return await sandbox.run(argv, options, signal);
      } finally {
        leave();
      }
    },
    look: (argv, options, signal) => sandbox.look(argv, options, signal),
    write: (files, signal) => sandbox.write(files, signal),
    changes: (most, signal) => sandbox.changes(most, signal),
    snapshot: (signal) => sandbox.snapshot(signal),
    reset: (snapshot, signal) => sandbox.reset(snapshot, signal),
    close: () => sandbox.close(),
  };
}

function refuse(error: unknown): never {
  if (!(error instanceof WaitedInVain)) throw error;
  throw new SandboxUnavailable(
    error.why === 'too-many'
      ? 'Too many commands wait for a core already.'
      : 'No core became free in time for a command.',
    'It goes on when others are done; more engines in DOCKER_HOST have more cores.',
    { cause: error },
  );
}
