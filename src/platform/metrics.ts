export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(amount: number, labels?: Labels): void;
}

/** Warroom's own numbers, as Prometheus reads them. A name that is asked for again gives the same counter. */
export interface Metrics {
  counter(name: string, help: string): Counter;
  /** Read at each scrape. */
  gauge(name: string, help: string, read: () => number): void;
  /** Prometheus text format 0.0.4. */
  text(): string;
}

interface Family {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  samples(): Iterable<readonly [labels: string, value: number]>;
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  const counters = new Map<string, Counter>();

  function counter(name: string, help: string): Counter {
    const known = counters.get(name);
    if (known !== undefined) return known;
    const values = new Map<string, number>();
    const made: Counter = {
      add(amount, labels = {}) {
        const key = labelText(labels);
        values.set(key, (values.get(key) ?? 0) + amount);
      },
    };
    counters.set(name, made);
    families.set(name, { type: 'counter', help, samples: () => values });
    return made;
  }

  return {
    counter,
    gauge(name, help, read) {
      families.set(name, { type: 'gauge', help, samples: () => [['', read()] as const] });
    },
    text() {
      const lines: string[] = [];
      for (const [name, family] of families) {
        lines.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} ${family.type}`);
        for (const [labels, value] of family.samples()) lines.push(`${name}${labels} ${value}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
