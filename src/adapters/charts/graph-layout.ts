import type { GraphCall, GraphChart } from '../../domain/chart.ts';

export const mostServices = 12;
const mostColumns = 5;

export interface GraphLayout {
  /** Columns from callers on the left to callees on the right, each from top to bottom. */
  readonly columns: readonly (readonly string[])[];
  readonly calls: readonly GraphCall[];
  /** Services that are not shown. */
  readonly folded: number;
}

/** Chooses what is shown and where it stands; the same chart always stands the same way. */
export function layOut({ services, calls }: GraphChart): GraphLayout {
  const roles = new Map(services.map((one) => [one.name, one.role]));
  const shown = new Set<string>();
  for (const name of byInterest(roles, calls)) {
    if (shown.size >= mostServices) break;
    const trial = new Set([...shown, name]);
    // A long chain beside the point would make every box too narrow to read.
    const needed = roles.get(name) !== 'other' || calls.some((call) => call.blamed && touches(call, name));
    if (!needed && depthOf(columnsOf(trial, calls)) > mostColumns) continue;
    shown.add(name);
  }
  const kept = calls.filter((call) => shown.has(call.caller) && shown.has(call.callee));
  const columnOf = columnsOf(shown, kept);
  return {
    columns: inOrder(columnOf, kept),
    calls: kept,
    folded: services.length - shown.size,
  };
}

/** The failure's way first, then who is near it, the busiest first. */
function byInterest(roles: ReadonlyMap<string, string>, calls: readonly GraphCall[]): string[] {
  const distance = new Map<string, number>();
  let frontier = [...roles.keys()].filter(
    (name) => roles.get(name) !== 'other' || calls.some((call) => call.blamed && touches(call, name)),
  );
  for (let steps = 0; frontier.length > 0; steps += 1) {
    for (const name of frontier) distance.set(name, steps);
    const near = frontier.flatMap((name) =>
      calls.flatMap((call) =>
        call.caller === name ? [call.callee] : call.callee === name ? [call.caller] : [],
      ),
    );
    frontier = [...new Set(near)].filter((name) => !distance.has(name));
  }
  const traffic = (name: string): number =>
    calls.filter((call) => touches(call, name)).reduce((sum, call) => sum + (call.perSecond ?? 0), 0);
  return [...roles.keys()].toSorted(
    (a, b) =>
      (distance.get(a) ?? 99) - (distance.get(b) ?? 99) ||
      traffic(b) - traffic(a) ||
      a.localeCompare(b, 'en'),
  );
}

function touches(call: GraphCall, name: string): boolean {
  return call.caller === name || call.callee === name;
}

/** Each callee one column right of its rightmost caller; a call that closes a circle moves nobody. */
function columnsOf(shown: ReadonlySet<string>, calls: readonly GraphCall[]): Map<string, number> {
  const callees = new Map<string, string[]>();
  const called = new Set<string>();
  // Along the failure's way first: where circles must be cut, they are cut elsewhere.
  for (const call of calls.toSorted((a, b) => Number(b.blamed) - Number(a.blamed))) {
    if (!shown.has(call.caller) || !shown.has(call.callee)) continue;
    if (reaches(callees, call.callee, call.caller)) continue;
    callees.set(call.caller, [...(callees.get(call.caller) ?? []), call.callee]);
    called.add(call.callee);
  }
  const column = new Map<string, number>();
  const visit = (name: string, at: number): void => {
    if ((column.get(name) ?? -1) >= at) return;
    column.set(name, at);
    for (const callee of callees.get(name) ?? []) visit(callee, at + 1);
  };
  for (const name of [...shown].toSorted()) if (!called.has(name)) visit(name, 0);
  return column;
}

function reaches(callees: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(callees.get(name) ?? []));
  }
  return false;
}

function depthOf(column: ReadonlyMap<string, number>): number {
  return 1 + Math.max(-1, ...column.values());
}

/** Within a column by the middle of those who call, so that few lines cross; then by name. */
function inOrder(columnOf: ReadonlyMap<string, number>, calls: readonly GraphCall[]): string[][] {
  const columns: string[][] = Array.from({ length: depthOf(columnOf) }, () => []);
  for (const [name, at] of columnOf) columns[at]?.push(name);
  const place = new Map<string, number>();
  for (const column of columns) {
    const middle = (name: string): number => {
      const callers = calls.filter((call) => call.callee === name && place.has(call.caller));
      if (callers.length === 0) return 0.5;
      return callers.reduce((sum, call) => sum + (place.get(call.caller) ?? 0), 0) / callers.length;
    };
    const middles = new Map(column.map((name) => [name, middle(name)]));
    column.sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0) || a.localeCompare(b, 'en'));
    for (const [index, name] of column.entries()) place.set(name, (index + 0.5) / column.length);
  }
  return columns;
}
