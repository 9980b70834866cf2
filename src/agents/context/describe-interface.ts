import { findSymbols } from './find-symbols.ts';
import type { Tree, TreeFile } from './read-tree.ts';

const schema = /\.(proto|graphql|avsc|thrift|sql)$|(^|\/)(openapi|swagger|schema)[\w.-]*\.(json|ya?ml)$/i;
const interfacePath =
  /(^|\/)(routes?|handlers?|controllers?|api|client|clients|interface|types|upstreams?)[\w.-]*\.\w+$|\.d\.[cm]?ts$/i;

/** Ways in which a route is written: a verb and a path in one call or record, decorators, registrations. */
const routes: readonly RegExp[] = [
  /["'`](GET|POST|PUT|PATCH|DELETE|HEAD)["'`]\s*,\s*["'`](\/[^"'`\s]{0,200})["'`]/g,
  /\.(get|post|put|patch|delete|head)\(\s*["'`](\/[^"'`\s]{0,200})["'`]/g,
  /method:\s*["'`](\w{3,7})["'`][^}\n]{0,80}(?:path|url):\s*["'`](\/[^"'`\s]{0,200})["'`]/g,
  /@(?:\w{1,40}\.)?(get|post|put|patch|delete|route|GetMapping|PostMapping|PutMapping|DeleteMapping|RequestMapping)\(\s*(?:value\s*=\s*)?["'](\/[^"'\s]{0,200})["']/gi,
  /(HandleFunc|Handle)\(\s*["'`](\/[^"'`\s]{0,200})["'`]/g,
];

const mostRoutes = 300;
const mostFiles = 400;

export function isInterface(file: TreeFile): boolean {
  if (schema.test(file.path)) return true;
  if (file.kind !== 'source') return false;
  return interfacePath.test(file.path) || routesOf(file).length > 0;
}

/** What a service offers, as found in its own source: its routes with places, its schemas, what its modules export. */
export function describeInterface(service: string, direction: string, tree: Tree): string {
  const sources = tree.files.filter((file) => file.kind === 'source');
  const found = sources.flatMap(routesOf);
  const schemas = tree.files.filter((file) => schema.test(file.path)).map((file) => file.path);
  const exports = sources
    .filter((file) => interfacePath.test(file.path))
    .slice(0, mostFiles)
    .flatMap((file) => {
      const names = [...new Set(findSymbols(file.text).map((symbol) => symbol.name))].slice(0, 20);
      return names.length === 0 ? [] : [` ${file.path}: ${names.join(' ')}`];
    });
  return [
    `${service} is ${direction === 'upstream' ? 'called by' : 'a caller of'} this service; ${tree.files.length} text files.`,
    found.length === 0 ? 'No routes were recognised.' : 'Routes:',
    ...found.slice(0, mostRoutes).map((route) => ` ${route}`),
    ...(found.length > mostRoutes ? [` … ${found.length - mostRoutes} more`] : []),
    ...(schemas.length === 0 ? [] : [`Schemas: ${schemas.slice(0, 100).join(', ')}`]),
    ...(exports.length === 0 ? [] : ['Exported:', ...exports]),
  ].join('\n');
}

function routesOf(file: TreeFile): string[] {
  const found: { at: number; text: string }[] = [];
  for (const pattern of routes)
    for (const match of file.text.matchAll(pattern)) {
      const line = file.text.slice(0, match.index).split('\n').length;
      found.push({ at: match.index, text: `${match[1]?.toUpperCase()} ${match[2]} (${file.path}:${line})` });
    }
  return found.toSorted((a, b) => a.at - b.at).map((one) => one.text);
}
