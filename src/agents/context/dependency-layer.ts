import { type Candidates, compareText, type LeftOut } from './allot.ts';
import { describeInterface, isInterface } from './describe-interface.ts';
import { listLibraries } from './list-libraries.ts';
import type { Tree } from './read-tree.ts';
import { scoreRelevance } from './score-relevance.ts';
import { makeUnit, type Unit } from './unit.ts';
import { unitsOfFile } from './units-of-file.ts';

export interface NeighbourTree {
  readonly service: string;
  readonly direction: 'upstream' | 'downstream';
  readonly commit: string;
  readonly tree: Tree;
}

export interface DependencyParts {
  readonly service: string;
  readonly own: Tree;
  readonly lockfile: string | null;
  readonly neighbours: readonly NeighbourTree[];
  /** Neighbours that could not be read, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Words of the evidence. */
  readonly words: readonly string[];
}

/** A test or a document of another service says little about what it answers. */
const kindWorth = {
  source: 0.25,
  config: 0.2,
  docs: 0.1,
  test: -0.3,
  ci: -0.4,
  asset: -1,
  lockfile: -1,
} as const;

/**
 * What the service calls, who calls it, and what it is built from: first what describes an interface (routes, clients,
 * schemas, versions, shared code), then other files of the neighbours, both by what the evidence speaks of.
 */
export function dependencyCandidates(parts: DependencyParts): Candidates {
  const units: Unit[] = [];
  const libraries = listLibraries(parts.own, parts.lockfile);
  if (libraries !== null)
    units.push(
      makeUnit({ key: ' libraries', title: `libraries of ${parts.service}`, text: libraries, relevance: 4 }),
    );
  const leftOut: LeftOut[] = [...parts.leftOut];
  const ownTexts = new Map(parts.own.files.map((file) => [file.path, file.text]));
  for (const neighbour of parts.neighbours) {
    const { service, tree } = neighbour;
    const described = describeInterface(neighbour.service, neighbour.direction, tree);
    units.push(
      makeUnit({
        key: `${service} interface`,
        title: `interface of ${service}`,
        text: described,
        relevance: 5,
      }),
    );
    const shared = tree.files.filter(
      (file) => ownTexts.get(file.path) === file.text && file.text.length > 200,
    );
    if (shared.length > 0)
      units.push(
        makeUnit({
          key: `${service} shared`,
          title: `shared by ${service} and ${parts.service}`,
          text: `The same bytes in both, read them in the core: ${shared.map((file) => file.path).join(', ')}`,
          relevance: 3,
        }),
      );
    const same = new Set(shared.map((file) => file.path));
    for (const file of shared)
      leftOut.push({
        key: `${service} ${file.path}`,
        title: `${service}: ${file.path}`,
        tokens: 0,
        why: 'the same file is part of the service’s own source',
      });
    units.push(...filesOf(neighbour, parts, same));
  }
  return { layer: 'l2', units, leftOut };
}

function filesOf(neighbour: NeighbourTree, parts: DependencyParts, same: ReadonlySet<string>): Unit[] {
  const { service, tree } = neighbour;
  const files = tree.files
    .filter((file) => !same.has(file.path) && file.kind !== 'asset')
    .toSorted((a, b) => compareText(a.path, b.path));
  const scores = scoreRelevance(
    parts.words,
    files.map((file) => file.text),
  );
  return files.flatMap((file, index) => {
    const relevance =
      kindWorth[file.kind] +
      (isInterface(file) ? 0.8 : 0) +
      // Where it speaks of us, the two meet.
      (file.kind === 'source' && file.text.includes(parts.service) ? 0.6 : 0) +
      (scores[index] ?? 0);
    return unitsOfFile(file, `${service} `, relevance);
  });
}
