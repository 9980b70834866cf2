import { z } from 'zod';
import { sayTrait } from '../../analysis/logs/common-traits.ts';
import type { Observation } from '../../domain/evidence.ts';
import type { IncidentWindow } from '../signals/incident-window.ts';
import { type LogSignals, quoteOf } from '../signals/log-signals.ts';
import { shorten } from '../signals/say-signals.ts';
import { sayStack } from '../signals/stack-signals.ts';
import { clip, defineTool, nothing, serviceOf } from './tool.ts';

/** What the service began to log when the trouble began. */
export const logTemplatesTool = defineTool({
  name: 'log_templates',
  description:
    'New and bursting kinds of log lines of a service since the onset, against its baseline, with an example of each, and the own-code stack frames in them.',
  input: z.object({ service: z.string().optional().describe('Defaults to your own service.') }),
  async run(context, input) {
    const service = serviceOf(context, input.service).name;
    const [window, logs] = [await context.desk.window(), await context.desk.logs(service)];
    return [observeLogs(service, logs, window)];
  },
});

export function observeLogs(service: string, logs: LogSignals | null, window: IncidentWindow): Observation {
  const title = 'Log lines since the onset';
  const query = `log lines of ${service} from ${window.onset.toISOString()} against those from ${window.baselineFrom.toISOString()}`;
  if (logs === null) return nothing('log', service, title, 'Logs could not be read.', query);
  if (logs.templates.length === 0) {
    const summary =
      logs.lines.after === 0
        ? 'No log lines arrived in the incident window.'
        : `No new or bursting line of trouble among ${logs.lines.after} lines.`;
    return nothing('log', service, title, summary, query);
  }
  const [first] = logs.templates;
  const more = sayMore(logs);
  const severe = `${logs.lines.severe} of ${logs.lines.after} lines are errors`;
  return {
    kind: 'log',
    service,
    title,
    summary: `${first?.change === 'new' ? 'New' : 'More frequent'}: "${first === undefined ? '' : shorten(quoteOf(first.line))}" ×${first?.count ?? 0} (${first?.baseline ?? 0} before); ${severe}.${more.length === 0 ? '' : ` Besides, ${more.slice(0, 2).join('; ')}.`}`,
    query,
    data: {
      judged: 'trouble',
      lines: logs.templates.slice(0, 6).map(({ line }) => ({
        at: line.at.toISOString(),
        level: line.level,
        text: clip(`${line.message} ${JSON.stringify(line.fields)}`, 1200),
      })),
      templates: logs.templates.slice(0, 12).map((one) => ({
        text: clip(one.text, 400),
        count: one.count,
        baseline: one.baseline,
      })),
      stacks: logs.stacks.map(({ title, frames, count, baseline }) => ({
        title: clip(title, 300),
        count,
        baseline,
        frames: frames.slice(0, 8).map((frame) => ({ ...frame })),
      })),
      besides: more,
      // What charts are drawn from.
      bursts: logs.bursts === null ? null : { ...logs.bursts },
      releases: logs.releases.filter((one) => one.at > 0).map(({ sha, at }) => ({ sha, at: Math.round(at) })),
    },
    empty: false,
  };
}

/** What an engineer would look at next in the lines: where the stack ends, whom it hits, which numbers moved. */
function sayMore({ stacks, traits, shifts }: LogSignals): string[] {
  const [stack] = stacks;
  return [
    stack === undefined ? null : sayStack(stack),
    ...traits.slice(0, 2).map(sayTrait),
    ...shifts.slice(0, 2).map((shift) => shift.text),
  ].filter((text) => text !== null);
}
