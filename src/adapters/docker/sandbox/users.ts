import type { CommandUser } from './workspace/workspace.ts';

/** Keeps the container alive. No command runs as this user, so that none can end the container with it. */
export const keeperUser: CommandUser = { uid: 10000, gid: 10000 };

/**
 * Runs what only looks. Not the keeper, so that a look that must be ended does not end the container; in no group of the
 * commands' user, so that a file that its group may write to stays closed to it.
 */
export const lookUser: CommandUser = { uid: 10001, gid: 10000 };

/** As many as there are users for them in the images. */
export const slotCount = 64;

/**
 * The system counts processes by user and over all containers, so each slot of an engine has a user of its own.
 */
export function commandUserOf(slot: number): CommandUser {
  return { uid: 10_100 + slot, gid: 10_001 };
}

export function writeUser({ uid, gid }: CommandUser): string {
  return `${uid}:${gid}`;
}
