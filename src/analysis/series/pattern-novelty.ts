/**
 * How unlike all that came before the last `length` values are, as a run: the distance to the run most like it that
 * had ended before it began. A step of work for each value kept, of which there are at most `most`.
 */
export class PatternNovelty {
  private readonly length: number;
  private readonly most: number;
  private values: Float64Array;
  /** For each place, the squared distance between the runs that end there and now. */
  private distances: Float64Array;
  private next: Float64Array;
  private size = 0;

  constructor(length: number, most: number) {
    this.length = length;
    this.most = most;
    this.values = new Float64Array(256);
    this.distances = new Float64Array(256);
    this.next = new Float64Array(256);
  }

  /** Root of the mean squared distance; null until there is a run to compare with. */
  add(value: number): number | null {
    if (this.size === this.values.length) this.makeRoom();
    const { length, values, distances, next, size } = this;
    let nearest = Number.POSITIVE_INFINITY;
    const left = size >= length ? (values[size - length] ?? 0) : 0;
    const lastToCompare = size - length;
    for (let j = 0; j < size; j += 1) {
      const gap = value - (values[j] ?? 0);
      let distance = (j > 0 ? (distances[j - 1] ?? 0) : 0) + gap * gap;
      if (j >= length) {
        const gone = left - (values[j - length] ?? 0);
        distance -= gone * gone;
      }
      next[j] = distance;
      if (j >= length - 1 && j <= lastToCompare && distance < nearest) nearest = distance;
    }
    values[size] = value;
    this.distances = next;
    this.next = distances;
    this.size += 1;
    return nearest === Number.POSITIVE_INFINITY ? null : Math.sqrt(Math.max(0, nearest) / length);
  }

  /** Grows up to what is kept; then forgets the older half, whose sums are made anew, as rounding has gathered in them. */
  private makeRoom(): void {
    const keep = this.size < this.most ? this.size : Math.floor(this.most / 2);
    const kept = this.values.slice(this.size - keep, this.size);
    const room = Math.min(this.most, Math.max(256, 2 * keep));
    this.values = new Float64Array(room);
    this.values.set(kept);
    this.distances = new Float64Array(room);
    this.next = new Float64Array(room);
    this.size = keep;
    const last = keep - 1;
    for (let j = 0; j < last; j += 1) {
      let sum = 0;
      for (let back = 0; back < this.length && back <= j; back += 1)
        sum += ((this.values[last - back] ?? 0) - (this.values[j - back] ?? 0)) ** 2;
      this.distances[j] = sum;
    }
  }
}
