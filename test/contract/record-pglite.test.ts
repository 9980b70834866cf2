import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { recordContract } from './record-contract.ts';

recordContract('pglite', (clock) => openRecord({ databaseUrl: null, dataDir: null, auditKey, clock }));
