import type { RemedyKind } from '../domain/plan.ts';
import type { Remedy, RemedyRegistry } from '../ports/remedy.ts';
import { createRevertCommit } from './revert-commit/revert-commit.ts';
import type { Tools } from './tools.ts';

/** Every kind of fix that a plan may name; each is a folder here. */
const factories = {
  'revert-commit': createRevertCommit,
} satisfies Record<RemedyKind, (tools: Tools) => Remedy>;

export const remedyKinds = Object.keys(factories) as readonly RemedyKind[];

export function createRemedies(tools: Tools): RemedyRegistry {
  return { 'revert-commit': factories['revert-commit'](tools) };
}
