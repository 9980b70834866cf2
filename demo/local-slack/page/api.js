import { state } from './store.js';

/** Reads one of the page's own addresses as the acting person. */
export async function read(name, query = {}) {
  const response = await fetch(
    `/local/${name}?${new URLSearchParams({ user: state.me?.id ?? '', ...query })}`,
  );
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  return response.json();
}

/** Does something as the acting person; answers `{ok, error?, errors?}`. */
export async function act(name, body = {}) {
  try {
    const response = await fetch(`/local/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: state.me?.id, ...body }),
    });
    return await response.json();
  } catch {
    return { ok: false, error: 'the local Slack does not answer' };
  }
}

const SAID = {
  http_timeout: 'The app did not answer within 3 seconds.',
  connection_failed: 'The app could not be reached. Is it running?',
  no_events_url: 'No app is connected yet.',
  message_not_found: 'That message is gone.',
  action_not_found: 'That message has changed; this button is no longer on it.',
};

/** An error in words that a person can use. */
export function explain(error) {
  return SAID[error] ?? `That did not work: ${error}`;
}
