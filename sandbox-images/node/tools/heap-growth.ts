import { findHolders, type HeapGraph, type Holder, nodeName, nodeType } from './heap-graph.ts';
import { fileOf, isOwn } from './source-place.ts';

export interface Growth {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  count: number;
  bytes: number;
}

/** Objects by constructor, and what has none by what it is. */
export function growthByType(graph: HeapGraph): Map<string, Growth> {
  const types = new Map<string, Growth>();
  for (let node = 0; node < graph.nodes.length; node += graph.nodeSize) {
    const type = nodeType(graph, node);
    if (type === 'synthetic' || type === 'hidden' || type === 'code' || type === 'object shape') continue;
    const name = type === 'object' || type === 'native' ? nodeName(graph, node).slice(0, 200) : `(${type})`;
    const known = types.get(name) ?? { name, count: 0, bytes: 0 };
    known.count += 1;
    known.bytes += graph.nodes[node + graph.column.size] ?? 0;
    types.set(name, known);
  }
  return types;
}

/**
 * What is new between two looks, by the object from before that holds it: a map that grows holds all of its new entries,
 * however often its table was made anew. Objects keep their number, and numbers only go up.
 */
export function growthByHolder(
  before: HeapGraph,
  after: HeapGraph,
  scripts: ReadonlyMap<string, string>,
  declaredAt: (url: string, name: string) => number | undefined,
): { before: Map<string, Growth>; after: Map<string, Growth> } {
  let last = 0;
  for (let node = 0; node < before.nodes.length; node += before.nodeSize)
    last = Math.max(last, before.nodes[node + before.column.id] ?? 0);
  const holders = findHolders(after);
  const grown = new Map<number, { count: number; bytes: number }>();
  const { nodes, nodeSize, column } = after;
  for (let node = 0; node < nodes.length; node += nodeSize) {
    if ((nodes[node + column.id] ?? 0) <= last) continue;
    let up = holders.parent[node / nodeSize] ?? -1;
    while (up > 0 && !((nodes[up * nodeSize + column.id] ?? 0) <= last && isTold(after, up * nodeSize)))
      up = holders.parent[up] ?? -1;
    if (up <= 0) continue;
    const known = grown.get(up) ?? { count: 0, bytes: 0 };
    known.count += 1;
    known.bytes += nodes[node + column.size] ?? 0;
    grown.set(up, known);
  }
  const told = [...grown].sort((a, b) => b[1].bytes - a[1].bytes).slice(0, 8);
  const most = told[0]?.[1].bytes ?? 0;
  const now = new Map<string, Growth>();
  for (const [ordinal, growth] of told) {
    if (growth.bytes < most / 50) break;
    const place = placeOf(after, holders, ordinal, scripts, declaredAt);
    now.set(String(ordinal), { ...place, ...growth });
  }
  return { before: new Map(), after: now };
}

/** Tables and contexts are the runtime's: what a person knows is the object that has them. */
function isTold(graph: HeapGraph, node: number): boolean {
  const type = nodeType(graph, node);
  return (type === 'object' || type === 'closure') && !nodeName(graph, node).startsWith('system /');
}

const mostSteps = 6;

/** `Map sessions, held by cache.js`: the object, the names on the way to it, and the line that declares the first of ours. */
function placeOf(
  graph: HeapGraph,
  holders: Holder,
  ordinal: number,
  scripts: ReadonlyMap<string, string>,
  declaredAt: (url: string, name: string) => number | undefined,
): { name: string; file?: string; line?: number } {
  const steps: string[] = [];
  const names: string[] = [];
  let context = -1;
  for (let at = ordinal; at > 0 && steps.length < mostSteps; at = holders.parent[at] ?? -1) {
    const name = edgeName(graph, holders.by[at] ?? -1);
    if (name !== '') {
      steps.unshift(name);
      names.push(name);
    }
    const up = holders.parent[at] ?? -1;
    if (up > 0 && nodeName(graph, up * graph.nodeSize) === 'system / Context') {
      context = up;
      break;
    }
  }
  const what = nodeName(graph, ordinal * graph.nodeSize).slice(0, 120);
  const script = context < 0 ? undefined : scriptOf(graph, context, scripts);
  const name = `${what}${steps.length === 0 ? '' : ` ${steps.join('.')}`}`;
  if (script === undefined) return { name };
  const variable = steps[0];
  const line = variable === undefined ? undefined : declaredAt(script, variable);
  return { name, file: fileOf(script), ...(line === undefined ? {} : { line }) };
}

function edgeName(graph: HeapGraph, edge: number): string {
  if (edge < 0) return '';
  const type = graph.edgeTypes[graph.edges[edge + graph.edge.type] ?? 0];
  if (type !== 'context' && type !== 'property') return '';
  const name = graph.strings[graph.edges[edge + graph.edge.name] ?? 0] ?? '';
  return name === '__proto__' || name.startsWith('<') ? '' : name;
}

/** The file of the functions that share the context. */
function scriptOf(
  graph: HeapGraph,
  context: number,
  scripts: ReadonlyMap<string, string>,
): string | undefined {
  const { nodes, edges, nodeSize, edgeSize, column, edge, places } = graph;
  const internal = graph.edgeTypes.indexOf('internal');
  let at = 0;
  for (let node = 0; node < nodes.length; node += nodeSize) {
    const end = at + (nodes[node + column.edgeCount] ?? 0) * edgeSize;
    const place = places.get(node);
    for (; at < end; at += edgeSize) {
      if (
        place === undefined ||
        edges[at + edge.type] !== internal ||
        edges[at + edge.to] !== context * nodeSize
      )
        continue;
      const url = scripts.get(place.script);
      if (url !== undefined && isOwn(fileOf(url))) return url;
    }
  }
  return undefined;
}
