import { describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import type { Change, ChangeSource } from '../../src/ports/change-source.ts';
import type { LogLine, LogSource } from '../../src/ports/log-source.ts';
import type { TelemetryStore } from '../../src/ports/telemetry-store.ts';
import type { Span, TraceSource } from '../../src/ports/trace-source.ts';

const signal = AbortSignal.timeout(60_000);
const start = Date.parse('2026-11-22T12:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000);
const times = (count: number) => Array.from({ length: count }, (_, index) => index);

function line(service: string, seconds: number, change: Partial<LogLine> = {}): LogLine {
  return { at: at(seconds), service, level: 'info', message: `line ${seconds}`, fields: {}, ...change };
}

function span(traceId: string, seconds: number, change: Partial<Span> = {}): Span {
  return {
    traceId,
    spanId: newId(),
    parentId: null,
    service: 'billing',
    operation: 'GET /',
    kind: 'server',
    startUs: (start + seconds * 1000) * 1000,
    durationUs: 1500,
    error: false,
    attributes: {},
    ...change,
  };
}

export function describeTelemetryStore(
  telemetry: () => TelemetryStore & LogSource & TraceSource & ChangeSource,
): void {
  describe('pushed logs', () => {
    it('come back whole, of one service, from the first moment up to but without the last', async () => {
      const service = newId();
      const lines = [
        line(service, 0, { level: 'error', traceId: 'abc', fields: { userId: 1, ok: false, none: null } }),
        line(service, 10),
      ];
      await telemetry().appendLogs([...lines, line(newId(), 5)]);

      const whole = await telemetry().lines({ service, from: at(0), to: at(11), limit: 100 }, signal);
      const half = await telemetry().lines({ service, from: at(0), to: at(10), limit: 100 }, signal);

      expect(whole).toEqual({ lines, truncated: false });
      expect(half.lines).toEqual(lines.slice(0, 1));
    });

    it('are ordered by time, and the newest are kept when there are too many', async () => {
      const service = newId();
      const shuffled = times(3000).map((n) => line(service, (n * 7) % 3000));
      for (let n = 0; n < shuffled.length; n += 100) await telemetry().appendLogs(shuffled.slice(n, n + 100));

      const found = await telemetry().lines({ service, from: at(0), to: at(2500), limit: 1000 }, signal);

      expect(found.truncated).toBe(true);
      expect(found.lines.map(({ message }) => message)).toEqual(times(1000).map((n) => `line ${n + 1500}`));
    });

    it('survive characters that PostgreSQL refuses', async () => {
      const service = newId();
      await telemetry().appendLogs([line(service, 0, { message: 'a\0b \ud800', fields: { 'k\0': '\0' } })]);

      const found = await telemetry().lines({ service, from: at(0), to: at(1), limit: 10 }, signal);

      expect(found.lines).toMatchObject([{ message: 'ab \ufffd', fields: { k: '' } }]);
    });

    it('all arrive when many push at once', async () => {
      const service = newId();

      await Promise.all(times(200).map((n) => telemetry().appendLogs([line(service, n), line(service, n)])));

      const found = await telemetry().lines({ service, from: at(0), to: at(200), limit: 1000 }, signal);
      expect(found.lines).toHaveLength(400);
    });

    it('are not read for a caller that has gone', async () => {
      const query = { service: 'any', from: at(0), to: at(1), limit: 1 };
      await expect(telemetry().lines(query, AbortSignal.abort())).rejects.toThrow();
    });
  });

  describe('pushed spans', () => {
    it('come back as whole traces, newest first', async () => {
      const day = 86_400;
      const older = span('aa', day, {
        attributes: { 'http.status_code': 500 },
        error: true,
        errorText: 'boom',
      });
      const newer = span('bb', day + 1);
      const childOfOlder = span('aa', day + 2, { parentId: older.spanId, service: 'mail' });
      await telemetry().appendSpans([childOfOlder, newer]);
      await telemetry().appendSpans([older]);

      const found = await telemetry().spans({ from: at(day), to: at(day + 10), limit: 100 }, signal);

      expect(found).toEqual({ spans: [newer, older, childOfOlder], truncated: false });
    });

    it('are cut between traces, not inside one', async () => {
      const day = 2 * 86_400;
      const spans = times(400).flatMap((n) =>
        times(5).map((k) => span(`t${n}`, day + n, { service: `s${k}`, spanId: `${n}-${k}` })),
      );
      // Every service exports by itself.
      for (const k of times(5))
        await telemetry().appendSpans(spans.filter(({ service }) => service === `s${k}`));

      const found = await telemetry().spans({ from: at(day), to: at(day + 1000), limit: 502 }, signal);

      expect(found.truncated).toBe(true);
      expect(found.spans).toHaveLength(500);
      expect(new Set(found.spans.map(({ traceId }) => traceId)).size).toBe(100);
      expect(found.spans[0]?.traceId).toBe('t399');
    });

    it('count once when an exporter sends them twice', async () => {
      const day = 3 * 86_400;
      const once = span('cc', day);
      await telemetry().appendSpans([once]);
      await telemetry().appendSpans([once]);

      const found = await telemetry().spans({ from: at(day), to: at(day + 1), limit: 10 }, signal);

      expect(found.spans).toEqual([once]);
    });
  });

  describe('told changes', () => {
    const change = (seconds: number, more: Partial<Change> = {}): Change => ({
      at: at(seconds),
      service: null,
      kind: 'flag',
      actor: 'ana',
      summary: newId(),
      before: 'off',
      after: 'on',
      url: 'https://flags.example/1',
      ...more,
    });
    const read = (service: string, from: number, to: number, limit = 100) =>
      telemetry().changes({ service, from: at(from), to: at(to), limit }, signal);

    it('come back whole, of one service and of all of them, and once when they are told twice', async () => {
      const service = newId();
      const day = 9 * 86_400;
      const mine = change(day, { service, kind: 'config' });
      const ours = change(day + 5, { actor: null, before: null, after: null, url: null });
      await telemetry().appendChanges([ours, mine, change(day + 2, { service: newId() })]);
      await telemetry().appendChanges([mine]);

      expect(await read(service, day, day + 6)).toEqual([mine, ours]);
      expect(await read(service, day, day + 5)).toEqual([mine]);
      expect(await read(service, day, day + 6, 1)).toEqual([ours]);
    });

    it('count once when the same is told again within minutes without a time, and twice when later', async () => {
      const service = newId();
      // Just before a full span of five minutes ends.
      const day = 10 * 86_400 - 10 - ((at(0).getTime() / 1000) % 300);
      const undated = (seconds: number, more: Partial<Change> = {}) => ({
        ...change(day + seconds, { service, summary: 'dark mode', ...more }),
        undated: true,
      });
      await telemetry().appendChanges([undated(0), undated(0)]);
      await telemetry().appendChanges([undated(5)]);
      await telemetry().appendChanges([undated(40), undated(41, { before: 'on', after: 'off' })]);
      expect((await read(service, day, day + 900)).map((one) => one.at)).toEqual([at(day), at(day + 41)]);

      await telemetry().appendChanges([undated(400)]);
      await telemetry().appendChanges([change(day + 401, { service, summary: 'dark mode' })]);
      expect(await read(service, day, day + 900)).toHaveLength(4);
    });

    it('come by kind, the own before those of all, and the nearest first, when asked around a time', async () => {
      const service = newId();
      const day = 11 * 86_400;
      const far = change(day, { service });
      const near = change(day + 90, { service });
      const ours = change(day + 100);
      const deploy = change(day + 100, { service, kind: 'deploy' });
      await telemetry().appendChanges([far, near, ours, deploy]);
      const query = {
        service,
        from: at(day),
        to: at(day + 200),
        kind: 'flag' as const,
        around: at(day + 100),
      };

      expect(await telemetry().changes({ ...query, limit: 10 }, signal)).toEqual([near, far, ours]);
      expect(await telemetry().changes({ ...query, limit: 1 }, signal)).toEqual([near]);
    });

    it('are kept a month longer than what else is pushed', async () => {
      const service = newId();
      const old = -90 * 86_400;
      await telemetry().appendChanges([change(old, { service }), change(old + 40 * 86_400, { service })]);

      await telemetry().trim(at(old + 31 * 86_400));

      expect(await read(service, old, old + 50 * 86_400)).toHaveLength(1);
    });
  });

  it('drops telemetry that is older than its keep', async () => {
    const service = newId();
    const old = -30 * 86_400;
    await telemetry().appendLogs([line(service, old)]);
    await telemetry().appendLogs([line(service, 0)]);
    await telemetry().appendSpans([span('dd', old)]);

    await telemetry().trim(at(old + 1));

    const lines = await telemetry().lines({ service, from: at(old), to: at(1), limit: 10 }, signal);
    const spans = await telemetry().spans({ from: at(old), to: at(old + 1), limit: 10 }, signal);
    expect(lines.lines.map(({ message }) => message)).toEqual(['line 0']);
    expect(spans.spans).toEqual([]);
  });
}
