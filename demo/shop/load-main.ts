import { type LoadOptions, startLoad } from './load.ts';

/** The load generator's own process: what it needs comes as the first argument, and it leaves with its parent. */
const load = startLoad(JSON.parse(process.argv[2] ?? '{}') as LoadOptions);

function leave(): void {
  load.stop();
  process.exit(0);
}

process.on('disconnect', leave);
process.on('SIGTERM', leave);
