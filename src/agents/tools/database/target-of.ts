import { z } from 'zod';
import type { DatabaseTarget, Service } from '../../../domain/service.ts';

/** Which database a look goes to. */
export const databasePlace = {
  service: z.string().optional().describe('Defaults to your own service.'),
  database: z.string().max(63).optional().describe('Needed only where the service has several.'),
};

/** The database that an input names, else the service’s only one. @throws RangeError with the names there are */
export function targetOf(service: Service, name: string | undefined): DatabaseTarget {
  const { databases } = service;
  const found = name === undefined || name === '' ? databases[0] : databases.find((one) => one.name === name);
  if (found !== undefined && (name !== undefined || databases.length === 1)) return found;
  if (databases.length === 0)
    throw new RangeError(`The catalogue names no database of ${service.name}; try another service.`);
  throw new RangeError(
    `Name one of the databases of ${service.name}: ${databases.map((one) => one.name).join(', ')}.`,
  );
}
