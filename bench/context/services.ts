import { parseCatalogue } from '../../src/config/catalogue.ts';
import type { Service } from '../../src/domain/service.ts';

/** One entry as the catalogue reads it, without the check that what it calls is there. */
export function aService(name: string, path: string, dependsOn: readonly string[]): Service {
  const entry = {
    name,
    repository: { url: `file://${path}`, slug: `bench/${name}` },
    language: 'node',
    testCommand: ['npm', 'test'],
  };
  const [service] = parseCatalogue(JSON.stringify({ services: [entry] }), 'bench').catalogue.services;
  if (service === undefined) throw new Error('the catalogue lost its service');
  return { ...service, dependsOn };
}
