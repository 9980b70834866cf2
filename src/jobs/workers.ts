import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Stage } from '../domain/incident.ts';
import type { FlowContext } from '../flow/context.ts';
import { advance, answerQuestion, investigate } from '../flow/index.ts';
import { WarroomError } from '../platform/errors.ts';
import { agentQueue, stageQueue } from './names.ts';

export interface Workers {
  /** Stops taking jobs, tells running ones to stop, waits for them at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * A crash is noticed after `lockDuration`; BullMQ counts every crash as a stall, whatever `attempts` says, so the count is
 * high: `reconcile` would put the job again anyway.
 */
const crashes = { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 10 } as const;

export function startWorkers(flow: FlowContext, connection: Redis, prefix: string): Workers {
  const stopping = new AbortController();
  const run = (work: (job: Job) => Promise<void>) => async (job: Job) => {
    try {
      await work(job);
    } catch (error) {
      flow.log.warn(
        { job: job.name, jobId: job.id, attempt: job.attemptsMade + 1, err: error },
        'job failed',
      );
      if (error instanceof WarroomError && !error.retryable) throw new UnrecoverableError(error.message);
      throw error;
    }
  };
  const workers = [
    new Worker(
      stageQueue,
      run((job) => advance(flow, job.name as Stage, job.data.incidentId, stopping.signal)),
      { connection, prefix, concurrency: 50, ...crashes },
    ),
    new Worker(
      agentQueue,
      run((job) =>
        job.name === 'answer'
          ? answerQuestion(flow, job.data.questionId, stopping.signal)
          : investigate(flow, job.data.investigationId, stopping.signal),
      ),
      { connection, prefix, concurrency: 4, ...crashes },
    ),
  ];
  for (const worker of workers) {
    worker.on('error', (error) => flow.log.warn({ queue: worker.name, err: error }, 'worker lost its queue'));
  }
  return {
    close: async (graceMs) => {
      stopping.abort(new Error('the process is stopping'));
      const closed = Promise.all(workers.map((worker) => worker.close()));
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    },
  };
}
