import { describe, expect, it } from 'vitest';
import { isDisguised } from '../../../src/slack/signature-guard.ts';

const form = 'application/x-www-form-urlencoded';
const sent = (contentType: string | undefined, body: string) =>
  isDisguised({
    headers: contentType === undefined ? {} : { 'content-type': contentType },
    rawBody: Buffer.from(body),
  });

describe('a signed body under another content type', () => {
  it.each([form, `${form}; charset=utf-8`, 'text/plain', 'multipart/form-data; boundary=x', undefined])(
    'an event that comes as %s is not what it says',
    (contentType) => {
      expect(sent(contentType, '{"type":"event_callback","event":{"text":"x&payload=%7B%7D&y="}}')).toBe(
        true,
      );
      expect(sent(contentType, ' \n[{"payload":1}]')).toBe(true);
    },
  );

  it('what Slack sends passes: events as JSON, clicks and commands as forms', () => {
    expect(sent('application/json', '{"type":"event_callback"}')).toBe(false);
    expect(sent('application/json; charset=utf-8', '{"type":"url_verification"}')).toBe(false);
    expect(sent(form, 'payload=%7B%22type%22%3A%22block_actions%22%7D')).toBe(false);
    expect(sent(form, 'token=x&team_id=T1&command=%2Fwarroom&text=%7Bstatus')).toBe(false);
  });
});
