import { maskVariables } from './mask-variables.ts';

export interface LogTemplate {
  readonly id: number;
  readonly text: string;
  readonly count: number;
}

interface Cluster {
  readonly id: number;
  tokens: string[];
  count: number;
  lastUsed: number;
}

/**
 * Finds the templates of a stream of lines in one pass: lines of the same length and beginning that agree in half of
 * their words are one template. One configuration for any format; memory is bounded by `mostClusters`.
 */
export class TemplateMiner {
  private readonly groups = new Map<string, Cluster[]>();
  private readonly known = new Map<string, Cluster>();
  private readonly mostClusters: number;
  private nextId = 1;
  private clock = 0;

  constructor(mostClusters = 5000) {
    this.mostClusters = mostClusters;
  }

  /** Id of the template the line belongs to. */
  add(line: string): number {
    this.clock += 1;
    const masked = maskVariables(line.slice(0, 2000));
    const cluster = this.known.get(masked) ?? this.place(masked);
    cluster.count += 1;
    cluster.lastUsed = this.clock;
    return cluster.id;
  }

  templates(): LogTemplate[] {
    return [...this.groups.values()]
      .flat()
      .map((cluster) => ({ id: cluster.id, text: cluster.tokens.join(' '), count: cluster.count }))
      .toSorted((a, b) => b.count - a.count || a.id - b.id);
  }

  private place(masked: string): Cluster {
    const tokens = masked.split(/\s+/).filter((token) => token !== '');
    const first = tokens[0] ?? '';
    const key = `${tokens.length} ${first.includes('<*>') ? '<*>' : first}`;
    const group = this.groups.get(key) ?? [];
    this.groups.set(key, group);
    let best: Cluster | null = null;
    let bestShare = 0;
    for (const cluster of group) {
      const share = agreement(cluster.tokens, tokens);
      if (share > bestShare) [best, bestShare] = [cluster, share];
    }
    const needed = tokens.length <= 3 ? 0.99 : 0.6;
    if (best === null || bestShare < needed) {
      best = { id: this.nextId, tokens, count: 0, lastUsed: this.clock };
      this.nextId += 1;
      group.push(best);
    } else {
      const words = tokens;
      best.tokens = best.tokens.map((token, index) => (token === words[index] ? token : '<*>'));
    }
    if (this.known.size >= this.mostClusters * 4) this.known.clear();
    this.known.set(masked, best);
    if (this.nextId % 256 === 0) this.forgetOldest();
    return best;
  }

  private forgetOldest(): void {
    const all = [...this.groups.values()].flat();
    if (all.length <= this.mostClusters) return;
    const keep = new Set(all.toSorted((a, b) => b.lastUsed - a.lastUsed).slice(0, this.mostClusters));
    for (const [key, group] of this.groups) {
      const left = group.filter((cluster) => keep.has(cluster));
      if (left.length === 0) this.groups.delete(key);
      else this.groups.set(key, left);
    }
    this.known.clear();
  }
}

function agreement(template: readonly string[], tokens: readonly string[]): number {
  if (template.length === 0) return 1;
  let same = 0;
  let fixed = 0;
  for (const [index, token] of template.entries()) {
    if (token === '<*>' && tokens[index] !== '<*>') continue;
    fixed += 1;
    if (token === tokens[index]) same += 1;
  }
  return fixed === 0 ? 1 : same / fixed;
}
