import type { RemedyKind } from '../domain/plan.ts';
import type { Remedy, RemedyRegistry } from '../ports/remedy.ts';
import { createConfigRollback } from './config-rollback/config-rollback.ts';
import { createCreateIndex } from './create-index/create-index.ts';
import { createDropIndex } from './drop-index/drop-index.ts';
import { createFlushCache } from './flush-cache/flush-cache.ts';
import { createPullRequest } from './pull-request/pull-request.ts';
import { createRestartService } from './restart-service/restart-service.ts';
import { createRevertCommit } from './revert-commit/revert-commit.ts';
import { createRunRunbook } from './run-runbook/run-runbook.ts';
import type { Tools } from './tools.ts';
import { createWarmCache } from './warm-cache/warm-cache.ts';

/** Every kind of fix that a plan may name; each is a folder here. */
const factories = {
  'pull-request': createPullRequest,
  'revert-commit': createRevertCommit,
  'config-rollback': createConfigRollback,
  'create-index': createCreateIndex,
  'drop-index': createDropIndex,
  'flush-cache': createFlushCache,
  'warm-cache': createWarmCache,
  'restart-service': createRestartService,
  'run-runbook': createRunRunbook,
} satisfies Record<RemedyKind, (tools: Tools) => Remedy>;

export function createRemedies(tools: Tools): RemedyRegistry {
  const made = Object.entries(factories).map(([kind, create]) => [kind, create(tools)]);
  return Object.fromEntries(made) as RemedyRegistry;
}
