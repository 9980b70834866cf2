import { expect, it } from 'vitest';
import { addReleases } from '../../../../src/agents/signals/told-changes.ts';
import type { CandidateCommit } from '../../../../src/analysis/culprits/candidate-commit.ts';
import type { Symptoms } from '../../../../src/analysis/culprits/symptoms.ts';
import { releaseTimes, weighTime } from '../../../../src/analysis/culprits/weigh-time.ts';
import type { Change } from '../../../../src/ports/change-source.ts';

const onset = 1_800_000_000;
const commit = (sha: string, hoursAgo: number): CandidateCommit => ({
  sha,
  subject: sha,
  body: '',
  author: 'ana',
  committedAt: onset - hoursAgo * 3600,
  files: [],
});
const guilty = commit('aaaaaaaaaa', 0.03);
const innocent = commit('bbbbbbbbbb', 90);
const symptoms = (releases: Symptoms['releases'] = []): Symptoms => ({
  onset,
  alertedAt: onset + 60,
  kinds: new Map(),
  texts: [],
  frames: [],
  operations: [],
  healthyOperations: [],
  numbers: [],
  slowdownMs: null,
  peers: [],
  releases,
});
const deploy = (after: string, at: number): Change => ({
  at: new Date(at * 1000),
  service: null,
  kind: 'deploy',
  actor: 'mallory',
  summary: 'deploy',
  before: null,
  after,
  url: null,
});
const weigh = (seen: Symptoms) => {
  const live = releaseTimes([guilty, innocent], seen);
  return [guilty, innocent].map((one) => weighTime(one, seen, live));
};
const weights = (seen: Symptoms) => weigh(seen).map(({ weight, fresh }) => ({ weight, fresh }));

it.each([
  ['the guilty one after the alert', [deploy('aaaaaaa', onset + 61)]],
  ['the guilty one after it began', [deploy('aaaaaaa', onset + 40)]],
  ['an innocent one just before', [deploy('bbbbbbb', onset - 10)]],
  ['both', [deploy('bbbbbbb', onset - 10), deploy('aaaaaaa', onset + 61)]],
])('told deploys neither take blame off a commit nor put it on one: %s', (_what, changes) => {
  const told = addReleases(symptoms(), changes);

  expect(weights(told)).toEqual(weights(symptoms()));
  expect(told.releases.every((one) => one.source === 'told')).toBe(true);

  const measured = symptoms([{ sha: 'cccccccccc', at: onset - 500, previous: null }]);
  expect(weights(addReleases(measured, changes))).toEqual(weights(measured));
});

it('believes that a commit went live after the alert where the own lines of the service show it', () => {
  const [late] = weigh(symptoms([{ sha: 'aaaaaaaaaa', at: onset + 61, previous: null }]));

  expect(late).toMatchObject({ weight: 0.02, reason: 'went live after the alert fired' });
});

it('says of a commit what was told, as told', () => {
  const [told, other] = weigh(addReleases(symptoms(), [deploy('aaaaaaa', onset - 4)]));

  expect(told?.reason).toBe('was told to go live 4 s before it began, which its own telemetry does not show');
  expect(other?.reason).toBeNull();
});
