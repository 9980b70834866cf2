import type { RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Catalogue } from '../../domain/service.ts';
import type { Log } from '../../platform/log.ts';
import type { Links } from '../../platform/signed-links.ts';
import type { Record } from '../../ports/record.ts';
import type { FlowActions } from '../flow-actions.ts';
import type { SlackPolicy } from '../policy.ts';

export interface CommandOptions {
  readonly actions: FlowActions;
  readonly client: WebClient;
  readonly record: Record;
  readonly links: Links;
  readonly catalogue: Catalogue;
  readonly policy: SlackPolicy;
  readonly log: Log;
}

/** Who typed a command, and where. */
export interface Asked {
  readonly channel: string;
  readonly userId: string;
  readonly triggerId: string;
  readonly client: WebClient;
  readonly respond?: RespondFn;
}
