/** Share of lines whose predicted group has exactly the lines of their true group. */
export function groupingAccuracy(truth: readonly string[], predicted: readonly (string | number)[]): number {
  let right = 0;
  for (const lines of exactGroups(truth, predicted)) right += lines;
  return right / truth.length;
}

/** F1 over groups: of the predicted ones those that are true, of the true ones those that are predicted. */
export function groupingF1(truth: readonly string[], predicted: readonly (string | number)[]): number {
  const exact = exactGroups(truth, predicted).length;
  return (2 * exact) / (new Set(truth).size + new Set(predicted).size);
}

/** Share of lines whose template text is the true one, up to runs of wildcards. */
export function parsingAccuracy(truth: readonly string[], predicted: readonly string[]): number {
  const same = truth.filter((text, index) => plain(text) === plain(predicted[index] ?? ''));
  return same.length / truth.length;
}

/** F1 over groups, of which those count that have exactly the right lines and the right text. */
export function templateF1(
  truth: readonly string[],
  truthTexts: readonly string[],
  predicted: readonly (string | number)[],
  predictedTexts: readonly string[],
): number {
  const right = exactGroupIndexes(truth, predicted).filter(
    (lines) => plain(truthTexts[lines[0] ?? 0] ?? '') === plain(predictedTexts[lines[0] ?? 0] ?? ''),
  ).length;
  return (2 * right) / (new Set(truth).size + new Set(predicted).size);
}

function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/(?:<\*>)(?:\s?<\*>)+/g, '<*>')
    .trim();
}

/** Sizes of the groups that are the same in both. */
function exactGroups(truth: readonly string[], predicted: readonly (string | number)[]): number[] {
  return exactGroupIndexes(truth, predicted).map((lines) => lines.length);
}

function exactGroupIndexes(truth: readonly string[], predicted: readonly (string | number)[]): number[][] {
  const sizes = new Map<string | number, number>();
  for (const group of predicted) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const lines = Map.groupBy(truth.keys(), (index) => truth[index]);
  return [...lines.values()].filter((indexes) => {
    const groups = new Set(indexes.map((index) => predicted[index]));
    const [only] = groups;
    return groups.size === 1 && only !== undefined && sizes.get(only) === indexes.length;
  });
}
