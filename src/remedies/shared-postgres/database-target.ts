import { z } from 'zod';
import type { DatabaseTarget, Service } from '../../domain/service.ts';
import { canonicalJson, sha256 } from '../../platform/canonical-json.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { TableFacts } from '../../ports/database.ts';
import type { Tools } from '../tools.ts';

/** NFC, since canonical JSON would change other spellings; longer names PostgreSQL would cut. */
export const identifier = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= 63 && text === text.normalize('NFC') && !/\p{Cc}/u.test(text));

/** May be left out where the service has one. */
export const databaseName = z.string().min(1).max(63).optional();

export function findDatabase(service: Service, name: string | undefined): DatabaseTarget | undefined {
  const { databases } = service;
  if (name === undefined) return databases.length === 1 ? databases[0] : undefined;
  return databases.find((database) => database.name === name);
}

export function unknownDatabase(service: Service, name: string | undefined): string {
  const names = service.databases.map((database) => database.name).join(', ');
  if (name === undefined && names !== '')
    return `${service.name} has several databases (${names}): name one of them.`;
  return `the catalogue has no such database for ${service.name}; it has ${names || 'none'}.`;
}

/** One lock a database: builds and drops in one database wait for each other's transactions anyway. */
export function databaseTargets(service: Service, params: unknown): string[] {
  const { data } = z.object({ database: databaseName }).safeParse(params);
  const target = data === undefined ? undefined : findDatabase(service, data.database);
  return target === undefined ? [] : [`postgres ${service.name}/${target.name}`];
}

/** What the target has, or why it cannot be looked at, in a sentence. */
export async function tablesOrReason(
  { inspector }: Pick<Tools, 'inspector'>,
  target: DatabaseTarget,
  signal: AbortSignal,
): Promise<readonly TableFacts[] | string> {
  try {
    return await inspector.tables(target, signal);
  } catch (error) {
    if (error instanceof WarroomError && !error.retryable) return `${error.message} ${error.hint}`;
    throw error;
  }
}

/** Names of the indexes that Warroom makes begin so. */
export const ownPrefix = 'warroom_';

/** What Warroom itself has built does not make a build stale: it may be an earlier try of the same. */
export const exceptOwn = (index: string): boolean => !index.startsWith(ownPrefix);

/**
 * Columns and indexes of a table as a digest.
 * @param counts which of its indexes count, by name
 */
export function fingerprint(table: TableFacts, counts: (index: string) => boolean): string {
  const { schema, name, columns, indexes } = table;
  const others = indexes
    .filter((index) => counts(index.name))
    .map(({ name: index, definition, valid }) => ({ name: index, definition, valid }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return sha256(
    canonicalJson({
      schema,
      name,
      columns: columns.map(({ name: column, type, nullable }) => ({ name: column, type, nullable })),
      indexes: others,
    }),
  );
}
