import type { PerformCall } from './api-calls.ts';
import type { ChangeFeed } from './change-feed.ts';
import { isObject, type JsonObject, objectOf, objectsOf, parsedJson, textOf } from './json-shapes.ts';
import type { Memory } from './memory.ts';
import { blocksOf } from './message-shape.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { AppConnection, Delivery } from './signed-delivery.ts';
import { collectState, missingInputs, type StateValues } from './view-state.ts';
import type { Person, Workspace } from './workspace.ts';

/** What the person sees of an interaction: done, or why not. */
export type Outcome = { ok: true; errors?: Record<string, string> } | { ok: false; error: string };

/** Where a click happened, and what it carries beyond the element itself (a chosen option, a user). */
export interface Click {
  actionId: string;
  blockId?: string;
  chosen?: JsonObject;
}

export interface Interactions {
  command(person: Person, channelId: string, command: string, text: string): Promise<Outcome>;
  clickMessage(
    person: Person,
    channelId: string,
    ts: string,
    click: Click,
    state?: StateValues,
  ): Promise<Outcome>;
  clickView(person: Person, click: Click, state?: StateValues): Promise<Outcome>;
  submitView(person: Person, state: StateValues): Promise<Outcome>;
  closeView(person: Person): Promise<Outcome>;
}

export function createInteractions(front: {
  workspace: Workspace;
  connection: AppConnection;
  memory: Memory;
  feed: ChangeFeed;
  perform: PerformCall;
  responseUrls: ResponseUrls;
}): Interactions {
  const { workspace, connection, memory, feed, perform, responseUrls } = front;
  const { team, app } = workspace;

  async function issueTrigger(person: Person, viewId?: string): Promise<string> {
    const answer = await workspace.call('app', 'views.generateTriggerId', {
      user_id: person.id,
      ...(viewId ? { view_id: viewId } : {}),
    });
    const triggerId = textOf(answer.trigger_id);
    memory.triggers.set(triggerId, person.id);
    return triggerId;
  }

  async function base(type: string, person: Person, viewId?: string): Promise<JsonObject> {
    return {
      type,
      team: { id: team.id, domain: team.domain },
      user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
      api_app_id: app.appId,
      token: 'local',
      trigger_id: await issueTrigger(person, viewId),
      enterprise: null,
      is_enterprise_install: false,
    };
  }

  function post(payload: JsonObject): Promise<Delivery> {
    return connection.post(
      new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
      'application/x-www-form-urlencoded',
    );
  }

  async function findMessage(channelId: string, ts: string, person: Person) {
    const ephemeral = memory.ephemerals.get(ts);
    if (ephemeral)
      return ephemeral.personId === person.id ? { message: ephemeral.message, isEphemeral: true } : undefined;
    const answer = await perform({ personId: person.id }, 'conversations.replies', {
      channel: channelId,
      ts,
    });
    const message = objectsOf(answer.messages).find((candidate) => candidate.ts === ts);
    return message && { message, isEphemeral: false };
  }

  const interactions: Interactions = {
    async command(person, channelId, command, text) {
      const info = await workspace.call({ personId: person.id }, 'conversations.info', {
        channel: channelId,
      });
      const about = { channelId, personId: person.id };
      const fields = {
        token: 'local',
        team_id: team.id,
        team_domain: team.domain,
        channel_id: channelId,
        channel_name: textOf(objectOf(info.channel).name) || 'directmessage',
        user_id: person.id,
        user_name: person.name,
        command,
        text,
        api_app_id: app.appId,
        is_enterprise_install: 'false',
        response_url: responseUrls.issue(about),
        trigger_id: await issueTrigger(person),
      };
      const delivery = await connection.post(
        new URLSearchParams(fields).toString(),
        'application/x-www-form-urlencoded',
      );
      if (!delivery.ok) {
        const error = delivery.reason === 'http_timeout' ? 'operation_timeout' : 'dispatch_failed';
        await responseUrls.apply({ text: `${command} failed with the error "${error}"` }, about);
        return { ok: false, error };
      }
      const body = delivery.body.trim();
      const answer = parsedJson(body);
      if (isObject(answer)) await responseUrls.apply(answer, about);
      else if (body) await responseUrls.apply({ text: body }, about);
      return { ok: true };
    },

    async clickMessage(person, channelId, ts, click, state = {}) {
      const found = await findMessage(channelId, ts, person);
      if (!found) return { ok: false, error: 'message_not_found' };
      const action = findAction(blocksOf(found.message), click);
      if (!action) return { ok: false, error: 'action_not_found' };
      const info = await workspace.call({ personId: person.id }, 'conversations.info', {
        channel: channelId,
      });
      const threadTs = textOf(found.message.thread_ts);
      const delivery = await post({
        ...(await base('block_actions', person)),
        container: {
          type: 'message',
          message_ts: ts,
          channel_id: channelId,
          is_ephemeral: found.isEphemeral,
          ...(threadTs ? { thread_ts: threadTs } : {}),
        },
        channel: { id: channelId, name: textOf(objectOf(info.channel).name) },
        ...(found.isEphemeral ? {} : { message: found.message }),
        state: { values: collectState(blocksOf(found.message), withChoice(state, action)) },
        response_url: responseUrls.issue({
          channelId,
          personId: person.id,
          original: { ts, isEphemeral: found.isEphemeral },
          ...(threadTs && threadTs !== ts ? { threadTs } : {}),
        }),
        actions: [action],
      });
      return outcomeOf(delivery);
    },

    async clickView(person, click, state = {}) {
      const view = memory.modals.get(person.id)?.at(-1) ?? memory.homes.get(person.id);
      if (!view) return { ok: false, error: 'view_not_found' };
      const action = findAction(view.blocks, click);
      if (!action) return { ok: false, error: 'action_not_found' };
      const viewId = textOf(view.id);
      const values = collectState(view.blocks, withChoice(state, action));
      const delivery = await post({
        ...(await base('block_actions', person, viewId)),
        container: { type: 'view', view_id: viewId },
        view: { ...view, state: { values } },
        actions: [action],
      });
      return outcomeOf(delivery);
    },

    async submitView(person, state) {
      const stack = memory.modals.get(person.id) ?? [];
      const view = stack.at(-1);
      if (!view) return { ok: false, error: 'view_not_found' };
      const values = collectState(view.blocks, state);
      const missing = missingInputs(view.blocks, values);
      if (Object.keys(missing).length > 0) return { ok: true, errors: missing };
      const delivery = await post({
        ...(await base('view_submission', person, textOf(view.id))),
        view: { ...view, state: { values } },
        response_urls: [],
      });
      if (!delivery.ok) return outcomeOf(delivery);
      return applyViewResponse(person, view, parsedJson(delivery.body));
    },

    async closeView(person) {
      const stack = memory.modals.get(person.id) ?? [];
      const view = stack.pop();
      feed.bump();
      if (view?.notify_on_close !== true) return { ok: true };
      const { trigger_id: _, ...payload } = await base('view_closed', person);
      return outcomeOf(await post({ ...payload, view, is_cleared: false }));
    },
  };

  /** Slack's four `response_action`s; an empty answer closes this view and shows the one below. */
  async function applyViewResponse(person: Person, view: JsonObject, response: unknown): Promise<Outcome> {
    const stack = memory.modals.get(person.id) ?? [];
    const { response_action: action, errors, view: next } = objectOf(response);
    if (action === 'errors') return { ok: true, errors: objectOf(errors) as Record<string, string> };
    if (action === 'clear') memory.modals.delete(person.id);
    if (action === 'update') {
      const answer = await perform('app', 'views.update', { view_id: view.id, view: next });
      if (!answer.ok) return { ok: false, error: answer.error ?? 'invalid_view' };
    }
    if (action === 'push') {
      const triggerId = await issueTrigger(person, textOf(view.id));
      const answer = await perform('app', 'views.push', { trigger_id: triggerId, view: next });
      if (!answer.ok) return { ok: false, error: answer.error ?? 'invalid_view' };
    }
    // The app may have opened another modal while it answered: only the submitted one closes.
    if (action === undefined)
      memory.modals.set(
        person.id,
        stack.filter((open) => open.id !== view.id),
      );
    feed.bump();
    return { ok: true };
  }

  return interactions;
}

