const reach = 2;
const width = 2 * reach + 1;
/** In robust standard deviations of the five values around. */
const farOut = 6;

/** Values that stand alone, or two together, far from those around them are replaced by the median there. */
export function muteOutliers(values: readonly number[]): number[] {
  const around = new Float64Array(width);
  const distances = new Float64Array(width);
  return values.map((value, place) => {
    if (place < reach || place >= values.length - reach) return value;
    for (let i = 0; i < width; i += 1) insert(around, i, values[place - reach + i] ?? 0);
    const median = around[reach] ?? value;
    if (median === value) return value;
    for (let i = 0; i < width; i += 1) insert(distances, i, Math.abs((around[i] ?? 0) - median));
    const spread = 1.4826 * (distances[reach] ?? 0);
    return Math.abs(value - median) > farOut * spread ? median : value;
  });
}

function insert(sorted: Float64Array, count: number, value: number): void {
  let place = count;
  while (place > 0 && (sorted[place - 1] ?? 0) > value) {
    sorted[place] = sorted[place - 1] ?? 0;
    place -= 1;
  }
  sorted[place] = value;
}
