import { startLoad } from './load.ts';
import type { ShopUrls } from './load-clients.ts';

/** The load generator's own process: addresses come as the first argument, and it leaves with its parent. */
const load = startLoad(JSON.parse(process.argv[2] ?? '{}') as ShopUrls);

process.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'factor' in message)
    load.pace(Number(message.factor));
});

function leave(): void {
  load.stop();
  process.exit(0);
}

process.on('disconnect', leave);
process.on('SIGTERM', leave);
