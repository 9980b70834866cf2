/** Of one file: lines that ran and lines that did not; a line that holds no code is in neither. */
export interface LineCoverage {
  readonly covered: ReadonlySet<number>;
  readonly uncovered: ReadonlySet<number>;
}

export interface TouchedCoverage {
  /** Touched lines that hold code. */
  readonly touched: number;
  readonly covered: number;
  readonly uncovered: readonly { readonly file: string; readonly lines: readonly number[] }[];
  /** Touched files of which the report says nothing: no test loaded them, or they hold no code. */
  readonly unknown: readonly string[];
}

/** Which of the touched lines ran. */
export function coverTouched(
  touched: ReadonlyMap<string, readonly number[]>,
  coverage: ReadonlyMap<string, LineCoverage>,
): TouchedCoverage {
  let total = 0;
  let covered = 0;
  const uncovered: { file: string; lines: number[] }[] = [];
  const unknown: string[] = [];
  for (const [file, lines] of touched) {
    const known = coverage.get(file);
    if (known === undefined) {
      unknown.push(file);
      continue;
    }
    const ran = lines.filter((line) => known.covered.has(line));
    const missed = lines.filter((line) => known.uncovered.has(line) && !known.covered.has(line));
    total += ran.length + missed.length;
    covered += ran.length;
    if (missed.length > 0) uncovered.push({ file, lines: missed });
  }
  return { touched: total, covered, uncovered, unknown };
}

/** Several reports of one run: a line ran when it ran in one of them. */
export function mergeCoverage(
  reports: readonly ReadonlyMap<string, LineCoverage>[],
): Map<string, LineCoverage> {
  const merged = new Map<string, { covered: Set<number>; uncovered: Set<number> }>();
  for (const report of reports)
    for (const [file, lines] of report) {
      const known = merged.get(file) ?? { covered: new Set(), uncovered: new Set() };
      for (const line of lines.covered) known.covered.add(line);
      for (const line of lines.uncovered) known.uncovered.add(line);
      merged.set(file, known);
    }
  for (const { covered, uncovered } of merged.values()) for (const line of covered) uncovered.delete(line);
  return merged;
}

/** From counts by line, as most formats have them. */
export class LineCounts {
  readonly #files = new Map<string, { covered: Set<number>; uncovered: Set<number> }>();

  /** @param count how often it ran; the same line may come more than once */
  add(file: string, line: number, count: number): void {
    if (!Number.isSafeInteger(line) || line < 1 || line > 10_000_000) return;
    const known = this.#files.get(file) ?? { covered: new Set(), uncovered: new Set() };
    this.#files.set(file, known);
    if (count > 0) {
      known.covered.add(line);
      known.uncovered.delete(line);
    } else if (!known.covered.has(line)) known.uncovered.add(line);
  }

  get files(): ReadonlyMap<string, LineCoverage> {
    return this.#files;
  }
}
