/** Who calls whom, as far as it is known. */
export interface CallGraph {
  readonly callees: ReadonlyMap<string, readonly string[]>;
  readonly callers: ReadonlyMap<string, readonly string[]>;
}

export function graphOf(edges: Iterable<readonly [string, string]>): CallGraph {
  const callees = new Map<string, Set<string>>();
  const callers = new Map<string, Set<string>>();
  for (const [caller, callee] of edges) {
    if (caller === callee) continue;
    add(callees, caller, callee);
    add(callers, callee, caller);
  }
  const lists = (map: Map<string, Set<string>>): Map<string, string[]> =>
    new Map([...map].map(([key, set]) => [key, [...set].toSorted()]));
  return { callees: lists(callees), callers: lists(callers) };
}

/** What makes the trouble stay at a service or go on to what it calls. */
export interface Trouble {
  /** 0–1: it answers badly, by its own fault or by that of something below. */
  readonly answers: number;
  /** 0–1: something is wrong that does not come along calls. */
  readonly own: number;
}

const leastMass = 1e-4;
const farthest = 12;
/** What is wrong in a callee itself draws blame less than its bad answers do. */
const ownAsCallee = 0.7;
/** What holds blame back: bad answers at all, what is wrong inside, and answers worse than those of everything below. */
const stays = { any: 0.15, own: 0.5, unexplained: 0.5 };

/**
 * Where trouble that shows at `starts` begins: at each service a part of the blame stays, by what it cannot put down to
 * those that it calls, and the rest goes on to them by how badly they answer. The shares of all services sum to that of
 * the starts.
 */
export function followCalls(
  graph: CallGraph,
  starts: ReadonlyMap<string, number>,
  troubleOf: (service: string) => Trouble,
): Map<string, number> {
  const blame = new Map<string, number>();
  const walk = (service: string, mass: number, path: readonly string[]): void => {
    const { answers, own } = troubleOf(service);
    const below = (graph.callees.get(service) ?? [])
      .filter((callee) => !path.includes(callee))
      .map((callee) => {
        const trouble = troubleOf(callee);
        return { callee, weight: Math.max(trouble.answers, ownAsCallee * trouble.own) ** 2 };
      })
      .filter((one) => one.weight > 0);
    const worst = below.reduce((most, one) => Math.max(most, one.weight), 0) ** 0.5;
    const stay =
      stays.any * answers + stays.own * own + stays.unexplained * Math.max(0, answers - worst) + 1e-3;
    const onward = below.reduce((sum, one) => sum + one.weight, 0);
    blame.set(service, (blame.get(service) ?? 0) + (mass * stay) / (stay + onward));
    for (const { callee, weight } of below) {
      const share = (mass * weight) / (stay + onward);
      if (share < leastMass || path.length >= farthest) blame.set(callee, (blame.get(callee) ?? 0) + share);
      else walk(callee, share, [...path, callee]);
    }
  };
  for (const [service, mass] of starts) walk(service, mass, [service]);
  return blame;
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set();
  set.add(value);
  map.set(key, set);
}
