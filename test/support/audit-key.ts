import { auditKeyOf } from '../../src/domain/audit-seal.ts';

/** The secret of every process and record that a test starts: what one of them sealed the others must read. */
export const testSecret = 'a-secret-for-the-links-of-this-test';

export const auditKey = auditKeyOf(testSecret);
