import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import type {
  CellAccess,
  Workspace,
  WorkspaceBackend,
  WorkspaceLimits,
} from '../../src/adapters/docker/sandbox/workspace/workspace.ts';

export const docker = new Docker();
export const image = 'warroom/sandbox-node:current';
export const user = { uid: 10_163, gid: 10_001 };
const mib = 1024 * 1024;
export const roomy: WorkspaceLimits = { workBytes: 64 * mib, workFiles: 20_000 };
export const most = { files: 200, bytes: 4 * mib };

/** A running container with a filled workspace in it, and the folder that it began with. */
export interface House {
  readonly workspace: Workspace;
  readonly folder: string;
  readonly cell: CellAccess;
  /** Runs as the commands' user. @returns what it printed; throws when it fails */
  run(script: string, ...args: string[]): Promise<string>;
  close(): Promise<void>;
}

export type Files = Readonly<Record<string, string>>;

export function makeFolder(files: Files): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-house-'));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

export async function openHouse(
  backend: WorkspaceBackend,
  folder: string,
  limits: WorkspaceLimits = roomy,
  wrap: (cell: CellAccess) => CellAccess = (cell) => cell,
): Promise<House> {
  const name = `warroom-house-${randomBytes(4).toString('hex')}`;
  const mount = await backend.prepare(name, user, limits);
  const container = await docker.createContainer({
    name,
    Image: image,
    Entrypoint: [],
    Cmd: ['sleep', '600'],
    User: '10000:10000',
    HostConfig: {
      ...mount.hostConfig,
      Tmpfs: {
        '/tmp': 'rw,exec,nosuid,nodev,size=16m,uid=10163,gid=10001,mode=0770',
        ...mount.hostConfig.Tmpfs,
      },
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      AutoRemove: true,
    },
  });
  const cell = wrap(accessTo(container));
  async function close(): Promise<void> {
    await container.remove({ force: true }).catch(() => undefined);
    await mount.discard();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await container.start();
    const workspace = mount.bind(cell);
    await workspace.fill(folder, AbortSignal.timeout(30_000));
    return { workspace, folder, cell, close, run: (script, ...args) => run(cell, script, args) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function run(cell: CellAccess, script: string, args: readonly string[]): Promise<string> {
  const chunks: Buffer[] = [];
  const { exitCode, errors } = await cell.exec(
    {
      argv: ['/bin/sh', '-ec', `cd /work; ${script}`, 'sh', ...args],
      onOutput: (chunk) => chunks.push(chunk),
    },
    AbortSignal.timeout(60_000),
  );
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}: ${errors}`);
  return Buffer.concat(chunks).toString('utf8');
}

function accessTo(container: Docker.Container): CellAccess {
  const cell: CellAccess = {
    async exec({ argv, writeInput, onOutput }, signal) {
      const exec = await container.exec({
        Cmd: [...argv],
        User: `${user.uid}:${user.gid}`,
        AttachStdin: writeInput !== undefined,
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = await exec.start({ hijack: true, stdin: writeInput !== undefined });
      const output = new PassThrough();
      const errors = new PassThrough();
      let told = '';
      output.on('data', (chunk: Buffer) => onOutput?.(chunk));
      errors.on('data', (chunk: Buffer) => {
        told += chunk.toString('utf8').slice(0, 1000);
      });
      container.modem.demuxStream(stream, output, errors);
      const ended = new Promise<void>((resolve) => {
        for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
      });
      const aborted = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      const written = writeInput?.(stream).catch(() => undefined);
      // A command that does not read to the end leaves the writer waiting until the stream is gone.
      let state = await exec.inspect();
      while (!signal.aborted && (state.Running || state.ExitCode === null)) {
        await Promise.race([ended, aborted, sleep(50)]);
        state = await exec.inspect();
      }
      if (!signal.aborted) await Promise.race([ended, sleep(300)]);
      stream.destroy();
      await written;
      signal.throwIfAborted();
      return { exitCode: state.ExitCode, errors: told };
    },
    async killCommands() {
      // The shell spares itself; 1: nobody was left.
      await cell.exec({ argv: ['/bin/sh', '-c', 'kill -9 -1; exit 0'] }, AbortSignal.timeout(10_000));
    },
    async freeze() {
      await container.pause();
    },
    async thaw() {
      await container.unpause();
    },
  };
  return cell;
}

/** For workspaces without a container. */
export const noCell: CellAccess = {
  exec: () => Promise.reject(new TypeError('there is no container')),
  killCommands: () => Promise.resolve(),
  freeze: () => Promise.resolve(),
  thaw: () => Promise.resolve(),
};
