import type { Route } from './route.ts';

export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'other-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

export interface RouteTable {
  match(method: string, path: string): Match;
}

/** Routes are tried in order; HEAD is answered by the GET route of the same path. */
export function createRouteTable(routes: readonly Route[]): RouteTable {
  const patterns = routes.map((route) => ({ route, segments: route.path.split('/') }));

  return {
    match(method, path) {
      const wanted = method === 'HEAD' ? 'GET' : method;
      const given = path.split('/');
      const allowed = new Set<string>();
      for (const { route, segments } of patterns) {
        const params = matchSegments(segments, given);
        if (params === undefined) continue;
        if (route.method === wanted) return { kind: 'route', route, params };
        allowed.add(route.method);
      }
      return allowed.size > 0 ? { kind: 'other-method', allowed: [...allowed] } : { kind: 'none' };
    },
  };
}

function matchSegments(
  pattern: readonly string[],
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const text = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== text) return undefined;
      continue;
    }
    const decoded = decodeSegment(text);
    if (decoded === undefined || decoded === '') return undefined;
    params[part.slice(1)] = decoded;
  }
  return params;
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
