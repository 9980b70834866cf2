import type { V1Container, V1PodSpec } from '@kubernetes/client-node';

const volumeKinds = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/**
 * The rules of pod security `restricted` (and of `baseline`, which it contains) as the Kubernetes documentation has them,
 * for the fields of Linux pods. @returns what breaks them, in the words of the real admission
 */
export function breachesOfRestricted(spec: V1PodSpec): string[] {
  const breaches: string[] = [];
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const each = (what: string, isWrong: (container: V1Container) => boolean): void => {
    const wrong = containers.filter(isWrong).map(({ name }) => `"${name}"`);
    if (wrong.length > 0) breaches.push(`${what} (container ${wrong.join(', ')})`);
  };
  if (spec.hostNetwork === true || spec.hostPID === true || spec.hostIPC === true)
    breaches.push('host namespaces');
  if ((spec.ephemeralContainers ?? []).length > 0) breaches.push('ephemeral containers');
  for (const { name, ...source } of spec.volumes ?? []) {
    const kinds = Object.keys(source);
    if (!kinds.every((kind) => volumeKinds.has(kind)))
      breaches.push(`restricted volume types (volume "${name}")`);
  }
  if ((spec.securityContext?.sysctls ?? []).length > 0) breaches.push('forbidden sysctls');
  each('privileged', (one) => one.securityContext?.privileged === true);
  each('hostPort', (one) => (one.ports ?? []).some(({ hostPort = 0 }) => hostPort !== 0));
  each('procMount', (one) => !['Default', undefined].includes(one.securityContext?.procMount));
  each('allowPrivilegeEscalation != false', (one) => one.securityContext?.allowPrivilegeEscalation !== false);
  each(
    'unrestricted capabilities',
    ({ securityContext }) =>
      !(securityContext?.capabilities?.drop ?? []).includes('ALL') ||
      (securityContext?.capabilities?.add ?? []).some((name) => name !== 'NET_BIND_SERVICE'),
  );
  const pod = spec.securityContext;
  each('runAsNonRoot != true', (one) => (one.securityContext?.runAsNonRoot ?? pod?.runAsNonRoot) !== true);
  if (pod?.runAsUser === 0) breaches.push('runAsUser=0 (pod)');
  each('runAsUser=0', (one) => one.securityContext?.runAsUser === 0);
  each('seccompProfile', (one) => {
    const type = (one.securityContext?.seccompProfile ?? pod?.seccompProfile)?.type;
    return type !== 'RuntimeDefault' && type !== 'Localhost';
  });
  return breaches;
}
