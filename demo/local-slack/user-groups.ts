import type { JsonObject } from './json-shapes.ts';
import type { Person, SlackAnswer } from './workspace.ts';

export interface UserGroupSeed {
  /** As in `@user-service-approvers`. */
  handle: string;
  name?: string;
  description?: string;
  /** People's names. */
  users: readonly string[];
}

export interface UserGroup {
  id: string;
  handle: string;
  name: string;
  description: string;
  users: string[];
}

export function createUserGroups(seeds: readonly UserGroupSeed[], people: readonly Person[]): UserGroup[] {
  return seeds.map((seed, index) => ({
    id: `S${String(index + 1).padStart(9, '0')}`,
    handle: seed.handle,
    name: seed.name ?? seed.handle,
    description: seed.description ?? '',
    users: seed.users.flatMap((name) =>
      people.filter((person) => person.name === name).map((person) => person.id),
    ),
  }));
}

/** `usergroups.list` and `usergroups.users.list`, which emulate lacks. */
export function answerUserGroups(
  method: string,
  args: JsonObject,
  groups: readonly UserGroup[],
  teamId: string,
): SlackAnswer {
  if (method === 'usergroups.list') {
    const withUsers = args.include_users === true || args.include_users === 'true';
    return {
      ok: true,
      usergroups: groups.map((group) => ({
        id: group.id,
        team_id: teamId,
        is_usergroup: true,
        is_external: false,
        name: group.name,
        handle: group.handle,
        description: group.description,
        date_delete: 0,
        user_count: group.users.length,
        ...(withUsers ? { users: group.users } : {}),
      })),
    };
  }
  const group = groups.find((candidate) => candidate.id === args.usergroup);
  return group ? { ok: true, users: group.users } : { ok: false, error: 'no_such_subteam' };
}
