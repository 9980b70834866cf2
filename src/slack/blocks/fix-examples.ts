import type { RemedyKind } from '../../domain/plan.ts';

/** A fix of each kind as a person types it after `/warroom fix`; a test holds each against the remedy's own schema. */
export const fixExamples: Readonly<Record<RemedyKind, string>> = {
  'pull-request': 'pull-request orders patch="…"',
  'revert-commit': 'revert-commit orders commit=4f2a9c1',
  'config-rollback': 'config-rollback orders file=config/session.json to=9e8d7c6',
  'create-index': 'create-index payments table=payments columns=["user_id","created_at"]',
  'drop-index': 'drop-index payments index=payments_user_id_idx',
  'flush-cache': 'flush-cache catalog pattern=product:*',
  'warm-cache': 'warm-cache catalog pattern=product:*',
  'restart-service': 'restart-service orders workload=orders',
  'run-runbook': 'run-runbook orders runbook=drain-queue',
};

export const fixWord: Readonly<Record<RemedyKind, string>> = {
  'pull-request': 'opens a pull request with a patch',
  'revert-commit': 'takes a commit back',
  'config-rollback': 'brings a configuration file back to an earlier version',
  'create-index': 'creates an index concurrently, measured on a copy first',
  'drop-index': 'drops an index concurrently',
  'flush-cache': 'deletes cache keys by pattern',
  'warm-cache': 'fills the cache again from a recorded list of keys',
  'restart-service': 'restarts a container or rolls a deployment',
  'run-runbook': 'runs a command that the catalogue names',
};
