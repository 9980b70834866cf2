/** How far each value lies from all that came before it, among the last `most` values. */
export class ValueNovelty {
  private readonly most: number;
  private readonly recent: Float64Array;
  private readonly sorted: Float64Array;
  private size = 0;
  private next = 0;

  constructor(most: number) {
    this.most = most;
    this.recent = new Float64Array(most);
    this.sorted = new Float64Array(most + 1);
  }

  /** Distance to the nearest value known, which is infinite for the first; then the value is known too. */
  add(value: number): number {
    const place = this.placeOf(value);
    const above = place < this.size ? (this.sorted[place] ?? 0) - value : Number.POSITIVE_INFINITY;
    const below = place > 0 ? value - (this.sorted[place - 1] ?? 0) : Number.POSITIVE_INFINITY;
    if (this.size === this.most) this.remove(this.recent[this.next] ?? 0);
    this.insert(value);
    this.recent[this.next] = value;
    this.next = (this.next + 1) % this.most;
    return Math.min(above, below);
  }

  /** Between the first and the last quarter of the values known. */
  spread(): number {
    const last = this.size - 1;
    return (this.sorted[Math.ceil(0.75 * last)] ?? 0) - (this.sorted[Math.floor(0.25 * last)] ?? 0);
  }

  private insert(value: number): void {
    const place = this.placeOf(value);
    this.sorted.copyWithin(place + 1, place, this.size);
    this.sorted[place] = value;
    this.size += 1;
  }

  private remove(value: number): void {
    const place = this.placeOf(value);
    this.sorted.copyWithin(place, place + 1, this.size);
    this.size -= 1;
  }

  /** First place whose value is not smaller. */
  private placeOf(value: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
