import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import type { SideCar } from '../../../ports/sandbox.ts';
import { SandboxLost, SideCarUnavailable } from '../../../ports/sandbox-errors.ts';
import { type Exec, startExec } from '../container-exec.ts';
import { engineAnswer } from '../engine-answer.ts';
import { engineStatus } from '../sandbox-errors.ts';
import type { CellRequest, SideCarImages } from './cell.ts';
import { commandEnvironment, workFolder } from './environment.ts';
import { handOverPostgres, preparePostgres } from './postgres-roles.ts';
import { type ContainerLimits, hardenedHost, writeTmpfs } from './profile.ts';
import { removeContainer } from './remove-container.ts';
import { keeperUser, writeUser } from './users.ts';
import type { CommandUser, WorkspaceLimits } from './workspace/workspace.ts';

const mib = 1024 * 1024;
const engineTimeoutMs = 20_000;
const readyTimeoutMs = 30_000;
const toldBytes = 4096;
/** An exit code of our own, which psql does not have. */
const notStarted = 90;
/** Owns the ready-made cluster of the image. Not the user of the slot: its processes would count as the commands'. */
const serverUser: CommandUser = { uid: 10001, gid: 10001 };

interface Recipe {
  readonly limits: ContainerLimits & WorkspaceLimits;
  /** A program of the image that returns when the server accepts connections. */
  readonly start: string;
  /** Shell text of one command each: before the seed, and after it. */
  readonly prepare?: string;
  readonly handOver?: string;
}

const recipes: Readonly<Record<SideCar['kind'], Recipe>> = {
  postgres: {
    limits: {
      memoryBytes: 1024 * mib,
      cpus: 1,
      pids: 96,
      workBytes: 512 * mib,
      workFiles: 20_000,
      tmpBytes: 32 * mib,
      tmpFiles: 1_000,
      fileBytes: 512 * mib,
      openFiles: 1024,
    },
    start: 'start-replica --loopback',
    prepare: preparePostgres,
    handOver: handOverPostgres,
  },
  redis: {
    limits: {
      memoryBytes: 192 * mib,
      cpus: 0.5,
      pids: 32,
      workBytes: mib,
      workFiles: 100,
      tmpBytes: 8 * mib,
      tmpFiles: 100,
      fileBytes: 8 * mib,
      openFiles: 1024,
    },
    start: 'start-redis',
  },
};

const seedCommand = 'psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d postgres -o /dev/null -f -';

/** The servers that share a cell's loopback, which is all the network that they and it have. */
export class SideCarGroup {
  readonly #engine: Docker;
  readonly #cell: Container;
  readonly #request: CellRequest;
  #containers: Container[] = [];
  #started: { sideCars: readonly SideCar[]; images: SideCarImages } | null = null;

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
    if (failed === undefined) {
      this.#started = { sideCars, images };
      return;
    }
    await this.remove().catch(() => undefined);
    signal.throwIfAborted();
    throw failed.reason;
  }

  /** In place of those that there are, whatever was made of them. None is left when it throws. */
  async renew(signal: AbortSignal): Promise<void> {
    if (this.#started === null) return;
    const { sideCars, images } = this.#started;
    await this.remove();
    await this.start(sideCars, images, signal);
  }

  async remove(): Promise<void> {
    const removing = this.#containers.map(async (container) => {
      await removeContainer(container);
      this.#containers = this.#containers.filter((other) => other !== container);
    });
    const outcomes = await Promise.allSettled(removing);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #startOne(sideCar: SideCar, image: string | undefined, signal: AbortSignal): Promise<void> {
    const { kind } = sideCar;
    if (image === undefined) {
      throw new SideCarUnavailable(
        { kind },
        `There is no image for the side-car ${kind}.`,
        'Build it with: npm run images',
      );
    }
    const container = await this.#create(kind, image, signal);
    const { start, prepare = ':', handOver = ':' } = recipes[kind];
    const seed = sideCar.kind === 'postgres' && sideCar.seed !== '' ? sideCar.seed : null;
    let exec: Exec;
    let exitCode: number | null;
    try {
      exec = await startExec(container, {
        argv: [
          '/bin/sh',
          '-c',
          `{ ${start} && ${prepare}; } </dev/null || { tail -n 5 /tmp/*.log; exit ${notStarted}; }
          ${seed === null ? '' : `${seedCommand} || exit`}
          ${handOver} </dev/null || exit ${notStarted}`,
        ],
        user: writeUser(serverUser),
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
      throw new SideCarUnavailable(
        { kind },
        error instanceof SandboxLost
          ? `The side-car ${kind} ended while it started.`
          : `The side-car ${kind} accepted no connection in ${readyTimeoutMs / 1000} s.`,
        tryByHand(image),
        { cause: error },
      );
    }
    if (exitCode === 0) return;
    const answer = exec.output().trim() || `exit code ${exitCode}`;
    if (exitCode === notStarted) {
      throw new SideCarUnavailable(
        { kind },
        `The side-car ${kind} did not start: ${answer}`,
        tryByHand(image),
      );
    }
    throw new SideCarUnavailable(
      { kind, seed: true },
      `The seed of the side-car ${kind} was not accepted: ${answer}`,
      'Correct the seed in the catalogue, and try it with psql.',
    );
  }

  async #create(kind: SideCar['kind'], image: string, signal: AbortSignal): Promise<Container> {
    signal.throwIfAborted();
    const creating = this.#engine.createContainer(this.#profile(kind, image));
    try {
      const container = await engineAnswer(creating, engineTimeoutMs, signal);
      this.#containers.push(container);
      await engineAnswer(container.start(), engineTimeoutMs, signal);
      return container;
    } catch (error) {
      // It may still come into being after nobody waits for it.
      void creating.then(removeContainer).catch(() => undefined);
      throw engineStatus(error) === 404
        ? new SideCarUnavailable(
            { kind },
            `The image ${image} of a side-car is not here.`,
            'Build it with: npm run images',
            {
              cause: error,
            },
          )
        : new SideCarUnavailable(
            { kind },
            `Docker could not start the side-car ${kind}.`,
            'Check: docker info',
            {
              cause: error,
            },
          );
    }
  }

  #profile(kind: SideCar['kind'], image: string): ContainerCreateOptions {
    const { limits } = recipes[kind];
    const { labels, runtime, limits: cellLimits } = this.#request;
    const hardened = hardenedHost(limits, runtime, serverUser, { systemVMemory: kind === 'postgres' });
    return {
      Image: image,
      User: writeUser(keeperUser),
      Entrypoint: [],
      // It ends by itself like its cell, whoever has forgotten it.
      Cmd: ['sleep', String(Math.ceil(cellLimits.lifetimeMs / 1000))],
      Env: [],
      WorkingDir: '/',
      Labels: { ...labels },
      HostConfig: {
        ...hardened,
        NetworkMode: `container:${this.#cell.id}`,
        Tmpfs: {
          ...hardened.Tmpfs,
          [workFolder]: writeTmpfs(limits.workBytes, limits.workFiles, serverUser),
        },
      },
    };
  }
}

function tryByHand(image: string): string {
  return `Try its image by hand: docker run --rm -it --network none ${image} sh`;
}
