import { readFileSync } from 'node:fs';
import type { V1Namespace, V1NetworkPolicy, V1Role } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';

interface Manifest {
  readonly namespace: V1Namespace;
  readonly policies: readonly V1NetworkPolicy[];
  readonly role: V1Role;
}

/** What an administrator applies to a cluster. */
export function readSandboxManifest(): Manifest {
  const file = new URL('../../manifests/kubernetes/sandboxes.yaml', import.meta.url);
  const objects = parseAllDocuments(readFileSync(file, 'utf8')).map(
    (document) => document.toJS() as { kind: string },
  );
  const only = <T>(kind: string): T => {
    const [found, more] = objects.filter((object) => object.kind === kind);
    if (found === undefined || more !== undefined) throw new Error(`one ${kind} is expected`);
    return found as T;
  };
  return {
    namespace: only('Namespace'),
    policies: objects.filter(({ kind }) => kind === 'NetworkPolicy') as V1NetworkPolicy[],
    role: only('Role'),
  };
}

const verbs: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', DELETE: 'delete' };

/** Whether the role allows a request, as the API server takes it: `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE/NAME`. */
export function isAllowed({ rules }: V1Role, method: string, pathname: string): boolean {
  const parts = pathname.split('/').slice(1);
  const group = parts[0] === 'apis' ? (parts[1] ?? '') : '';
  const [scope, scopeName, resource, name, sub] = parts.slice(parts[0] === 'apis' ? 3 : 2);
  if (scope !== 'namespaces') return false;
  const kind = resource === undefined ? 'namespaces' : sub === undefined ? resource : `${resource}/${sub}`;
  const object = resource === undefined ? scopeName : name;
  const verb = method === 'GET' && object === undefined ? 'list' : verbs[method];
  return (rules ?? []).some(
    (rule) =>
      (rule.apiGroups ?? []).includes(group) &&
      (rule.resources ?? []).includes(kind) &&
      verb !== undefined &&
      rule.verbs.includes(verb) &&
      (rule.resourceNames === undefined || (object !== undefined && rule.resourceNames.includes(object))),
  );
}
