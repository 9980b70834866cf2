import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import type { SideCar } from '../../../ports/sandbox.ts';
import { type Exec, startExec } from '../container-exec.ts';
import { engineAnswer } from '../engine-answer.ts';
import { engineStatus, SandboxLost, SandboxUnavailable } from '../sandbox-errors.ts';
import type { CellRequest, SideCarImages } from './cell.ts';
import { commandEnvironment } from './environment.ts';
import { type ContainerLimits, hardenedHost, writeTmpfs } from './profile.ts';
import { removeContainer } from './remove-container.ts';
import { writeUser } from './users.ts';

const mib = 1024 * 1024;
const engineTimeoutMs = 20_000;
const readyTimeoutMs = 30_000;
const toldBytes = 4096;
const dataFolder = '/data';

interface Recipe {
  /** Of whoever owns the ready-made files of the image. */
  readonly user: { readonly uid: number; readonly gid: number };
  readonly limits: ContainerLimits & { readonly dataBytes: number; readonly dataFiles: number };
  /** Shell text that becomes the server. */
  readonly serve: string;
  /** Shell text that ends when the server answers. */
  readonly wait: string;
}

/** Nothing in them outlives the sandbox, so nothing is synced, logged or kept. */
const recipes: Readonly<Record<SideCar['kind'], Recipe>> = {
  postgres: {
    user: { uid: 10001, gid: 10001 },
    limits: {
      memoryBytes: 1024 * mib,
      cpus: 1,
      pids: 64,
      tmpBytes: 32 * mib,
      tmpFiles: 1_000,
      fileBytes: 512 * mib,
      openFiles: 1024,
      dataBytes: 512 * mib,
      dataFiles: 20_000,
    },
    serve: `cp -r /cluster/data ${dataFolder}/cluster && chmod 700 ${dataFolder}/cluster && exec postgres -D ${dataFolder}/cluster\
 -c listen_addresses=127.0.0.1 -c port=5432 -c unix_socket_directories=/tmp -c dynamic_shared_memory_type=mmap\
 -c shared_buffers=64MB -c max_connections=50 -c fsync=off -c full_page_writes=off -c synchronous_commit=off\
 -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=64MB -c timezone=UTC -c logging_collector=off`,
    wait: `until psql -X -q -h 127.0.0.1 -U postgres -d postgres -c 'select 1' >/dev/null 2>/tmp/told; do sleep 0.05; done`,
  },
  redis: {
    user: { uid: 10001, gid: 10001 },
    limits: {
      memoryBytes: 256 * mib,
      cpus: 0.5,
      pids: 32,
      tmpBytes: 8 * mib,
      tmpFiles: 100,
      fileBytes: 64 * mib,
      openFiles: 1024,
      dataBytes: 8 * mib,
      dataFiles: 100,
    },
    serve: `exec redis-server --bind 127.0.0.1 --port 6379 --save '' --appendonly no --dir ${dataFolder} --maxmemory 192mb`,
    wait: `until redis-cli -h 127.0.0.1 ping 2>/tmp/told | grep -q PONG; do sleep 0.05; done`,
  },
};

const seedCommand =
  'exec psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d postgres -o /dev/null -f -';

/** The servers that share a cell's loopback, which is all the network that they and it have. */
export class SideCarGroup {
  readonly #engine: Docker;
  readonly #cell: Container;
  readonly #request: CellRequest;
  readonly #containers: Container[] = [];
  #isRemoved = false;

  constructor(engine: Docker, cell: Container, request: CellRequest) {
    this.#engine = engine;
    this.#cell = cell;
    this.#request = request;
  }

  async start(sideCars: readonly SideCar[], images: SideCarImages, signal: AbortSignal): Promise<void> {
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(readyTimeoutMs)]);
    const starting = sideCars.map((sideCar) => this.#startOne(sideCar, images[sideCar.kind], waiting));
    const outcomes = await Promise.allSettled(starting);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return;
    await this.remove();
    signal.throwIfAborted();
    throw failed.reason;
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    const removing = this.#containers.splice(0).map((container) => removeContainer(container));
    const outcomes = await Promise.allSettled(removing);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #startOne(sideCar: SideCar, image: string | undefined, signal: AbortSignal): Promise<void> {
    const { kind } = sideCar;
    if (image === undefined) {
      throw new SandboxUnavailable(
        `There is no image for the side-car ${kind}.`,
        'Build it with: npm run images',
      );
    }
    const container = await this.#create(kind, image, signal);
    const { user, wait } = recipes[kind];
    const seed = sideCar.kind === 'postgres' && sideCar.seed !== '' ? sideCar.seed : null;
    let exec: Exec;
    let exitCode: number | null;
    try {
      exec = await startExec(container, {
        argv: ['/bin/sh', '-c', seed === null ? wait : `${wait}; ${seedCommand}`],
        user: writeUser(user),
        environment: commandEnvironment,
        workFolder: '/',
        outputBytes: toldBytes,
        ...(seed === null
          ? {}
          : {
              writeInput: async (input) => {
                input.end(seed);
              },
            }),
      });
      ({ exitCode } = await engineAnswer(exec.ended, readyTimeoutMs, signal));
    } catch (error) {
      throw new SandboxUnavailable(
        error instanceof SandboxLost
          ? `The side-car ${kind} ended while it started.`
          : `The side-car ${kind} accepted no connection in ${readyTimeoutMs / 1000} s.`,
        `Try its image by hand: docker run --rm --network none ${image}`,
        { cause: error },
      );
    }
    if (exitCode === 0) return;
    throw new SandboxUnavailable(
      `The seed of the side-car ${kind} was not accepted: ${exec.output().trim() || `exit code ${exitCode}`}`,
      'Correct the seed in the catalogue, and try it with psql.',
    );
  }

  async #create(kind: SideCar['kind'], image: string, signal: AbortSignal): Promise<Container> {
    signal.throwIfAborted();
    const creating = this.#engine.createContainer(this.#profile(kind, image)).then((container) => {
      this.#containers.push(container);
      // It may come into being after nobody waits for it.
      if (this.#isRemoved) void this.remove().catch(() => undefined);
      return container;
    });
    try {
      const container = await engineAnswer(creating, engineTimeoutMs, signal);
      await engineAnswer(container.start(), engineTimeoutMs, signal);
      return container;
    } catch (error) {
      throw engineStatus(error) === 404
        ? new SandboxUnavailable(
            `The image ${image} of a side-car is not here.`,
            'Build it with: npm run images',
            {
              cause: error,
            },
          )
        : new SandboxUnavailable(`Docker could not start the side-car ${kind}.`, 'Check: docker info', {
            cause: error,
          });
    }
  }

  #profile(kind: SideCar['kind'], image: string): ContainerCreateOptions {
    const { user, limits, serve } = recipes[kind];
    const { labels, runtime, limits: cellLimits } = this.#request;
    const hardened = hardenedHost(limits, runtime, user);
    return {
      Image: image,
      User: writeUser(user),
      Entrypoint: [],
      // It ends by itself like its cell, whoever has forgotten it.
      Cmd: ['timeout', '-s', 'KILL', String(Math.ceil(cellLimits.lifetimeMs / 1000)), '/bin/sh', '-c', serve],
      Env: [...commandEnvironment],
      WorkingDir: '/',
      Labels: { ...labels },
      HostConfig: {
        ...hardened,
        NetworkMode: `container:${this.#cell.id}`,
        Tmpfs: { ...hardened.Tmpfs, [dataFolder]: writeTmpfs(limits.dataBytes, limits.dataFiles, user) },
      },
    };
  }
}
