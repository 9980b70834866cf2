import { describe, expect, it } from 'vitest';
import { describeDatabase } from '../../../src/store/postgres-pool.ts';
import { asRecordError, mayRunAgain } from '../../../src/store/record-errors.ts';

function answer(code: string): Error {
  return Object.assign(new Error('from the server'), { code, severity: 'ERROR' });
}

describe('errors of the database', () => {
  it.each(['08006', '53300', '57P01', '57014', '28P01', '3D000'])(
    '%s means that the record is unavailable',
    (code) => {
      expect(asRecordError(answer(code), 'db:5432/warroom')).toMatchObject({
        code: 'record_unavailable',
        retryable: true,
      });
    },
  );

  it('without an answer of the server means the same', () => {
    const lost = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

    expect(asRecordError(lost, 'db:5432/warroom')).toMatchObject({ code: 'record_unavailable', cause: lost });
  });

  it.each(['23505', '23001', '42601'])('%s is about the statement, and stays as it is', (code) => {
    const error = answer(code);

    expect(asRecordError(error, 'db:5432/warroom')).toBe(error);
    expect(mayRunAgain(error)).toBe(false);
  });

  it.each(['40001', '40P01'])('%s may go well next time', (code) => {
    expect(mayRunAgain(asRecordError(answer(code), 'db'))).toBe(true);
  });
});

describe('the name of a database', () => {
  it('has no password in it', () => {
    expect(describeDatabase('postgres://me:hunter2@db.example:6432/warroom')).toBe('db.example:6432/warroom');
    expect(describeDatabase('postgres://me:hunter2@%2Fvar%2Frun/warroom')).toBe('/var/run:5432/warroom');
    expect(describeDatabase('host=db password=hunter2')).toBe('the address in DATABASE_URL');
  });
});
