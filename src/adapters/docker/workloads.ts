import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import type { Workload } from '../../domain/service.ts';
import { SourceUnreachable, WarroomError } from '../../platform/errors.ts';
import { AccessRefused, NotFound, type WorkloadRuntime, type WorkloadState } from '../../ports/runtime.ts';
import { engineAnswer } from './engine-answer.ts';
import { engineStatus } from './sandbox-errors.ts';

export interface DockerWorkloadOptions {
  /** Address of the engine as dockerode takes it; empty: the one that the environment names, or the usual one. */
  readonly engine?: Docker.DockerOptions;
  /** How long a container may take to serve again. Default 2 min. */
  readonly readyTimeoutMs?: number;
  /** How long one without a health check must stay up to count as serving. Default 2 s. */
  readonly settleMs?: number;
}

const answerTimeoutMs = 15_000;
const pollMs = 250;

/**
 * Containers of one Docker engine. A container takes no mark of ours, so its id and start time say whether it was
 * restarted.
 */
export function createDockerWorkloads(options: DockerWorkloadOptions = {}): WorkloadRuntime {
  const docker = new Docker(options.engine ?? {});
  const { readyTimeoutMs = 120_000, settleMs = 2_000 } = options;

  async function inspect(name: string, signal: AbortSignal): Promise<Docker.ContainerInspectInfo> {
    return ask(name, docker.getContainer(name).inspect(), answerTimeoutMs, signal);
  }

  /** Until it serves, or the time is up: then the state says that it is not ready. */
  async function waitUntilServing(name: string, signal: AbortSignal): Promise<WorkloadState> {
    const until = Date.now() + readyTimeoutMs;
    let seen = { incarnation: '', since: 0 };
    for (;;) {
      const info = await inspect(name, signal);
      // by our clock: the engine's may differ
      const now = Date.now();
      const incarnation = isServing(info) ? incarnationOf(info) : '';
      if (incarnation !== seen.incarnation) seen = { incarnation, since: now };
      const settled = info.State.Health !== undefined || now - seen.since >= settleMs;
      if ((incarnation !== '' && settled) || now > until) return stateOf(info);
      await sleep(pollMs, undefined, { signal });
    }
  }

  return {
    async state(workload, signal) {
      return stateOf(await inspect(containerOf(workload), signal));
    },

    async rehearse(workload, signal) {
      const { State } = await inspect(containerOf(workload), signal);
      if (State.Paused) return 'the container is paused: somebody stopped it for a reason.';
      if (State.Dead) return 'the container is dead: it must be made anew.';
      return null;
    },

    async restart(workload, { from }, signal) {
      const name = containerOf(workload);
      const info = await inspect(name, signal);
      if (incarnationOf(info) === from) {
        const stopMs = stopSecondsOf(info) * 1000;
        const container = docker.getContainer(name);
        // one that is down may be so by an earlier try of ours that is still on its way: to start twice is to start once
        const acting = info.State.Running ? container.restart() : container.start();
        await ask(name, acting, stopMs + answerTimeoutMs, signal, 304);
      }
      return waitUntilServing(name, signal);
    },
  };
}

async function ask<T>(
  name: string,
  answer: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
  /** Status that means that it is so already. */
  already?: number,
): Promise<T> {
  try {
    return await engineAnswer(answer, timeoutMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    const status = engineStatus(error);
    if (status !== undefined && status === already) return undefined as T;
    throw asRuntimeError(name, error);
  }
}

/** Also for the commands that run inside. */
export function asRuntimeError(name: string, error: unknown): unknown {
  const status = engineStatus(error);
  if (status === 404 || status === 409) {
    const why = status === 404 ? 'There is no container' : 'Nothing can be run now in container';
    return new NotFound(`${why} ${name}.`, 'Check its name in the catalogue, and: docker ps --all', {
      cause: error,
    });
  }
  if (status !== undefined && status < 500) {
    return new AccessRefused(
      `Docker refuses this on container ${name} (HTTP ${status}).`,
      'Check: docker inspect, and the rights of a proxy before the engine.',
      { cause: error },
    );
  }
  // the engine's own client errors and silence; a fault of ours is none of these
  if (error instanceof TypeError || (error instanceof WarroomError && !error.retryable)) return error;
  return new SourceUnreachable(`Docker gave no answer on container ${name}.`, 'Check: docker info', {
    cause: error,
  });
}

function containerOf(workload: Workload): string {
  if ('docker' in workload) return workload.docker.container;
  throw new TypeError(`workload ${workload.name} is not a container`);
}

function stateOf(info: Docker.ContainerInspectInfo): WorkloadState {
  const seconds = stopSecondsOf(info);
  return {
    incarnation: incarnationOf(info),
    image: info.Image,
    replicas: { wanted: 1, ready: isServing(info) ? 1 : 0 },
    effect: `It is one container: requests in flight have ${seconds} s to end after the stop signal, then they are cut off, and nobody answers until it is up again. Docker knows no disruption budget.`,
    rolling: false,
    mark: null,
  };
}

function incarnationOf({ Id, State }: Docker.ContainerInspectInfo): string {
  return `${Id.slice(0, 12)} ${State.StartedAt}`;
}

function isServing({ State }: Docker.ContainerInspectInfo): boolean {
  if (!State.Running || State.Restarting || State.Paused) return false;
  const health = State.Health?.Status;
  return health === undefined || health === 'none' || health === 'healthy';
}

function stopSecondsOf({ Config }: Docker.ContainerInspectInfo): number {
  const { StopTimeout } = Config as { StopTimeout?: number };
  return StopTimeout ?? 10;
}
