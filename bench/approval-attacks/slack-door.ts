import { createHmac, randomBytes } from 'node:crypto';

export type PlanAction = 'approve' | 'reject' | 'ask' | 'stop' | 'undo' | 'renew' | 'break_glass';

/** A request as Slack, or somebody who would like to be Slack, sends it. */
export interface Letter {
  readonly body: string;
  readonly contentType?: string;
  /** Seconds; now when absent. */
  readonly timestamp?: number | string | null;
  /** The right one when absent; null sends none. */
  readonly signature?: string | null;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the address. */
  readonly query?: string;
}

/** Everything that reaches Warroom from Slack comes through this one door. */
export class SlackDoor {
  readonly #url: string;
  readonly #secret: string;
  readonly #answers: string;
  readonly #aheadSeconds: number;

  /**
   * @param answers address that takes what is answered to a click
   * @param aheadSeconds how far the clock on the other side is ahead: letters are dated by it, to get as far as they can
   */
  constructor(url: string, secret: string, answers: string, aheadSeconds = 0) {
    this.#url = url;
    this.#secret = secret;
    this.#answers = answers;
    this.#aheadSeconds = aheadSeconds;
  }

  /** @returns the HTTP status; 0 when there was no answer */
  async send(letter: Letter): Promise<number> {
    const timestamp =
      letter.timestamp === undefined ? Math.floor(Date.now() / 1000) + this.#aheadSeconds : letter.timestamp;
    const signature =
      letter.signature === undefined
        ? sign(letter.secret ?? this.#secret, timestamp, letter.body)
        : letter.signature;
    try {
      const response = await fetch(`${this.#url}${letter.query ?? ''}`, {
        method: 'POST',
        body: letter.body,
        signal: AbortSignal.timeout(20_000),
        headers: {
          'content-type': letter.contentType ?? formType,
          ...(timestamp === null ? {} : { 'x-slack-request-timestamp': String(timestamp) }),
          ...(signature === null ? {} : { 'x-slack-signature': signature }),
          ...letter.headers,
        },
      });
      await response.text();
      return response.status;
    } catch {
      return 0;
    }
  }

  /** The body of a click on a button of a card. */
  clickBody(action: PlanAction, userId: string, value: string, change: object = {}): string {
    return form({
      ...base('block_actions', userId),
      container: { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: false },
      channel: { id: 'C1', name: 'room' },
      message: { type: 'message', ts: '1.1', text: 'A card' },
      state: { values: {} },
      response_url: this.#answers,
      actions: [
        {
          type: 'button',
          action_id: `plan_${action}`,
          block_id: 'b1',
          text: { type: 'plain_text', text: 'Button' },
          value,
          action_ts: '1.2',
        },
      ],
      ...change,
    });
  }

  /** The body of a dialog that somebody filled in. */
  dialogBody(
    callbackId: string,
    userId: string,
    metadata: string,
    reason: string,
    change: object = {},
  ): string {
    return form({
      ...base('view_submission', userId),
      view: {
        id: 'V1',
        type: 'modal',
        callback_id: callbackId,
        private_metadata: metadata,
        state: { values: { reason: { value: { type: 'plain_text_input', value: reason } } } },
      },
      response_urls: [],
      ...change,
    });
  }

  commandBody(userId: string, channel: string, text: string, change: Record<string, string> = {}): string {
    return new URLSearchParams({
      token: 'local',
      team_id: 'T1',
      channel_id: channel,
      user_id: userId,
      user_name: userId,
      command: '/warroom',
      text,
      api_app_id: 'A1',
      response_url: this.#answers,
      trigger_id: randomBytes(6).toString('hex'),
      ...change,
    }).toString();
  }

  click(action: PlanAction, userId: string, value: string, change: object = {}): Promise<number> {
    return this.send({ body: this.clickBody(action, userId, value, change) });
  }

  dialog(callbackId: string, userId: string, metadata: string, reason: string): Promise<number> {
    return this.send({ body: this.dialogBody(callbackId, userId, metadata, reason) });
  }

  command(userId: string, channel: string, text: string): Promise<number> {
    return this.send({ body: this.commandBody(userId, channel, text) });
  }
}

const formType = 'application/x-www-form-urlencoded';

export function sign(secret: string, timestamp: number | string | null, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function form(payload: object): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

function base(type: string, userId: string): object {
  return {
    type,
    team: { id: 'T1', domain: 'home' },
    user: { id: userId, username: userId, name: userId, team_id: 'T1' },
    api_app_id: 'A1',
    token: 'local',
    trigger_id: randomBytes(6).toString('hex'),
    enterprise: null,
    is_enterprise_install: false,
  };
}
