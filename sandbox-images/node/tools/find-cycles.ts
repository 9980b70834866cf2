export interface Edge {
  readonly from: string;
  readonly to: string;
  /** `waits at bank.js:12 for Mutex "bob", which` */
  readonly says: string;
}

/** Circles of waits, each once, in a sentence. */
export function findCycles(edges: readonly Edge[]): string[] {
  const next = new Map(edges.map((edge) => [edge.from, edge]));
  const told = new Set<string>();
  const cycles: string[] = [];
  for (const start of next.keys()) {
    const path: Edge[] = [];
    for (
      let edge = next.get(start);
      edge !== undefined && path.length <= edges.length;
      edge = next.get(edge.to)
    ) {
      path.push(edge);
      if (edge.to !== start) continue;
      const members = path
        .map((one) => one.from)
        .sort()
        .join('\0');
      if (!told.has(members)) {
        told.add(members);
        cycles.push(
          `${path.map((one) => `${one.from} ${one.says} ${one.to} holds`).join('; ')}.`.slice(0, 1_900),
        );
      }
      break;
    }
  }
  return cycles;
}
