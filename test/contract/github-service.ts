import type { Service } from '../../src/domain/service.ts';

/** A catalogue entry of which only the repository matters. */
export function makeService(name: string, repository: Service['repository']): Service {
  return {
    name,
    description: '',
    repository,
    owners: [],
    approvers: [],
    onCall: [],
    fallbackApprovers: [],
    language: 'typescript',
    testCommand: [],
    metrics: {},
    logs: {},
    dependsOn: [],
    docs: [],
    dashboards: [],
    mode: 'assist',
    autonomy: { kinds: [], perHour: 0, countdownSeconds: 60 },
    databases: [],
    caches: [],
    configuration: [],
    workloads: [],
    sandbox: { sideCars: [], database: null, environment: {} },
    runbooks: [],
  };
}
