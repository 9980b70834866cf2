import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { sampleIncident } from './record-samples.ts';

const writer = fileURLToPath(new URL('./record-embedded-writer.ts', import.meta.url));

describe('the embedded database', () => {
  let dataDir: string;
  let children: ChildProcess[];

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(os.tmpdir(), 'warroom-record-'));
    children = [];
  });

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Another process that opens the folder and appends to a timeline until it is killed; each line is an acknowledged `seq`. */
  async function startWriter(incidentId: string) {
    const child = spawn(process.execPath, [writer, dataDir, incidentId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const acknowledged: number[] = [];
    const reachedCount = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        acknowledged.push(Number(line));
        if (acknowledged.length === 100) resolve();
      });
    });
    const ended = once(child, 'close').then(() => Promise.reject(new Error('the writer ended by itself')));
    await Promise.race([reachedCount, ended]);
    ended.catch(() => undefined);
    return { child, acknowledged };
  }

  it('is refused to a second process, and loses no acknowledged row of one that was killed', async () => {
    const incident = sampleIncident();
    const { child, acknowledged } = await startWriter(incident.id);

    const second = openRecord({ databaseUrl: null, dataDir, auditKey });
    await expect(second).rejects.toMatchObject({
      code: 'record_in_use',
      message: expect.stringContaining(`${child.pid}`),
      hint: expect.stringContaining('DATABASE_URL'),
    });

    child.kill('SIGKILL');
    await once(child, 'close');
    const opened = await openRecord({ databaseUrl: null, dataDir, auditKey });
    const entries = await opened.record.timeline.ofIncident(incident.id);
    await opened.close();

    expect(entries.length).toBeGreaterThanOrEqual(acknowledged.length);
    expect(firstBrokenLink(entries)).toBeNull();
  });

  it('is refused to its own process while it is open, and opens again when it was closed', async () => {
    const first = await openRecord({ databaseUrl: null, dataDir, auditKey });
    const incident = sampleIncident();
    await first.record.incidents.insert(incident);

    await expect(openRecord({ databaseUrl: null, dataDir, auditKey })).rejects.toMatchObject({
      code: 'record_in_use',
    });
    await first.close();
    await first.close();

    const again = await openRecord({ databaseUrl: null, dataDir, auditKey });
    expect(await again.record.incidents.get(incident.id)).toEqual(incident);
    await again.close();
  });

  it('opens although the lock names a process id that now belongs to somebody else', async () => {
    writeFileSync(
      path.join(dataDir, 'record.lock'),
      JSON.stringify({ pid: process.ppid, startedAt: 'another boot 1' }),
    );

    const opened = await openRecord({ databaseUrl: null, dataDir, auditKey });

    expect(opened.driver).toBe('pglite');
    await opened.close();
  });
});
