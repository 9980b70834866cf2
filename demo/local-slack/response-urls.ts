import { randomUUID } from 'node:crypto';
import type { PerformCall } from './api-calls.ts';
import { checkBlocks } from './block-limits.ts';
import type { ChangeFeed } from './change-feed.ts';
import { isObject, type JsonObject, objectOf, textOf } from './json-shapes.ts';
import type { Memory } from './memory.ts';
import { withBlockIds } from './message-shape.ts';
import type { AppIdentity } from './workspace.ts';

const LIFETIME_MS = 30 * 60_000;
const USES_MAX = 5;

interface Issued {
  channelId: string;
  personId: string;
  /** The message that was acted on, if any. */
  original?: { ts: string; isEphemeral: boolean };
  threadTs?: string;
  expiresAt: number;
  usesLeft: number;
}

export interface ResponseUrls {
  issue(about: Pick<Issued, 'channelId' | 'personId' | 'original' | 'threadTs'>): string;
  /** Handles the app's POST to an issued URL. */
  answer(id: string, request: Request): Promise<Response>;
  /** Does what a body says: also used for a slash command's direct answer. */
  apply(
    body: JsonObject,
    about: Pick<Issued, 'channelId' | 'personId' | 'original' | 'threadTs'>,
  ): Promise<string>;
}

export function createResponseUrls(front: {
  publicUrl: string;
  perform: PerformCall;
  memory: Memory;
  feed: ChangeFeed;
  app: AppIdentity;
  now: () => number;
}): ResponseUrls {
  const issued = new Map<string, Issued>();
  let ephemeralCount = 0;

  /** An ephemeral message that Slack itself shows: unlike chat.postEphemeral it needs no membership. */
  function showEphemeral(
    body: JsonObject,
    about: Pick<Issued, 'channelId' | 'personId' | 'threadTs'>,
    ts: string,
  ): void {
    const message = {
      type: 'message',
      user: front.app.botUserId,
      bot_id: front.app.botId,
      ts,
      text: textOf(body.text),
      is_ephemeral: true,
      ...(body.blocks ? { blocks: withBlockIds(body.blocks) } : {}),
      ...(about.threadTs ? { thread_ts: about.threadTs } : {}),
    };
    front.memory.ephemerals.set(ts, { ts, channelId: about.channelId, personId: about.personId, message });
    front.feed.bump();
  }

  const apply: ResponseUrls['apply'] = async (body, about) => {
    const original = about.original;
    if (body.delete_original === true && original) {
      if (!original.isEphemeral)
        return resultOf(await call('chat.delete', { channel: about.channelId, ts: original.ts }));
      front.memory.ephemerals.delete(original.ts);
      front.feed.bump();
      return 'ok';
    }
    if (!textOf(body.text) && !body.blocks && !body.attachments) return 'no_text';
    if (body.blocks !== undefined) {
      const check = checkBlocks(body.blocks, 'message');
      if (check.error) return check.error;
    }
    const content: JsonObject = { text: textOf(body.text), ...(body.blocks ? { blocks: body.blocks } : {}) };
    if (body.replace_original === true && original) {
      if (original.isEphemeral) showEphemeral(body, about, original.ts);
      else
        return resultOf(await call('chat.update', { channel: about.channelId, ts: original.ts, ...content }));
      return 'ok';
    }
    const threadTs = textOf(body.thread_ts) || about.threadTs;
    if (body.response_type === 'in_channel') {
      const thread = threadTs ? { thread_ts: threadTs } : {};
      return resultOf(await call('chat.postMessage', { channel: about.channelId, ...content, ...thread }));
    }
    ephemeralCount += 1;
    const ts = `${Math.floor(front.now() / 1000)}.9${String(ephemeralCount).padStart(5, '0')}`;
    showEphemeral(body, threadTs ? { ...about, threadTs } : about, ts);
    return 'ok';
  };

  /** Response URLs work where the bot is no member, so the call is not made as the app's own. */
  async function call(method: string, args: JsonObject) {
    return front.perform('app', method, args);
  }

  return {
    apply,
    issue(about) {
      const id = randomUUID();
      issued.set(id, { ...about, expiresAt: front.now() + LIFETIME_MS, usesLeft: USES_MAX });
      return `${front.publicUrl}/response/${id}`;
    },
    async answer(id, request) {
      const target = issued.get(id);
      if (!target || target.expiresAt <= front.now()) return refuse('expired_url');
      if (target.usesLeft <= 0) return refuse('used_url');
      let body: unknown;
      try {
        body = await request.json();
      } catch {
        return refuse('invalid_payload', 400);
      }
      if (!isObject(body)) return refuse('invalid_payload', 400);
      target.usesLeft -= 1;
      const result = await apply(objectOf(body), target);
      return result === 'ok' ? new Response('ok') : refuse(result, 400);
    },
  };
}

function resultOf(answer: { ok: boolean; error?: string }): string {
  return answer.ok ? 'ok' : (answer.error ?? 'internal_error');
}

function refuse(error: string, status = 404): Response {
  return Response.json({ ok: false, error }, { status });
}
