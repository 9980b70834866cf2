import type { V1PodSpec, V1ResourceRequirements, V1SecurityContext } from '@kubernetes/client-node';

/** Limits that are also requests: the pod is the last that a node in need evicts, and never gets more than it was given. */
export function equalResources(memoryBytes: number, cpus: number): V1ResourceRequirements {
  const resources = {
    memory: String(memoryBytes),
    cpu: `${Math.round(cpus * 1000)}m`,
    'ephemeral-storage': '64Mi',
  };
  return { limits: { ...resources }, requests: { ...resources } };
}

/** @param uid without it: the pod's */
export function containerSecurity(uid?: number): V1SecurityContext {
  return {
    runAsNonRoot: true,
    ...(uid === undefined ? {} : { runAsUser: uid }),
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
}

export function memoryVolume(name: string, bytes: number): NonNullable<V1PodSpec['volumes']>[number] {
  return { name, emptyDir: { medium: 'Memory', sizeLimit: String(bytes) } };
}
