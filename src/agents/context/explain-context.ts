import type { LoadedLayer } from './allot.ts';
import type { ContextReport } from './build-context.ts';
import type { LayerName, Unit } from './unit.ts';

const names: Readonly<Record<LayerName, string>> = {
  l1: 'L1 source',
  l2: 'L2 neighbours',
  l3: 'L3 knowledge',
  l4: 'L4 last hour',
};

/** One line for the thread. */
export function summariseContext(report: ContextReport): string {
  const layers = report.layers.map((layer) => `${names[layer.layer]} ${percent(layer, report)}`);
  return `Context of ${report.windowTokens / 1000}k tokens: ${layers.join(', ')} at ${report.commit.slice(0, 10)}`;
}

/** What was loaded, what was left out and why, in tokens. One line of text each; titles are from outside. */
export function explainContext(report: ContextReport, most = 12): string[] {
  const total = report.layers.reduce((sum, layer) => sum + tokensOf(layer), 0);
  const counted = report.layers.every((layer) => layer.countedTokens !== null);
  return [
    `${report.service} at ${report.commit.slice(0, 12)} (${report.commitFrom}), ${count(total)} of ${count(report.windowTokens)} tokens, ${counted ? 'counted by the API' : 'estimated'}, built in ${report.buildMs} ms`,
    ...report.layers.flatMap((layer) => explainLayer(layer, report, most)),
  ];
}

function explainLayer(layer: LoadedLayer, report: ContextReport, most: number): string[] {
  const inherited =
    layer.inheritedTokens === 0 ? '' : ` and ${count(layer.inheritedTokens)} that layers before it left`;
  return [
    `${names[layer.layer]}: ${count(tokensOf(layer))} tokens (${percent(layer, report)}) in ${layer.loaded.length} units; room ${count(layer.ownTokens)}${inherited}`,
    ...layer.loaded
      .toSorted((a, b) => b.tokens - a.tokens)
      .slice(0, most)
      .map((unit) => `  + ${sayUnit(unit)}`),
    ...(layer.loaded.length > most ? [`  + … ${layer.loaded.length - most} more`] : []),
    ...sayLeftOut(layer, most),
  ];
}

/** By reason, since one reason often holds for thousands of files. */
function sayLeftOut({ leftOut }: LoadedLayer, most: number): string[] {
  const reasons = [
    ...Map.groupBy(leftOut, (one) => one.why.replaceAll(/\d+ tokens were left/g, 'too few tokens were left')),
  ]
    .toSorted((a, b) => b[1].length - a[1].length)
    .slice(0, most);
  return reasons.map(([why, units]) => {
    const tokens = units.reduce((sum, unit) => sum + unit.tokens, 0);
    const examples = units.slice(0, 3).map((unit) => unit.title);
    return `  − ${units.length} left out${tokens === 0 ? '' : ` (${count(tokens)} tokens)`}, ${why}: ${examples.join(', ')}${units.length > 3 ? ', …' : ''}`;
  });
}

function sayUnit(unit: Unit): string {
  return `${count(unit.tokens)}  ${unit.title}`;
}

function tokensOf(layer: LoadedLayer): number {
  return layer.countedTokens ?? layer.tokens;
}

function percent(layer: LoadedLayer, report: ContextReport): string {
  return `${((100 * tokensOf(layer)) / report.windowTokens).toFixed(1)} %`;
}

function count(tokens: number): string {
  return Math.round(tokens).toLocaleString('en');
}
