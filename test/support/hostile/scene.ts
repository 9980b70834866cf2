import { createSocket } from 'node:dgram';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { sandboxImage } from '../../../setup/sandbox-image.mjs';
import type { Cell } from '../../../src/adapters/docker/sandbox/cell.ts';
import { createCell } from '../../../src/adapters/docker/sandbox/create-cell.ts';
import type { SandboxLimits } from '../../../src/adapters/docker/sandbox/limits.ts';
import { labelsFor, ownOwner } from '../../../src/adapters/docker/sandbox/provider/owner.ts';
import { createTarBackend } from '../../../src/adapters/docker/sandbox/workspace/tar-backend.ts';
import type { WorkspaceBackend } from '../../../src/adapters/docker/sandbox/workspace/workspace.ts';
import type { CommandOptions, CommandResult, Sandbox } from '../../../src/ports/sandbox.ts';
import { type Guard, weakenBackend, weakenEngine } from './weaken.ts';

const mib = 1024 * 1024;
const image = process.env['SANDBOX_IMAGE'] || sandboxImage;

/** Small, so that an attack reaches them soon. */
export const hostileLimits: SandboxLimits = {
  memoryBytes: 192 * mib,
  cpus: 2,
  pids: 96,
  commandPids: 64,
  workBytes: 16 * mib,
  workFiles: 2_000,
  tmpBytes: 16 * mib,
  tmpFiles: 2_000,
  fileBytes: 24 * mib,
  openFiles: 512,
  lifetimeMs: 300_000,
};

/** What attacks are made on. */
export interface Scene {
  readonly sandbox: Sandbox;
  readonly world: HostileWorld;
  readonly signal: AbortSignal;
  run(argv: readonly string[], options?: Partial<CommandOptions>): Promise<CommandResult>;
  shell(command: string, options?: Partial<CommandOptions>): Promise<CommandResult>;
  script(code: string, options?: Partial<CommandOptions>): Promise<CommandResult>;
  close(): Promise<void>;
}

/** What stands outside the cell, and must stay out of reach. */
export interface HostileWorld {
  readonly docker: Docker;
  /** Of a name server that would answer, on the engine's own bridge. */
  readonly nameServer: { readonly address: string; readonly port: number };
  readonly socketPath: string;
  /** Has a program that belongs to root and runs as root. */
  readonly setuidVolume: string;
  /** Of the host, which everybody there may read. */
  readonly secretFile: string;
  /** For a workspace; it goes with the world. */
  makeFolder(): string;
  close(): Promise<void>;
}

export async function openWorld(): Promise<HostileWorld> {
  const docker = new Docker();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-hostile-'));
  const socketPath = path.join(folder, 'engine.sock');
  const server = createServer((socket) => socket.end('welcome'));
  await listen(server, socketPath);
  chmodSync(folder, 0o755);
  const secretFile = path.join(folder, 'secret');
  writeFileSync(secretFile, 'of the host');
  chmodSync(socketPath, 0o666);
  const names = createSocket('udp4');
  // The question itself, marked as an answer that there is no such name.
  names.on('message', (question, from) => {
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8183, 2);
    names.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => names.bind(0, '0.0.0.0', resolve));
  const bridge = await docker.getNetwork('bridge').inspect();
  const gateway: string = bridge.IPAM?.Config?.[0]?.Gateway ?? '172.17.0.1';
  const setuidVolume = `warroom-hostile-${process.pid}`;
  await makeSetuidProgram(docker, setuidVolume);
  return {
    docker,
    nameServer: { address: gateway, port: names.address().port },
    socketPath,
    setuidVolume,
    secretFile,
    makeFolder: () => mkdtempSync(path.join(folder, 'workspace-')),
    async close() {
      names.close();
      await new Promise((resolve) => server.close(resolve));
      await docker.getVolume(setuidVolume).remove({ force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server, socketPath: string): Promise<void> {
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
}

async function makeSetuidProgram(docker: Docker, volume: string): Promise<void> {
  const container = await docker.createContainer({
    Image: image,
    User: '0:0',
    Entrypoint: [],
    Cmd: ['/bin/sh', '-c', 'cp -L "$(which node)" /there/node && chmod 4755 /there/node'],
    HostConfig: { Binds: [`${volume}:/there`], NetworkMode: 'none' },
  });
  try {
    await container.start();
    const { StatusCode } = await container.wait();
    if (StatusCode !== 0) throw new Error(`no set-user-id program could be made: ${StatusCode}`);
  } finally {
    await container.remove({ force: true });
  }
}

/** @param without guards that are removed; none: a cell as it is */
export async function openScene(
  world: HostileWorld,
  without: readonly Guard[],
  signal: AbortSignal,
  backend: WorkspaceBackend = createTarBackend(),
  ofImage?: string,
): Promise<Scene> {
  const cell = await openCell(world, without, signal, backend, ofImage);
  const sandbox = cell.toSandbox(() => cell.remove());
  const run: Scene['run'] = (argv, options) =>
    sandbox.run(argv, { timeoutMs: 20_000, outputBytes: 64 * 1024, ...options }, signal);
  return {
    sandbox,
    world,
    signal,
    run,
    shell: (command, options) => run(['/bin/sh', '-c', command], options),
    script: (code, options) => run(['node', '-e', code], options),
    close: () => sandbox.close(),
  };
}

export async function openCell(
  world: HostileWorld,
  without: readonly Guard[],
  signal: AbortSignal,
  backend: WorkspaceBackend = createTarBackend(),
  ofImage = image,
): Promise<Cell> {
  const limits = hostileLimits;
  const engine = weakenEngine(world.docker, without, world);
  const cell = await createCell(
    engine,
    {
      image: ofImage,
      limits,
      labels: labelsFor(ownOwner(), new Date(Date.now() + limits.lifetimeMs)),
      backend: weakenBackend(backend, without),
      runtime: undefined,
    },
    signal,
  );
  await cell.warmUp(signal);
  // Nothing is mounted there before.
  if (backend.name === 'overlay') await cell.fill(world.makeFolder(), signal);
  return cell;
}
