/** The baseline: best segments by squared distance from their mean, each at a price of 3 log n (Killick et al. 2012). */
export function changePointsByPelt(given: readonly (number | null)[]): number[] {
  const values = standardise(given);
  const n = values.length;
  const price = 3 * Math.log(n);
  const sum = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  for (const [i, value] of values.entries()) {
    sum[i + 1] = (sum[i] ?? 0) + value;
    squares[i + 1] = (squares[i] ?? 0) + value * value;
  }
  const cost = (from: number, to: number): number => {
    const total = (sum[to] ?? 0) - (sum[from] ?? 0);
    return (squares[to] ?? 0) - (squares[from] ?? 0) - (total * total) / (to - from);
  };
  const best = new Float64Array(n + 1);
  const last = new Int32Array(n + 1);
  best[0] = -price;
  let open = [0];
  for (let to = 1; to <= n; to += 1) {
    let least = Number.POSITIVE_INFINITY;
    for (const from of open) {
      const value = (best[from] ?? 0) + cost(from, to) + price;
      if (value < least) {
        least = value;
        last[to] = from;
      }
    }
    best[to] = least;
    open = open.filter((from) => (best[from] ?? 0) + cost(from, to) <= least);
    open.push(to);
  }
  const points: number[] = [];
  for (let place = last[n] ?? 0; place > 0; place = last[place] ?? 0) points.unshift(place);
  return points;
}

function standardise(given: readonly (number | null)[]): number[] {
  let known = given.find((value) => value !== null) ?? 0;
  const values = given.map((value) => {
    known = value ?? known;
    return known;
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / (deviation === 0 ? 1 : deviation));
}
