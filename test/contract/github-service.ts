import type { Service } from '../../src/domain/service.ts';

/** A catalogue entry of which only the repository matters. */
export function makeService(name: string, repository: Service['repository']): Service {
  return {
    name,
    description: '',
    repository,
    owners: [],
    approvers: [],
    language: 'typescript',
    testCommand: [],
    metrics: {},
    logs: {},
    dependsOn: [],
    docs: [],
    dashboards: [],
    mode: 'assist',
  };
}
