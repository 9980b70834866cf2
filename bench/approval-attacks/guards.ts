import type { Edit, SwitchedOff } from '../guarded/guard.ts';

export interface Guard extends SwitchedOff {
  /** Statements that take away what the database itself keeps of it. */
  readonly sql?: readonly string[];
  /** Classes that must count something once it is off. */
  readonly shows: readonly string[];
  /** Attempts a class; 12 when absent. */
  readonly tries?: number;
}

const judging = (scene: string): Edit => ({
  file: 'src/domain/approval.ts',
  wrap: 'judgeClick',
  by: `(judge) => (click, scene) => judge(click, { ...scene, ${scene} })`,
});

const store = (file: string, wrap: string, methods: string): Edit => ({
  file: `src/store/${file}`,
  wrap,
  by: `(make) => (session) => { const own = make(session); return { ...own, ${methods} }; }`,
});

const replaced = (file: string, find: string, put: string): Edit => ({ file, find, put });
const answering = (file: string, wrap: string, answer: string): Edit => ({
  file,
  wrap,
  by: `() => () => (${answer})`,
});

const withoutState: readonly Edit[] = [
  judging(`plan: { ...scene.plan, state: 'pending' }`),
  store(
    'plans.ts',
    'createPlans',
    `move: async (id, _from, to) => { await session.db.updateTable('plans').set({ state: to }).where('id', '=', id).execute(); return true; }`,
  ),
];

