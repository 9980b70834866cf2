import { explainError } from '../../platform/errors.ts';
import type { Sources } from '../investigator.ts';
import { type DatabaseSignals, readDatabaseSignals } from './database-signals.ts';
import { findIncidentWindow, type IncidentWindow, type Scene } from './incident-window.ts';
import { type LogSignals, readLogSignals } from './log-signals.ts';
import { type MetricSignals, readMetricSignals } from './metric-signals.ts';
import { readToldChanges, type ToldChanges } from './told-changes.ts';
import { readTraceSignals, type TraceSignals } from './trace-signals.ts';

/** One incident's telemetry, read at most once each; what a source cannot give is null, and said in `limits`. */
export interface TelemetryDesk {
  readonly scene: Scene;
  readonly sources: Sources;
  window(): Promise<IncidentWindow>;
  traces(): Promise<TraceSignals | null>;
  metrics(service: string): Promise<MetricSignals | null>;
  logs(service: string): Promise<LogSignals | null>;
  databases(service: string): Promise<DatabaseSignals | null>;
  /** What was told of the service in the day before; null without a source. */
  changes(service: string): Promise<ToldChanges | null>;
  /** What could not be read so far, in plain words. */
  limits(): readonly string[];
}

const readTimeoutMs = 12_000;

export function openTelemetryDesk(scene: Scene, sources: Sources, parent: AbortSignal): TelemetryDesk {
  const limits = new Set<string>();
  const once = new Map<string, Promise<unknown>>();
  const remember = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const known = once.get(key) ?? read();
    once.set(key, known);
    return known as Promise<T>;
  };
  const attempt = async <T>(what: string, read: (signal: AbortSignal) => Promise<T>): Promise<T | null> => {
    const signal = AbortSignal.any([parent, AbortSignal.timeout(readTimeoutMs)]);
    try {
      return await read(signal);
    } catch (error) {
      parent.throwIfAborted();
      limits.add(`${what}: ${explainError(error)}`);
      return null;
    }
  };
  const window = (): Promise<IncidentWindow> =>
    remember('window', async () => {
      const found = await attempt('Onset could not be estimated', (signal) =>
        findIncidentWindow(scene, sources, signal),
      );
      return found ?? windowAround(scene);
    });
  return {
    scene,
    sources,
    window,
    traces: () =>
      remember('traces', async () => {
        const span = await window();
        return attempt('Traces could not be read', (signal) =>
          readTraceSignals(sources.traces, scene.catalogue, span, signal),
        );
      }),
    metrics: (name) =>
      remember(`metrics ${name}`, async () => {
        const { metrics } = sources;
        const service = scene.catalogue.services.find((one) => one.name === name);
        if (metrics === null || service === undefined) {
          limits.add('No metrics are connected.');
          return null;
        }
        const span = await window();
        return attempt(`Metrics of ${name} could not be read`, (signal) =>
          readMetricSignals(metrics, service, span, signal),
        );
      }),
    logs: (name) =>
      remember(`logs ${name}`, async () => {
        const span = await window();
        return attempt(`Logs of ${name} could not be read`, (signal) =>
          readLogSignals(sources.logs, name, span, signal),
        );
      }),
    databases: (name) =>
      remember(`databases ${name}`, async () => {
        const service = scene.catalogue.services.find((one) => one.name === name);
        if (service === undefined || service.databases.length === 0) return null;
        const span = await window();
        const read = await attempt(`Databases of ${name} could not be read`, (signal) =>
          readDatabaseSignals(sources, service, span, signal),
        );
        for (const limit of read?.limits ?? []) limits.add(limit);
        return read;
      }),
    changes: (name) =>
      remember(`changes ${name}`, async () => {
        const { changes } = sources;
        if (changes === undefined) return null;
        const span = await window();
        return attempt(`Changes of ${name} could not be read`, (signal) =>
          readToldChanges(changes, name, span, signal),
        );
      }),
    limits: () => [...limits],
  };
}

function windowAround(scene: Scene): IncidentWindow {
  const alertedAt = scene.incident.startedAt;
  const onset = new Date(alertedAt.getTime() - 60_000);
  return {
    baselineFrom: new Date(onset.getTime() - 600_000),
    onset,
    alertedAt,
    to: scene.now,
    onsetFrom: 'alert time',
    expressions: [],
  };
}
