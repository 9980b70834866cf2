/**
 * The baseline: Drain (He et al. 2017) as Drain3 ships it, with one setting and its example masks: depth 4, similarity
 * 0.4, 100 children a node.
 */
const masks: readonly (readonly [RegExp, string])[] = [
  [/(?<=[^A-Za-z0-9]|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))(?=[^A-Za-z0-9]|$)/g, '<ID>'],
  [/(?<=[^A-Za-z0-9]|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?=[^A-Za-z0-9]|$)/g, '<IP>'],
  [/(?<=[^A-Za-z0-9]|^)([0-9a-f]{6,} ?){3,}(?=[^A-Za-z0-9]|$)/g, '<SEQ>'],
  [/(?<=[^A-Za-z0-9]|^)([0-9A-F]{4} ?){4,}(?=[^A-Za-z0-9]|$)/g, '<SEQ>'],
  [/(?<=[^A-Za-z0-9]|^)(0x[a-f0-9A-F]+)(?=[^A-Za-z0-9]|$)/g, '<HEX>'],
  [/(?<=[^A-Za-z0-9]|^)([-+]?\d+)(?=[^A-Za-z0-9]|$)/g, '<NUM>'],
];
const depth = 4;
const similarity = 0.4;
const mostChildren = 100;
const wildcard = '<*>';

interface Node {
  readonly children: Map<string, Node>;
  clusters: { readonly id: number; tokens: string[] }[];
}

/** Group of each line. */
export function groupByDrain(lines: readonly string[]): number[] {
  const root = new Map<number, Node>();
  let nextId = 1;
  return lines.map((line) => {
    let masked = line.trim();
    for (const [pattern, word] of masks) masked = masked.replace(pattern, word);
    const tokens = masked.split(/\s+/);
    const leaf = findLeaf(root, tokens);
    let best: { readonly id: number; tokens: string[] } | null = null;
    let bestShare = -1;
    let bestWild = -1;
    for (const cluster of leaf.clusters) {
      let same = 0;
      let wild = 0;
      for (const [index, token] of cluster.tokens.entries()) {
        if (token === wildcard) wild += 1;
        else if (token === tokens[index]) same += 1;
      }
      const share = same / tokens.length;
      if (share > bestShare || (share === bestShare && wild > bestWild))
        [best, bestShare, bestWild] = [cluster, share, wild];
    }
    if (best === null || bestShare < similarity) {
      best = { id: nextId, tokens };
      nextId += 1;
      leaf.clusters.push(best);
    } else {
      best.tokens = best.tokens.map((token, index) => (token === tokens[index] ? token : wildcard));
    }
    return best.id;
  });
}

function findLeaf(root: Map<number, Node>, tokens: readonly string[]): Node {
  let node = root.get(tokens.length);
  if (node === undefined) {
    node = { children: new Map(), clusters: [] };
    root.set(tokens.length, node);
  }
  for (const token of tokens.slice(0, Math.min(depth - 2, tokens.length))) {
    let key = /\d/.test(token) ? wildcard : token;
    if (!node.children.has(key) && node.children.size >= mostChildren - 1) key = wildcard;
    let next: Node | undefined = node.children.get(key);
    if (next === undefined) {
      next = { children: new Map(), clusters: [] };
      node.children.set(key, next);
    }
    node = next;
  }
  return node;
}
