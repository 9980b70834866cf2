import type { V1Namespace, V1NetworkPolicy } from '@kubernetes/client-node';

/**
 * Why code that nobody trusts must not run in this namespace, in words; null when nothing is known against it. That a policy
 * exists does not prove that the cluster's network plugin heeds it: `egressProbe` looks at that from inside.
 */
export function whyUnsafe(
  namespace: V1Namespace,
  policies: readonly V1NetworkPolicy[],
  podLabels: Readonly<Record<string, string>>,
): string | null {
  const name = namespace.metadata?.name ?? '';
  const level = namespace.metadata?.labels?.['pod-security.kubernetes.io/enforce'];
  if (level !== 'restricted') {
    return `namespace ${name} does not enforce pod security "restricted" (it has ${level === undefined ? 'none' : `"${level}"`})`;
  }
  const ours = policies.filter((policy) => selects(policy, podLabels));
  for (const direction of ['Ingress', 'Egress'] as const) {
    // Policies add up: what one of them allows, no other takes back.
    const open = ours.find((policy) => allowsSome(policy, direction));
    if (open !== undefined) {
      return `network policy ${open.metadata?.name ?? ''} of namespace ${name} allows ${direction.toLowerCase()} to sandboxes`;
    }
    if (!ours.some((policy) => typesOf(policy).includes(direction))) {
      return `namespace ${name} has no network policy that denies all ${direction.toLowerCase()} of sandboxes`;
    }
  }
  return null;
}

function typesOf({ spec }: V1NetworkPolicy): readonly string[] {
  // As the API server fills it in, for one that was stored before.
  return spec?.policyTypes ?? ['Ingress', ...(spec?.egress === undefined ? [] : ['Egress'])];
}

function allowsSome(policy: V1NetworkPolicy, direction: 'Ingress' | 'Egress'): boolean {
  if (!typesOf(policy).includes(direction)) return false;
  const rules = direction === 'Ingress' ? policy.spec?.ingress : policy.spec?.egress;
  return (rules ?? []).length > 0;
}

function selects({ spec }: V1NetworkPolicy, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec?.podSelector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      if (operator === 'In') return value !== undefined && values.includes(value);
      return value === undefined || !values.includes(value);
    })
  );
}

/**
 * Run inside a pod: whether it can reach the API server, whose address Kubernetes tells every container. 10: it can, so the
 * policy is not heeded; 3: the address is missing; 4: the image has nothing to try with; 0: no way out.
 */
export const egressProbe: readonly string[] = [
  '/bin/sh',
  '-c',
  `h=$KUBERNETES_SERVICE_HOST p=$KUBERNETES_SERVICE_PORT
   [ -n "$h" ] && [ -n "$p" ] || exit 3
   if command -v bash >/dev/null; then timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$h" "$p" && exit 10
   elif command -v nc >/dev/null; then timeout 3 nc -w 2 "$h" "$p" </dev/null && exit 10
   else exit 4; fi
   exit 0`,
];

export const egressFindings: Readonly<Record<number, string>> = {
  10: 'a sandbox could reach the API server although a network policy denies it: the network plugin of the cluster does not enforce network policies',
  3: 'a pod was not told the address of the API server, so it cannot be tried whether network policies are enforced',
  4: 'the sandbox image has neither bash nor nc, so it cannot be tried whether network policies are enforced',
};
