import { randomBytes } from 'node:crypto';
import { signingSecret } from '../arena.ts';
import { type AttackClass, pick, type Run, siege } from '../attack-class.ts';
import type { Scene } from '../scene.ts';
import { type Letter, type SlackDoor, sign } from '../slack-door.ts';
import { who } from '../world.ts';

const doorOf = (scene: Scene): SlackDoor => scene.arena.door;
const approval = (scene: Scene, by: string = who.ana): string =>
  doorOf(scene).clickBody('approve', by, scene.value);
const nowS = (): number => Math.floor(Date.now() / 1000);

/** Letters that Slack did not write, or not like this, or not now. */
const letters: Readonly<Record<string, (scene: Scene, turn: number) => Letter>> = {
  'forged-signature': (scene, turn) => {
    const body = approval(scene);
    const right = sign(signingSecret, nowS(), body);
    const forged = [
      `v0=${randomBytes(32).toString('hex')}`,
      sign(randomBytes(16).toString('hex'), nowS(), body),
      sign('', nowS(), body),
      sign(signingSecret, nowS(), ''),
      sign(signingSecret, '', body),
      right.slice(0, -1),
      right.replace('v0=', 'v1='),
      right.replace('v0=', ''),
      `${right}0`,
      'v0=',
      '',
    ];
    return { body, signature: pick(forged, turn) };
  },
  'no-signature': (scene, turn) => ({
    body: approval(scene),
    ...pick<Partial<Letter>>(
      [
        { signature: null },
        { timestamp: null },
        { signature: null, timestamp: null },
        { signature: 'v0=', timestamp: '' },
      ],
      turn,
    ),
  }),
  'signed-by-another-app': (scene, turn) => ({
    body: doorOf(scene).clickBody('approve', who.ana, scene.value, { api_app_id: pick(['A1', 'A2'], turn) }),
    secret: 'the-secret-of-another-app',
  }),
  'signature-from-the-future': (scene, turn) => ({
    body: approval(scene),
    timestamp: nowS() + pick([310, 600, 3_600, 86_400, 31_536_000, 315_360_000], turn),
  }),
  'signature-of-long-ago': (scene, turn) => ({
    body: approval(scene),
    timestamp: nowS() - pick([310, 600, 3_600, 86_400, 31_536_000, nowS()], turn),
  }),
  'timestamp-that-is-none': (scene, turn) => ({
    body: approval(scene),
    timestamp: pick(
      [
        `${nowS()}.5`,
        `+${nowS() + 9_999}`,
        '1e99',
        'Infinity',
        'NaN',
        '0x7fffffff',
        `-${nowS()}`,
        '9'.repeat(20),
        'now',
        ' ',
      ],
      turn,
    ),
  }),
  'old-letter-with-a-new-date': (scene, turn) => {
    const body = approval(scene);
    return { body, signature: sign(signingSecret, nowS() - pick([310, 900, 7_200], turn), body) };
  },
  'bytes-changed-after-signing': (scene, turn) => {
    const signed = approval(scene, who.sam);
    const signature = sign(signingSecret, nowS(), signed);
    const changed = [
      signed.replaceAll(who.sam, who.ana),
      approval(scene),
      `${signed}&payload=${new URLSearchParams(approval(scene)).get('payload')}`,
      `${approval(scene)}&${signed}`,
      `${approval(scene)}\n`,
      approval(scene).replace('plan_approve', 'plan_break_glass'),
    ];
    return { body: pick(changed, turn), signature };
  },
  // A signature covers body and time, not the content type: words of a message must not become a click under another one.
  'message-sent-as-a-form': (scene, turn) => {
    const payload = encodeURIComponent(new URLSearchParams(approval(scene)).get('payload') ?? '');
    const event = {
      type: 'event_callback',
      team_id: 'T1',
      api_app_id: 'A1',
      event_id: 'Ev1',
      event: {
        type: pick(['message', 'app_mention'], turn),
        user: who.sam,
        channel: scene.channelId,
        text: pick(
          [`x&payload=${payload}&y=`, `payload=${payload}`, `&payload=${payload}`, `x;payload=${payload}`],
          turn,
        ),
      },
    };
    const contentType = pick(
      [
        'application/x-www-form-urlencoded',
        'application/x-www-form-urlencoded; charset=utf-8',
        'application/json',
        'text/plain',
        '',
      ],
      turn,
    );
    return { body: JSON.stringify(event), contentType };
  },
  'form-sent-as-something-else': (scene, turn) => ({
    body: doorOf(scene).clickBody('approve', who.sam, scene.value, { as: who.ana }),
    contentType: pick(
      ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml'],
      turn,
    ),
  }),
  'user-claimed-outside-the-signed-body': (scene, turn) => ({
    body: approval(scene, who.sam),
    query: pick(
      ['', `?user_id=${who.ana}`, `?payload=${encodeURIComponent(approval(scene).slice(8))}`, '?ssl_check=1'],
      turn,
    ),
    headers: pick<Record<string, string>>(
      [
        { 'x-slack-user-id': who.ana },
        { cookie: `user=${who.ana}` },
        { 'x-forwarded-user': who.ana, 'x-original-user': who.ana },
        { authorization: `Bearer ${who.ana}` },
        { 'x-http-method-override': 'GET', 'x-slack-retry-num': '1' },
      ],
      turn,
    ),
  }),
  // Signed by Slack, since whoever clicked can make parts of what they send: ids in the wrong places.
  'user-smuggled-into-the-body': (scene, turn) => {
    const value = JSON.stringify({ ...(JSON.parse(scene.value) as object), userId: who.ana });
    const change = pick<object>(
      [
        { user_id: who.ana },
        { message: { type: 'message', ts: '1.1', user: who.ana, text: `approved by <@${who.ana}>` } },
        { state: { values: { user: { value: { value: who.ana } } } } },
        { authorizations: [{ user_id: who.ana }] },
        { view: { private_metadata: JSON.stringify({ userId: who.ana }) } },
      ],
      turn,
    );
    return {
      body: doorOf(scene).clickBody('approve', who.sam, turn % 2 === 0 ? value : scene.value, change),
    };
  },
  'another-team': (scene, turn) => ({
    body: doorOf(scene).clickBody('approve', 'UEXT0001', scene.value, {
      team: { id: 'T2', domain: 'elsewhere' },
      user: { id: 'UEXT0001', username: who.ana, name: 'Ana', team_id: pick(['T2', 'T1'], turn) },
      is_enterprise_install: turn % 2 === 1,
    }),
  }),
};

