import { isObject, type JsonObject } from './json-shapes.ts';
import type { Workspace } from './workspace.ts';

/** Channels as the app sees them, remembered: every post asks twice whether the app is in the channel. */
export interface AppChannels {
  /** Slack's channel object, or undefined when the app may not see it. */
  find(channelId: string): Promise<JsonObject | undefined>;
  /** To be called after anything that may change a channel or its members. */
  forget(): void;
}

export function createAppChannels(workspace: Workspace): AppChannels {
  const known = new Map<string, JsonObject>();
  return {
    async find(channelId) {
      const remembered = known.get(channelId);
      if (remembered) return remembered;
      const { channel } = await workspace.call('app', 'conversations.info', { channel: channelId });
      if (!isObject(channel)) return undefined;
      known.set(channelId, channel);
      return channel;
    },
    forget: () => known.clear(),
  };
}
