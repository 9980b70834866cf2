import { FlowProducer, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Stage } from '../domain/incident.ts';
import type { AgentWork, WorkQueue } from '../ports/work-queue.ts';
import { agentQueue, stageQueue } from './names.ts';

export interface BullQueue extends WorkQueue {
  close(): Promise<void>;
}

/** A job that ended leaves Redis at once: its id must be free for the next time the same work is put. */
const passing = { removeOnComplete: true, removeOnFail: true } as const;
const retried = { attempts: 3, backoff: { type: 'exponential', delay: 2_000 } } as const;

/** How long a caller waits for Redis. The rows are committed by then, so giving up costs only time. */
const putDeadlineMs = 3_000;

/** @param prefix keeps two installations on one Redis apart */
export function createBullQueue(connection: Redis, prefix: string): BullQueue {
  const stages = new Queue(stageQueue, { connection, prefix });
  const agents = new Queue(agentQueue, { connection, prefix });
  const flows = new FlowProducer({ connection, prefix });
  // Lost connections are reported where the connection is made; without a listener they would end the process.
  stages.on('error', () => undefined);
  agents.on('error', () => undefined);
  flows.on('error', () => undefined);
  return {
    advance: (incidentId, stage) =>
      within(stages.add(stage, { incidentId }, { jobId: jobId(stage, incidentId), ...retried, ...passing })),
    fanOut: (incidentId, investigations) =>
      within(
        flows.add({
          name: 'root-cause',
          queueName: stageQueue,
          data: { incidentId },
          opts: { jobId: jobId('root-cause', incidentId), ...retried, ...passing },
          children: investigations.map((one) => ({
            name: 'investigate',
            queueName: agentQueue,
            data: { investigationId: one.id },
            opts: { jobId: agentJobId(one), ignoreDependencyOnFailure: true, ...retried, ...passing },
          })),
        }),
      ),
    investigate: (investigations) =>
      within(
        agents.addBulk(
          investigations.map((one) => ({
            name: 'investigate',
            data: { investigationId: one.id },
            opts: { jobId: agentJobId(one), ...retried, ...passing },
          })),
        ),
      ),
    answer: (questionId) =>
      within(agents.add('answer', { questionId }, { jobId: `answer-${questionId}`, ...retried, ...passing })),
    close: async () => {
      await stages.close();
      await agents.close();
      await flows.close();
    },
  };
}

function jobId(stage: Stage, incidentId: string): string {
  return `${stage}-${incidentId}`;
}

/** By round: an agent that is asked once more may still be ending the job of the round before. */
function agentJobId({ id, round }: AgentWork): string {
  return `investigate-${id}-${round}`;
}

async function within(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis gave no answer in ${putDeadlineMs} ms`)), putDeadlineMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
