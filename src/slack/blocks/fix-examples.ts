import type { RemedyKind } from '../../domain/plan.ts';

/** A fix of each kind as a person types it after `/warroom fix`; a test holds each against the remedy's own schema. */
export const fixExamples: Readonly<Record<RemedyKind, string>> = {
  'pull-request': String.raw`pull-request orders title="Close the response" patch="--- a/src/x.js\n+++ b/src/x.js\n…"`,
  'revert-commit': 'revert-commit orders commit=4f2a9c1',
  'config-rollback': 'config-rollback orders path=config/session.json to=previous',
  'create-index': 'create-index payments database=payments table=payments columns=["user_id","created_at"]',
  'drop-index': 'drop-index payments database=payments index=payments_user_id_idx',
  'flush-cache': 'flush-cache catalog cache=products pattern=product:*',
  'warm-cache': 'warm-cache catalog cache=products from=warroom:undo:0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  'restart-service': 'restart-service orders workload=orders',
  'run-runbook': 'run-runbook orders runbook=drain-queue arguments={"queue":"mail"}',
};

export const fixWord: Readonly<Record<RemedyKind, string>> = {
  'pull-request': 'opens a pull request with a patch',
  'revert-commit': 'takes a commit back',
  'config-rollback': 'brings a configuration file back to an earlier version',
  'create-index': 'creates an index concurrently, measured on a copy first',
  'drop-index': 'drops an index concurrently',
  'flush-cache': 'deletes cache keys by pattern',
  'warm-cache': 'brings back the keys that an earlier flush recorded',
  'restart-service': 'restarts a container or rolls a deployment',
  'run-runbook': 'runs a command that the catalogue names',
};
