import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Directory } from '../../src/ports/directory.ts';
import { createDirectory } from '../../src/slack/directory.ts';
import { createWebClient } from '../../src/slack/web-client.ts';

const signal = AbortSignal.timeout(60_000);

describe('people and groups', () => {
  let slack: LocalSlack;
  let directory: Directory;
  const idOf = (name: string): string => slack.as(name).person.id;

  beforeAll(async () => {
    slack = await startLocalSlack({
      signingSecret: 's',
      botToken: 'xoxb-test',
      users: [{ name: 'mira', realName: 'Mira Okafor' }, { name: 'jonas' }, { name: 'aiko' }],
      userGroups: [{ handle: 'approvers', users: ['mira', 'aiko'] }],
    });
    directory = createDirectory(createWebClient('xoxb-test', slack.apiUrl, silentLog));
  });

  afterAll(() => slack.stop());

  it('knows a member by name', async () => {
    expect(await directory.person(idOf('mira'), signal)).toEqual({
      id: idOf('mira'),
      name: 'Mira Okafor',
      kind: 'member',
    });
  });

  it('knows the app itself as a bot', async () => {
    expect((await directory.person(slack.app.botUserId, signal)).kind).toBe('bot');
  });

  it('takes somebody whom Slack does not know for a stranger', async () => {
    expect((await directory.person('U0NOBODY', signal)).kind).toBe('external');
  });

  it('flattens ids, group ids and handles, each person once', async () => {
    const group = slack.userGroups[0]?.id ?? '';

    const members = await directory.members([idOf('jonas'), '@approvers', group, idOf('mira')], signal);

    expect([...members].sort()).toEqual([idOf('aiko'), idOf('jonas'), idOf('mira')].sort());
  });

  it('finds nobody in a group that does not exist', async () => {
    expect(await directory.members(['@nobody', 'S0NOBODY'], signal)).toEqual(new Set());
  });

  it('asks anew each time', async () => {
    const before = slack.calls.length;

    await directory.members(['@approvers'], signal);
    await directory.members(['@approvers'], signal);

    expect(slack.calls.length - before).toBe(4);
  });

  it.each([
    ['an outage', () => slack.faults.outage(true)],
    ['a rate limit', () => slack.faults.rateLimit('*', 5, 1)],
    ['a missing scope', () => slack.faults.refuse('*', 5, 'missing_scope')],
  ])('cannot tell during %s, and says so instead of guessing', async (_name, breakIt) => {
    breakIt();

    await expect(directory.person(idOf('mira'), signal)).rejects.toThrow(SourceUnreachable);
    await expect(directory.members(['@approvers'], signal)).rejects.toThrow(SourceUnreachable);
    slack.faults.clear();
  });

  it('stops waiting when the caller does', async () => {
    await expect(directory.person(idOf('mira'), AbortSignal.abort())).rejects.toThrow(SourceUnreachable);
  });
});

/** Kinds of people that the local Slack does not have, by Slack's documented fields. */
describe('who somebody is', () => {
  let user: object;
  let directory: Directory;
  const server = createServer((request, response) => {
    request.resume();
    const home = { ok: true, user_id: 'U0BOT', team_id: 'T1', enterprise_id: 'E1' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/auth.test' ? home : { ok: true, user }));
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    directory = createDirectory(createWebClient('xoxb-test', `http://127.0.0.1:${port}/`, silentLog));
  });

  beforeEach(() => {
    user = {};
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each([
    ['a member', { team_id: 'T1' }, 'member'],
    ['deactivated', { team_id: 'T1', deleted: true }, 'deactivated'],
    ['a bot', { team_id: 'T1', is_bot: true }, 'bot'],
    ['a guest', { team_id: 'T1', is_restricted: true }, 'guest'],
    ['a guest of one channel', { team_id: 'T1', is_ultra_restricted: true }, 'guest'],
    ['a stranger of a shared channel', { team_id: 'T1', is_stranger: true }, 'external'],
    ['of another workspace', { team_id: 'T2' }, 'external'],
    ['of the same organisation', { team_id: 'T2', enterprise_user: { enterprise_id: 'E1' } }, 'member'],
    ['of another organisation', { team_id: 'T2', enterprise_user: { enterprise_id: 'E2' } }, 'external'],
  ])('%s', async (_name, fields, kind) => {
    user = { id: 'U1', name: 'x', ...fields };

    expect((await directory.person('U1', signal)).kind).toBe(kind);
  });
});
