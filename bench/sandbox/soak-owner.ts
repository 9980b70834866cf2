import { openProvider, openStand, usual } from './stand.ts';

/** Forked to be killed in the middle. */
const stand = openStand();
const provider = openProvider({ warm: { calmMs: 1 } });
process.send?.('ready');
for (;;) {
  const sandbox = await provider.open(await stand.spec(), stand.signal);
  await sandbox.run(['true'], usual, stand.signal);
  await sandbox.close();
}
