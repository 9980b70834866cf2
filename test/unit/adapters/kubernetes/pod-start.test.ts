import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { endOf, startOf, whyNoPod } from '../../../../src/adapters/kubernetes/sandbox/pod-start.ts';

function podWith(status: V1Pod['status'], containers = ['cell', 'eye']): V1Pod {
  return {
    metadata: { name: 'p' },
    spec: { containers: containers.map((name) => ({ name })) },
    ...(status === undefined ? {} : { status }),
  };
}

const status = (name: string, state: V1ContainerStatus['state']): V1ContainerStatus => ({
  name,
  image: 'node:1',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...(state === undefined ? {} : { state }),
});

describe('how a pod starts', () => {
  it('runs when all of its containers do', () => {
    const [cell, eye] = [status('cell', { running: {} }), status('eye', { running: {} })];

    expect(startOf(podWith({ phase: 'Running', containerStatuses: [cell, eye] }))).toEqual({
      kind: 'running',
      pod: 'p',
    });
    expect(startOf(podWith({ phase: 'Running', containerStatuses: [cell] })).kind).toBe('waiting');
    expect(startOf(podWith(undefined))).toEqual({ kind: 'waiting', why: null });
  });

  it('waits for a node, and says why there is none', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes\nare available' },
    ];

    expect(startOf(podWith({ phase: 'Pending', conditions }))).toEqual({
      kind: 'waiting',
      why: 'no node takes the pod (Unschedulable: 0/3 nodes are available)',
    });
  });

  it('does not wait for what will not come', () => {
    const pulling = status('cell', { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } });
    const ended = status('eye', { terminated: { exitCode: 1, reason: 'StartError' } });

    expect(startOf(podWith({ phase: 'Pending', containerStatuses: [pulling] }))).toMatchObject({
      kind: 'hopeless',
      why: expect.stringMatching(/cell .*ImagePullBackOff, image node:1: no such image/),
    });
    expect(startOf(podWith({ phase: 'Running', containerStatuses: [ended] })).kind).toBe('hopeless');
    expect(startOf(podWith({ phase: 'Failed', reason: 'DeadlineExceeded' }))).toMatchObject({
      kind: 'hopeless',
      why: expect.stringContaining('DeadlineExceeded'),
    });
  });

  it('is refused in the words of the newest event', () => {
    const event = (reason: string, message: string) => ({
      metadata: {},
      involvedObject: {},
      reason,
      message,
    });

    expect(whyNoPod([event('FailedCreate', 'old'), event('FailedCreate', 'exceeded quota')])).toContain(
      'exceeded quota',
    );
    expect(whyNoPod([event('SuccessfulCreate', 'made')])).toBeNull();
  });

  it('ended by memory, by the cluster, or not at all', () => {
    const killed = status('cell', { terminated: { exitCode: 137, reason: 'OOMKilled' } });

    expect(endOf(podWith({ phase: 'Running', containerStatuses: [killed] }), 'cell')).toMatchObject({
      outOfMemory: true,
    });
    expect(endOf(podWith({ phase: 'Running', containerStatuses: [killed] }), 'eye')).toBeNull();
    expect(endOf(podWith({ phase: 'Failed', reason: 'Evicted' }), 'cell')).toMatchObject({
      outOfMemory: false,
      why: expect.stringContaining('Evicted'),
    });
  });
});
