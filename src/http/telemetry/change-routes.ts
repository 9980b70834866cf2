import type { PushedChange } from '../../ports/change-source.ts';
import { type HttpRequest, jsonReply, type Reply, type Route } from '../route.ts';
import type { TelemetryRouteOptions } from './log-routes.ts';
import { parseLogBody } from './parse-log-body.ts';
import { readChange } from './read-change.ts';
import { tooManyReply } from './too-many.ts';

const bodyBytes = 1 << 20;
const mostChanges = 1_000;

/**
 * `POST /telemetry/changes`: deploys, settings, flags, dependencies and infrastructure that somebody changed, as NDJSON or
 * a JSON array. The answer means "stored"; sent twice they count once.
 */
export function createChangeRoutes(options: TelemetryRouteOptions): Route[] {
  const { credentials, intake } = options;
  const counted = options.metrics.counter('warroom_telemetry_changes_total', 'Pushed changes by outcome.');

  async function accept(request: HttpRequest): Promise<Reply> {
    const entries = parseLogBody(request.body);
    if (entries === undefined || entries.length > mostChanges) return tooManyReply();
    const good: PushedChange[] = [];
    const reasons = new Set<string>();
    for (const entry of entries) {
      const read =
        entry.kind === 'object'
          ? readChange(entry.value, options.now())
          : { problem: entry.kind === 'bad' ? entry.reason : 'a change is a JSON object' };
      if ('change' in read) good.push(read.change);
      else reasons.add(read.problem);
    }
    await intake.changes(good);
    const rejected = entries.length - good.length;
    if (good.length > 0) counted.add(good.length, { outcome: 'accepted' });
    if (rejected > 0) counted.add(rejected, { outcome: 'rejected' });
    const status = good.length === 0 && rejected > 0 ? 400 : 200;
    return jsonReply(status, {
      accepted: good.length,
      rejected,
      ...(rejected > 0 ? { reasons: [...reasons].slice(0, 10) } : {}),
    });
  }

  return [
    {
      method: 'POST',
      path: '/telemetry/changes',
      access: { kind: 'credentials', credentials },
      maxBodyBytes: bodyBytes,
      deadlineMs: 15_000,
      handle: accept,
    },
  ];
}
