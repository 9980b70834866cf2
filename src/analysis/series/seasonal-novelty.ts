const day = 86_400;
/** Compared with the same time on as many days before, and with the half hour around it. */
const mostDays = 14;
const around = 900;
/** Of a day's half hour, where values are dense. */
const mostCompared = 32;

/** How far each value lies from all those at the same time of earlier days. */
export class SeasonalNovelty {
  private readonly most: number;
  private times: number[] = [];
  private values: number[] = [];

  constructor(most: number) {
    this.most = most;
  }

  /** Distance to the nearest; null as long as there are not two earlier days. @param time unix seconds, ascending */
  add(time: number, value: number): number | null {
    const { times, values } = this;
    const first = times[0] ?? time;
    let nearest = Number.POSITIVE_INFINITY;
    if (time - first >= 2 * day) {
      for (let back = 1; back <= mostDays; back += 1) {
        const centre = time - back * day;
        if (centre + around < first) break;
        const from = this.placeOf(centre - around);
        const to = this.placeOf(centre + around + 1);
        const step = Math.ceil((to - from) / mostCompared);
        for (let i = from; i < to; i += step) nearest = Math.min(nearest, Math.abs(value - (values[i] ?? 0)));
      }
    }
    times.push(time);
    values.push(value);
    if (times.length >= 2 * this.most) {
      this.times = times.slice(-this.most);
      this.values = values.slice(-this.most);
    }
    return nearest === Number.POSITIVE_INFINITY ? null : nearest;
  }

  private placeOf(time: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
