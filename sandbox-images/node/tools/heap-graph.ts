/** A heap snapshot as V8 writes it, with names for its columns. */
export interface HeapGraph {
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly nodeSize: number;
  readonly edgeSize: number;
  /** Columns of a node. */
  readonly column: { type: number; name: number; id: number; size: number; edgeCount: number };
  /** Columns of an edge. */
  readonly edge: { type: number; name: number; to: number };
  /** By position of the node: where the function (or the class of the object) stands. */
  readonly places: ReadonlyMap<number, { script: string; line: number }>;
}

export function readHeapGraph(json: string): HeapGraph {
  // biome-ignore lint/suspicious/noExplicitAny: the format's own JSON
  const raw = JSON.parse(json) as any;
  const { node_fields, node_types, edge_fields, edge_types, location_fields } = raw.snapshot.meta;
  const at = (fields: string[], name: string): number => fields.indexOf(name);
  const places = new Map<number, { script: string; line: number }>();
  const width = location_fields?.length ?? 4;
  for (let i = 0; i < (raw.locations?.length ?? 0); i += width)
    places.set(raw.locations[i], { script: String(raw.locations[i + 1]), line: raw.locations[i + 2] + 1 });
  return {
    nodes: raw.nodes,
    edges: raw.edges,
    strings: raw.strings,
    nodeTypes: node_types[0],
    edgeTypes: edge_types[0],
    nodeSize: node_fields.length,
    edgeSize: edge_fields.length,
    column: {
      type: at(node_fields, 'type'),
      name: at(node_fields, 'name'),
      id: at(node_fields, 'id'),
      size: at(node_fields, 'self_size'),
      edgeCount: at(node_fields, 'edge_count'),
    },
    edge: {
      type: at(edge_fields, 'type'),
      name: at(edge_fields, 'name_or_index'),
      to: at(edge_fields, 'to_node'),
    },
    places,
  };
}

export function nodeName(graph: HeapGraph, node: number): string {
  return graph.strings[graph.nodes[node + graph.column.name] ?? 0] ?? '';
}

export function nodeType(graph: HeapGraph, node: number): string {
  return graph.nodeTypes[graph.nodes[node + graph.column.type] ?? 0] ?? '';
}

export interface Holder {
  /** Positions by node ordinal; -1 for the root and what nothing holds. */
  readonly parent: Int32Array;
  /** Position of the edge by which the parent holds it. */
  readonly by: Int32Array;
}

/** Shortest way from the root to everything, through edges that keep alive. */
export function findHolders(graph: HeapGraph): Holder {
  const { nodes, edges, nodeSize, edgeSize, column, edge } = graph;
  const count = nodes.length / nodeSize;
  const firstEdge = new Int32Array(count + 1);
  for (let i = 0; i < count; i += 1)
    firstEdge[i + 1] = (firstEdge[i] ?? 0) + (nodes[i * nodeSize + column.edgeCount] ?? 0) * edgeSize;
  const parent = new Int32Array(count).fill(-1);
  const by = new Int32Array(count).fill(-1);
  const seen = new Uint8Array(count);
  const weak = graph.edgeTypes.indexOf('weak');
  const queue = new Int32Array(count);
  seen[0] = 1;
  for (let head = 0, tail = 1; head < tail; head += 1) {
    const ordinal = queue[head] ?? 0;
    for (let at = firstEdge[ordinal] ?? 0; at < (firstEdge[ordinal + 1] ?? 0); at += edgeSize) {
      if (edges[at + edge.type] === weak) continue;
      const child = (edges[at + edge.to] ?? 0) / nodeSize;
      if (seen[child] === 1) continue;
      seen[child] = 1;
      parent[child] = ordinal;
      by[child] = at;
      queue[tail] = child;
      tail += 1;
    }
  }
  return { parent, by };
}