function outcomeOf(delivery: Delivery): Outcome {
  if (delivery.ok) return { ok: true };
  return { ok: false, error: delivery.status ? `${delivery.reason} (${delivery.status})` : delivery.reason };
}

/** The action as Slack sends it, built from the element on the message; undefined when it is not there. */
function findAction(blocks: unknown, click: Click): JsonObject | undefined {
  for (const block of objectsOf(blocks)) {
    if (click.blockId && block.block_id !== click.blockId) continue;
    for (const element of [...objectsOf(block.elements), block.accessory, block.element]) {
      if (!isObject(element) || element.action_id !== click.actionId) continue;
      const { options: _options, confirm: _confirm, placeholder, ...kept } = element;
      return {
        ...kept,
        ...(placeholder ? { placeholder } : {}),
        ...click.chosen,
        block_id: block.block_id,
        action_ts: (Date.now() / 1000).toFixed(6),
      };
    }
  }
  return undefined;
}

/** A select's choice is part of the state that its own action carries. */
function withChoice(state: StateValues, action: JsonObject): StateValues {
  const choice = Object.fromEntries(
    Object.entries(action).filter(
      ([key]) => key.startsWith('selected_') || (key === 'value' && action.type !== 'button'),
    ),
  );
  if (Object.keys(choice).length === 0) return state;
  const blockId = textOf(action.block_id);
  const value = { type: action.type, ...choice };
  return { ...state, [blockId]: { ...state[blockId], [textOf(action.action_id)]: value } };
}
