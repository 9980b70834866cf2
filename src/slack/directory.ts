import type { WebClient } from '@slack/web-api';
import type { Person } from '../domain/approval.ts';
import { SourceUnreachable } from '../platform/errors.ts';
import type { Directory } from '../ports/directory.ts';
import { refusalCode } from './call-failure.ts';

const unknownUser = new Set(['user_not_found', 'user_not_visible', 'users_not_found']);
const unknownGroup = new Set([
  'no_such_subteam',
  'subteam_not_found',
  'usergroup_not_found',
  'invalid_subteam',
]);

/** Who people are, by Slack, asked anew each time: somebody removed a second ago is removed. */
export function createDirectory(client: WebClient): Directory {
  async function ask<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await untilAborted(work, signal);
    } catch (error) {
      throw new SourceUnreachable(
        `Slack could not say ${what} (${refusalCode(error) ?? 'no answer'}).`,
        'Check that Slack is up and that the app has the scopes users:read and usergroups:read.',
        { cause: error },
      );
    }
  }

  async function groupIds(handles: ReadonlySet<string>, signal: AbortSignal): Promise<string[]> {
    if (handles.size === 0) return [];
    const answer = await ask('which groups exist', signal, () =>
      client.usergroups.list({ include_disabled: false }),
    );
    return (answer.usergroups ?? [])
      .filter((group) => group.handle !== undefined && handles.has(group.handle) && !group.date_delete)
      .flatMap((group) => (group.id === undefined ? [] : [group.id]));
  }

  async function groupMembers(group: string, signal: AbortSignal): Promise<readonly string[]> {
    return ask(`who is in the group ${group}`, signal, async () => {
      try {
        return (
          (await client.usergroups.users.list({ usergroup: group, include_disabled: false })).users ?? []
        );
      } catch (error) {
        if (unknownGroup.has(refusalCode(error) ?? '')) return [];
        throw error;
      }
    });
  }

  return {
    async person(userId, signal) {
      return ask(`who ${userId} is`, signal, async () => {
        try {
          const [home, answer] = await Promise.all([client.auth.test(), client.users.info({ user: userId })]);
          return toPerson(userId, answer.user ?? {}, home);
        } catch (error) {
          if (unknownUser.has(refusalCode(error) ?? ''))
            return { id: userId, name: userId, kind: 'external' };
          throw error;
        }
      });
    },

    async members(refs, signal) {
      const people = new Set(refs.filter((ref) => /^[UW][A-Z0-9]+$/.test(ref)));
      const handles = new Set(refs.filter((ref) => ref.startsWith('@')).map((ref) => ref.slice(1)));
      const groups = [
        ...refs.filter((ref) => /^S[A-Z0-9]+$/.test(ref)),
        ...(await groupIds(handles, signal)),
      ];
      for (const group of new Set(groups)) {
        for (const member of await groupMembers(group, signal)) people.add(member);
      }
      return people;
    },
  };
}

interface RawUser {
  readonly name?: string;
  readonly real_name?: string;
  readonly team_id?: string;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly enterprise_user?: { readonly enterprise_id?: string };
}

function toPerson(id: string, user: RawUser, home: { team_id?: string; enterprise_id?: string }): Person {
  return { id, name: user.real_name || user.name || id, kind: kindOf(id, user, home) };
}

/** The first that applies: the less trusted reading wins. */
function kindOf(
  id: string,
  user: RawUser,
  home: { team_id?: string; enterprise_id?: string },
): Person['kind'] {
  if (user.deleted === true) return 'deactivated';
  if (user.is_bot === true || id === 'USLACKBOT') return 'bot';
  const sameOrganisation =
    home.enterprise_id !== undefined && user.enterprise_user?.enterprise_id === home.enterprise_id;
  const elsewhere = user.team_id !== undefined && user.team_id !== home.team_id && !sameOrganisation;
  if (user.is_stranger === true || elsewhere) return 'external';
  if (user.is_restricted === true || user.is_ultra_restricted === true) return 'guest';
  return 'member';
}

function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}
