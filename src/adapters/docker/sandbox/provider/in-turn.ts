import type { Sandbox } from '../../../../ports/sandbox.ts';
import type { EngineDesk } from './engine-desk.ts';

/** Incidents take turns with their commands, too: an engine has a few cores. */
export function inTurn(sandbox: Sandbox, desk: EngineDesk, incidentId: string): Sandbox {
  return {
    id: sandbox.id,
    async run(argv, options, signal) {
      const leave = await desk.commands.enter(incidentId, signal);
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
