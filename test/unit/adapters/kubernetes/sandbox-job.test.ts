import type { V1PodSpec } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { defaultPodLimits } from '../../../../src/adapters/kubernetes/sandbox/pod-limits.ts';
import { type PodSettings, sandboxJob } from '../../../../src/adapters/kubernetes/sandbox/sandbox-job.ts';
import { sandboxJobSchema } from '../../../support/kubernetes-job-schema.ts';
import { breachesOfRestricted } from '../../../support/pod-security.ts';
import { isAllowed, readSandboxManifest } from '../../../support/sandbox-manifest.ts';

const plain: PodSettings = {
  limits: defaultPodLimits,
  runtimeClass: undefined,
  seccompProfile: undefined,
  userNamespaces: false,
  sideCarImages: { postgres: 'postgres:1', redis: 'redis:1' },
};

function jobWith(settings: Partial<PodSettings> = {}) {
  const request = {
    name: 'warroom-sandbox-1',
    namespace: 'warroom-sandboxes',
    labels: {},
    annotations: {},
    image: 'node:1',
    uid: 10_123,
    sideCars: [{ kind: 'postgres', seed: '' }, { kind: 'redis' }] as const,
  };
  return sandboxJob(request, { ...plain, ...settings });
}

function podWith(settings: Partial<PodSettings> = {}): V1PodSpec {
  const spec = jobWith(settings).spec?.template.spec;
  if (spec === undefined) throw new Error('no pod');
  return structuredClone(spec);
}

describe('the job of a sandbox', () => {
  it('breaks no rule of pod security, and every side-car is a container like the others', () => {
    expect(breachesOfRestricted(podWith())).toEqual([]);
    expect(podWith().containers.map(({ name }) => name)).toEqual(['cell', 'eye', 'postgres', 'redis']);
    expect(sandboxJobSchema.safeParse(jobWith()).error).toBeUndefined();
  });

  it('asks for the runtime, the seccomp profile and the user namespace that it is told to', () => {
    const spec = podWith({ runtimeClass: 'gvisor', seccompProfile: 'profiles/x.json', userNamespaces: true });

    expect(spec).toMatchObject({
      runtimeClassName: 'gvisor',
      hostUsers: false,
      securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/x.json' } },
    });
    expect(podWith()).not.toHaveProperty('runtimeClassName');
    expect(breachesOfRestricted(spec)).toEqual([]);
  });

  it('lets nothing but the workspace and /tmp be written, and those by the cell alone', () => {
    const writable = podWith().containers.map(({ name, volumeMounts = [] }) => [
      name,
      volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath),
    ]);

    expect(Object.fromEntries(writable)).toEqual({
      cell: ['/work', '/tmp'],
      eye: [],
      postgres: ['/data', '/tmp'],
      redis: ['/data', '/tmp'],
    });
    expect(podWith().containers.every((one) => one.securityContext?.readOnlyRootFilesystem === true)).toBe(
      true,
    );
  });

  const cell = 'containers.0.securityContext';
  it.each<[string, string, unknown, RegExp]>([
    ['the network of the host', 'hostNetwork', true, /host namespaces/],
    ['processes of the host', 'hostPID', true, /host namespaces/],
    ['a folder of the host', 'volumes.0.hostPath', { path: '/' }, /volume types \(volume "work"\)/],
    ['root', 'securityContext.runAsUser', 0, /runAsUser=0/],
    ['what may be root', `${cell}.runAsNonRoot`, false, /runAsNonRoot != true/],
    ['no seccomp profile', 'securityContext.seccompProfile.type', 'Unconfined', /seccompProfile/],
    ['privileges', `${cell}.privileged`, true, /privileged/],
    ['privileges to be gained', `${cell}.allowPrivilegeEscalation`, true, /allowPrivilegeEscalation/],
    ['a capability', `${cell}.capabilities.add`, ['SYS_PTRACE'], /unrestricted capabilities/],
    [
      'capabilities that were not dropped',
      `${cell}.capabilities.drop`,
      ['KILL'],
      /unrestricted capabilities/,
    ],
  ])('would be refused with %s', (_what, place, value, reason) => {
    const spec = podWith();
    put(spec, place.split('.'), value);

    expect(breachesOfRestricted(spec).join()).toMatch(reason);
  });
});

function put(target: object, [name = '', ...rest]: readonly string[], value: unknown): void {
  const fields = target as Record<string, unknown>;
  if (rest.length === 0) fields[name] = value;
  else put(fields[name] as object, rest, value);
}

describe('the role of the manifest', () => {
  const { role } = readSandboxManifest();
  const pods = '/api/v1/namespaces/warroom-sandboxes/pods';

  it('allows jobs, and what runs in their pods', () => {
    expect(isAllowed(role, 'POST', '/apis/batch/v1/namespaces/warroom-sandboxes/jobs')).toBe(true);
    expect(isAllowed(role, 'GET', pods)).toBe(true);
    expect(isAllowed(role, 'POST', `${pods}/x/exec`)).toBe(true);
  });

  it.each([
    ['POST', pods],
    ['DELETE', `${pods}/x`],
    ['GET', '/api/v1/namespaces/warroom-sandboxes/secrets'],
    ['GET', '/api/v1/namespaces/kube-system'],
    ['GET', '/api/v1/namespaces'],
    ['DELETE', '/apis/networking.k8s.io/v1/namespaces/warroom-sandboxes/networkpolicies/deny-all'],
    ['POST', '/apis/batch/v1/namespaces/warroom-sandboxes/cronjobs'],
  ])('does not allow %s %s', (method, pathname) => {
    expect(isAllowed(role, method, pathname)).toBe(false);
  });
});