export const guards: readonly Guard[] = [
  {
    name: 'slack-signature',
    off: [
      replaced(
        'src/slack/app.ts',
        'signingSecret: config.signingSecret,\n          endpoints',
        'signingSecret: config.signingSecret, signatureVerification: false,\n          endpoints',
      ),
    ],
    shows: ['forged-signature', 'bytes-changed-after-signing'],
  },
  {
    name: 'no-letters-from-the-future',
    off: [
      {
        file: 'src/slack/signature-guard.ts',
        wrap: 'refuseFutureRequests',
        by: '() => (listener) => listener',
      },
    ],
    shows: ['signature-from-the-future'],
  },
  {
    name: 'content-type-of-events',
    off: [answering('src/slack/signature-guard.ts', 'isDisguised', 'false')],
    shows: ['message-sent-as-a-form'],
  },
  {
    name: 'digest-and-nonce',
    off: [
      {
        file: 'src/domain/approval.ts',
        wrap: 'judgeClick',
        by: '(judge) => (click, scene) => judge({ ...click, digest: scene.plan.digest, nonce: scene.plan.nonce }, scene)',
      },
    ],
    shows: ['nonce-of-another-time', 'digest-of-something-else', 'plan-of-one-card-with-digest-of-another'],
  },
  {
    name: 'decided-stays-decided',
    off: withoutState,
    sql: ['alter table plans disable trigger user'],
    shows: ['button-of-a-rejected-plan', 'approved-and-rejected-at-one-moment'],
    tries: 24,
  },
  { name: 'expiry-of-a-plan', off: [judging('now: new Date(0)')], shows: ['button-of-an-expired-plan'] },
  {
    name: 'full-members-only',
    off: [judging(`person: { ...scene.person, kind: 'member' }`)],
    shows: ['owner-who-is-guest', 'owner-who-is-deactivated', 'owner-who-is-bot', 'owner-who-is-external'],
  },
  {
    name: 'card-in-the-channel',
    off: [judging('shown: true')],
    shows: ['card-that-is-not-in-the-channel-yet'],
  },
  {
    name: 'halt',
    off: [store('halts.ts', 'createHalts', 'active: async () => undefined, holdOff: async () => undefined')],
    shows: ['approved-while-halted', 'halted-between-click-and-run'],
  },
  {
    name: 'named-people-lift-a-halt',
    off: [replaced('src/flow/halt.ts', 'if (!lifters.has(person.id)) {', 'if (false) {')],
    shows: ['halt-lifted-by-who-may-not'],
  },
  {
    name: 'not-the-author',
    off: [judging('plan: { ...scene.plan, body: { ...scene.plan.body, requestedBy: [] } }')],
    shows: ['author-approves', 'own-fix-made-anew-and-approved', 'author-approves-through-a-delegate'],
  },
  {
    name: 'role-of-break-glass',
    off: [judging('breakGlass: { has: () => true }')],
    shows: ['glass-broken-without-the-role'],
  },
  {
    name: 'reason-of-break-glass',
    off: [
      {
        file: 'src/domain/approval.ts',
        wrap: 'judgeClick',
        by: `(judge) => (click, scene) => judge({ ...click, reason: 'r'.repeat(40) }, scene)`,
      },
    ],
    shows: ['glass-broken-without-a-reason'],
  },
  {
    name: 'approvers',
    off: [
      {
        file: 'src/flow/approval/approvers.ts',
        wrap: 'approversOf',
        by: `(own) => async (...given) => {
          const found = await own(...given);
          const everybody = { has: () => true, size: 1 };
          return found && { ...found, byService: new Map([...found.byService.keys()].map((name) => [name, everybody])) };
        }`,
      },
    ],
    shows: ['stranger', 'approver-of-another-service'],
  },
  {
    name: 'groups-asked-live',
    off: [
      {
        file: 'src/flow/incident/people.ts',
        wrap: 'lookUpMembers',
        by: `(ask) => async (flow, refs) => {
          const known = ((globalThis.askedOnce ??= new WeakMap()).get(flow.directory)) ?? new Map();
          globalThis.askedOnce.set(flow.directory, known);
          if (!known.has(refs.join())) known.set(refs.join(), await ask(flow, refs));
          return known.get(refs.join());
        }`,
      },
    ],
    shows: ['removed-a-moment-earlier'],
  },
  {
    name: 'no-answer-is-no-right',
    off: [
      {
        file: 'src/flow/incident/people.ts',
        wrap: 'lookUpMembers',
        by: `(ask) => async (...given) => (await ask(...given)) ?? new Set(['UANA0001', 'ULEO0001', 'USAM0001'])`,
      },
      {
        file: 'src/flow/incident/people.ts',
        wrap: 'lookUpPerson',
        by: `(ask) => async (flow, id) => (await ask(flow, id)) ?? { id, name: id, kind: 'member' }`,
      },
    ],
    shows: ['directory-down', 'directory-groups-down-with-fallback'],
  },
  {
    name: 'two-people-for-high-risk',
    off: [answering('src/domain/approval.ts', 'approvalsNeeded', '1')],
    shows: ['one-person-twice', 'second-of-two-is-a-stranger'],
  },
  {
    name: 'lender-and-borrower-are-one',
    off: [
      { file: 'src/domain/approval.ts', wrap: 'countVoices', by: '() => (approvals) => approvals.length' },
    ],
    shows: ['one-voice-through-two-mouths', 'one-voice-through-three-mouths'],
  },
  {
    name: 'delegations-end',
    off: [
      store(
        'delegations.ts',
        'createDelegations',
        `active: () => session.db.selectFrom('delegations').selectAll().execute()`,
      ),
    ],
    shows: ['delegation-that-has-ended', 'delegation-taken-back'],
  },
  {
    name: 'delegation-is-worth-what-the-giver-is',
    off: [
      judging(
        'delegations: scene.delegations.map((one) => ({ ...one, from: [...[...scene.approvers.values()][0]][0] }))',
      ),
    ],
    shows: ['delegation-of-who-left-the-group', 'delegation-handed-on'],
  },
  {
    name: 'closed-accounts-have-no-voice',
    off: [
      replaced(
        'src/flow/approval/approvers.ts',
        `if (person.kind !== 'member') lapsed.add(person.id);`,
        'void lapsed;',
      ),
    ],
    shows: ['delegation-of-who-left-the-company', 'first-of-two-has-left-the-company'],
  },
  {
    name: 'an-owner-of-every-service',
    off: [
      {
        file: 'src/domain/approval.ts',
        wrap: 'isEnough',
        by: `() => (_plan, approvals) => approvals.some((one) => one.decision === 'approve')`,
      },
    ],
    shows: ['owner-of-one-of-two-services'],
  },
  {
    name: 'digest-taken-again',
    off: [
      replaced('src/flow/execution/why-not-run.ts', 'sha256(plan.canonical) !== plan.digest || !own', '!own'),
    ],
    shows: ['bytes-changed-after-the-click'],
  },
  {
    name: 'bytes-belong-to-their-row',
    off: [replaced('src/flow/execution/why-not-run.ts', 'plan.digest || !own', 'plan.digest')],
    shows: ['row-that-carries-another-plan-whole'],
  },
  {
    name: 'approvals-counted-again',
    off: [
      answering('src/flow/execution/why-not-run.ts', 'whyNotRun', 'null'),
      replaced(
        'src/flow/execution/run-steps.ts',
        'if (!begun && (last === undefined ||',
        'if (false && (last === undefined ||',
      ),
    ],
    shows: ['state-set-by-hand', 'approval-of-another-digest', 'approvals-moved-from-another-plan'],
  },
  {
    name: 'expiry-of-an-approval',
    off: [answering('src/flow/execution/why-not-run.ts', 'isTooOld', 'false')],
    shows: ['approved-and-then-forgotten'],
    tries: 8,
  },
  {
    name: 'expiry-looked-at-when-it-begins',
    off: [
      replaced(
        'src/flow/execution/run-steps.ts',
        'if (!begun && (last === undefined ||',
        'if (false && (last === undefined ||',
      ),
    ],
    shows: ['worker-that-stands-still'],
    tries: 8,
  },
  {
    name: 'pins-looked-at-again',
    off: [replaced('src/flow/execution/run-steps.ts', 'if (stale !== null) return without(stale);', '')],
    shows: ['base-moved-after-the-click', 'second-step-with-a-moved-base'],
  },
  {
    name: 'one-process-carries-a-plan-out',
    off: [
      store('target-locks.ts', 'createTargetLocks', 'acquire: async () => null, renew: async () => true'),
    ],
    shows: ['hundred-clicks-over-two-processes'],
    tries: 100,
  },
  {
    name: 'rate-cap',
    off: [store('plans.ts', 'createPlans', 'countSelfRuns: async () => 0')],
    shows: ['more-at-once-than-the-hour-allows'],
  },
  {
    name: 'rate-counted-one-at-a-time',
    off: [replaced('src/store/plans.ts', `await lockAdvisory(session.db, 'selfRuns');`, '')],
    shows: ['more-at-once-than-the-hour-allows'],
    tries: 30,
  },
  {
    name: 'taint',
    off: [answering('src/domain/evidence.ts', 'restsOnPublicInput', 'false')],
    shows: ['rests-on-what-the-public-wrote'],
  },
  {
    name: 'kinds-that-may-run-by-themselves',
    off: [
      {
        file: 'src/domain/autonomy.ts',
        wrap: 'decideOffer',
        by: `(decide) => (plan, targets) =>
          decide(plan, targets.map((one) => ({ ...one, autonomy: { ...one.autonomy, kinds: plan.kinds } })))`,
      },
    ],
    shows: ['kind-that-is-not-on-the-list'],
  },
  {
    name: 'risk-by-code',
    off: [
      {
        file: 'src/domain/risk.ts',
        wrap: 'assessRisk',
        by: `(assess) => (circumstances, policy) => ({ ...assess(circumstances, policy), class: 'low' })`,
      },
    ],
    shows: ['risk-words-of-a-model'],
  },
  {
    name: 'autonomy-judged-again',
    off: [
      replaced('src/flow/approval/self-run.ts', `if (offer.kind !== 'self-run') return`, 'if (false) return'),
    ],
    shows: ['mode-lowered-since'],
  },
  {
    name: 'announced-in-the-channel',
    off: [replaced('src/flow/approval/self-run.ts', 'if (shown === undefined) return', 'if (false) return')],
    shows: ['announced-where-nobody-could-see-it'],
  },
  {
    name: 'announced-for-its-moment',
    off: [
      replaced('src/flow/approval/self-run.ts', 'if (now >= plan.expiresAt) return', 'if (false) return'),
    ],
    shows: ['its-moment-is-long-gone'],
  },
  {
    name: 'stop',
    off: [
      answering(
        'src/flow/approval/self-run.ts',
        'stopPlan',
        'Promise.resolve({ accepted: true, note: null })',
      ),
    ],
    shows: ['stopped-by-somebody'],
  },
  {
    name: 'nothing-is-cut-on-a-card',
    off: [answering('src/slack/blocks/plan-change.ts', 'isWhole', 'true')],
    shows: ['hidden-text-on-a-card'],
    tries: 200,
  },
  {
    name: 'hidden-characters-written-out',
    off: [{ file: 'src/slack/blocks/mrkdwn.ts', wrap: 'showHidden', by: '() => (text) => text' }],
    shows: ['hidden-text-on-a-card', 'hidden-text-through-slack'],
    tries: 60,
  },
  {
    name: 'parameters-word-for-word',
    off: [
      {
        file: 'src/slack/blocks/mrkdwn.ts',
        wrap: 'exact',
        by: `() => (text) => '\`' + text.replace(/\\s+/g, ' ').trim() + '\`'`,
      },
    ],
    shows: ['hidden-text-on-a-card'],
    tries: 200,
  },
  {
    name: 'what-nobody-can-read-is-not-offered',
    off: [answering('src/slack/blocks/plan-change.ts', 'whyUnshowable', 'null')],
    shows: ['change-that-nobody-can-read'],
    tries: 4,
  },
  {
    name: 'file-before-buttons',
    off: [
      replaced(
        'src/slack/blocks/plan-card.ts',
        'const ready = fits || context.attached || !open;',
        'const ready = true;',
      ),
      judging('shown: true'),
    ],
    shows: ['file-that-slack-did-not-take'],
    tries: 4,
  },
  {
    name: 'who-may-undo',
    off: [answering('src/domain/approval.ts', 'judgeUndo', 'null')],
    shows: ['undone-by-a-stranger', 'undone-with-another-button', 'undone-by-who-has-left-the-group'],
  },
  {
    name: 'clock-of-the-database',
    off: [
      replaced(
        'src/store/session.ts',
        'sql<Date>`clock_timestamp()`',
        'sql<Date>`$' + '{new Date()}::timestamptz`',
      ),
    ],
    shows: ['clock-of-the-process-behind'],
  },
  {
    name: 'patterns-of-the-catalogue',
    off: [answering('src/remedies/flush-cache/narrow-pattern.ts', 'whyNotAllowed', 'null')],
    shows: ['cache-pattern-that-reaches-further'],
    tries: 40,
  },
  {
    name: 'arguments-of-a-runbook',
    off: [
      {
        file: 'src/remedies/run-runbook/build-argv.ts',
        wrap: 'buildArgv',
        by: `() => ({ argv }, values) => ({
          argv: argv.map((word) => word.replace(/\\{(\\w+)\\}/g, (_, name) => String(values[name]))),
          inverse: null,
        })`,
      },
    ],
    shows: ['runbook-arguments-that-say-more'],
    tries: 60,
  },
];