const byLetter: AttackClass[] = Object.entries(letters).map(([name, letter]) => ({
  name,
  breaks: name.includes('user') || name === 'another-team' ? 'right-person' : 'signed',
  tries: 60,
  // What nobody answers is a 404 after three seconds: fewer plans, more at once.
  run: (run: Run) =>
    siege(run, { perPlan: 20, attack: (scene, turn) => scene.arena.door.send(letter(scene, turn)) }),
}));

/** One true letter, over and over: at the same moment, and after what it asked for has been done. */
const replayed: AttackClass = {
  name: 'true-letter-replayed',
  breaks: 'once',
  tries: 80,
  run: (run) =>
    siege(run, {
      perPlan: 20,
      restore: 'never',
      async prepare(scene) {
        run.arena.ledger.allow(scene.plan.id, 'do');
        const timestamp = nowS();
        const body = approval(scene);
        held.set(scene.plan.id, { body, timestamp });
        await run.legit(async () => {
          await scene.arena.door.send({ body, timestamp });
          await scene.arena.quiet(scene.plan.id);
          await scene.run();
          return scene.arena.ledger.count(scene.plan.id, 'do') === 1;
        });
      },
      attack: (scene) => scene.arena.door.send(held.get(scene.plan.id) ?? { body: '' }),
    }),
};

/** A true letter that was held back until the plan had been rejected by somebody else. */
const heldBack: AttackClass = {
  name: 'true-letter-held-back',
  breaks: 'this-plan',
  tries: 40,
  run: (run) =>
    siege(run, {
      perPlan: 10,
      restore: 'never',
      async prepare(scene) {
        held.set(scene.plan.id, { body: approval(scene), timestamp: nowS() });
        await scene.reject(who.bea);
        await run.arena.quiet(scene.plan.id);
      },
      attack: (scene) => scene.arena.door.send(held.get(scene.plan.id) ?? { body: '' }),
    }),
};

const held = new Map<string, Letter>();

export const transport: readonly AttackClass[] = [...byLetter, replayed, heldBack];
