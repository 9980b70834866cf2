/**
 * What the page shows now. Only app.js writes to it. Its shapes are Slack's, so they are not described again here.
 * @type {Record<string, any>}
 */
export const state = {
  me: undefined,
  app: undefined,
  team: undefined,
  people: [],
  groups: [],
  channels: [],
  commands: [],
  home: null,
  modal: null,
  /** `home`, or a channel id. */
  place: undefined,
  channel: undefined,
  threadTs: undefined,
  thread: undefined,
  /** A message to scroll to and mark once. */
  highlightTs: undefined,
};

export function channelById(id) {
  return state.channels.find((channel) => channel.id === id);
}
