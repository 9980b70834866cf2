import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { sampleEvent, sampleIncident } from './record-samples.ts';

/** Appends to a timeline for ever and prints what was acknowledged, so that a test can kill it in the middle. */
const [dataDir = '', id = ''] = process.argv.slice(2);
const { record } = await openRecord({ databaseUrl: null, dataDir, auditKey });
await record.incidents.insert(sampleIncident({ id }));
for (;;) {
  const entry = await record.timeline.append(id, sampleEvent());
  process.stdout.write(`${entry.seq}\n`);
}
