import { createOverlayBackend } from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import { noCell } from './sandbox-workspace-house.ts';

/** A process with a mounted workspace that lives until it is killed: `sandbox-workspace-owner.ts ROOT FOLDER`. */
const [root = '', folder = ''] = process.argv.slice(2);
const mount = await createOverlayBackend({ root }).prepare(
  'owned',
  { uid: 10_163, gid: 10_001 },
  { workBytes: 1024 * 1024, workFiles: 100 },
);
await mount.bind(noCell).fill(folder, AbortSignal.timeout(20_000));
process.stdout.write('mounted\n');
setInterval(() => undefined, 60_000);
