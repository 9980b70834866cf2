import { describe, expect, it } from 'vitest';
import { createKnownSecrets } from '../../../src/platform/known-secrets.ts';
import { maskSeen } from '../../../src/platform/mask-seen.ts';

const token = 'vx9-Quite+Secret/77=';

function knowing(...values: string[]) {
  const secrets = createKnownSecrets();
  for (const value of values) secrets.learn(value);
  return secrets;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a secret that this process holds', () => {
  const secrets = knowing(token);

  it.each([
    ['as it is', token],
    ['inside a word', `xx${token}yy`],
    ['in an address', `https://h/?t=${encodeURIComponent(token)}&x=1`],
    ['in a form', new URLSearchParams({ t: token }).toString()],
    ['in JSON inside JSON', JSON.stringify(JSON.stringify({ t: token }))],
    ['in base64', base64(token)],
    ['in base64 behind a user', `Basic ${base64(`me:${token}`)}`],
    ['in base64 behind two more', base64(`a-user:${token}\n`)],
    ['in base64 of addresses', Buffer.from(`ab${token}cd`).toString('base64url')],
    ['in an address of .NET', encodeURIComponent(token).replace(/%../g, (code) => code.toLowerCase())],
    ['in JSON of PHP', JSON.stringify({ t: token }).replaceAll('/', '\\/')],
    ['in hexadecimal', Buffer.from(token).toString('hex').toUpperCase()],
  ])('is masked %s', (_, text) => {
    const shown = secrets.mask(`before ${text} after`);

    expect(shown).toContain('[masked]');
    expect(shown).toMatch(/^before .* after$/s);
    for (const part of [token, base64(token).slice(4, 16), Buffer.from(token).toString('hex')])
      expect(shown.toLowerCase()).not.toContain(part.toLowerCase());
  });

  it('is masked in keys and values of whatever is plain data, and nothing else is touched', () => {
    const at = new Date();
    const value = { [`k ${token}`]: [{ deep: `${token}!`, n: 7, at, none: null }] };

    expect(secrets.maskJson(value)).toEqual({
      'k [masked]': [{ deep: '[masked]!', n: 7, at, none: null }],
    });
  });

  it('is the password of an address, as written and as meant, and neither host nor user', () => {
    const { mask } = knowing('postgres://shop:p%40ss%2Fw0rd!@db.example:5432/orders?sslmode=require');

    expect(mask('p@ss/w0rd! at db.example:5432 as shop, orders; p%40ss%2Fw0rd!')).toBe(
      '[masked] at db.example:5432 as shop, orders; [masked]',
    );
    expect(knowing('redis://127.0.0.1:6379').mask('redis://127.0.0.1:6379')).toBe('redis://127.0.0.1:6379');
  });

  it('is found line by line where it has several', () => {
    const key = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----`;
    const { mask } = knowing(key);

    expect(mask('x MIIEvQIBADANBgkqhkiG9w0BAQEFAASC y')).toBe('x [masked] y');
    expect(mask(key.replaceAll('\n', '\\n'))).toBe('[masked]');
  });

  it('does not black out common words, short values and numbers', () => {
    const { mask } = knowing('postgres', 'ChangeMe', 'abc', '12345', '123456789', 'secret', '');
    const text = 'postgres ChangeMe abc 12345 123456789 secret';

    expect(mask(text)).toBe(text);
  });

  it('leaves nothing of a longer one that holds a shorter one', () => {
    expect(knowing('abcdef-12', 'abcdef-12-and-more').mask('abcdef-12-and-more abcdef-12')).toBe(
      '[masked] [masked]',
    );
  });
});

describe('what looks like a secret', () => {
  it('is masked in text by name, quoted once or twice, and kept where it is none', () => {
    const line = JSON.stringify({ apiKey: 'k-123456789', user: 'ada', tokenTtl: '24 hours', status: 401 });

    expect(maskSeen(line, 'text')).toBe(
      '{"apiKey":"[masked]","user":"ada","tokenTtl":"24 hours","status":401}',
    );
    expect(maskSeen(JSON.stringify(line), 'text')).not.toContain('k-123456789');
    expect(maskSeen('password=hunter22 Bearer abcdefgh1', 'text')).toBe('password=[masked] Bearer [masked]');
  });

  it('does not hide a change in code', () => {
    const code = '+const token = readToken(request);\n-  password = input.password';

    expect(maskSeen(code, 'code')).toBe(code);
    expect(maskSeen('+const k = "ghp_abcdefghijklmnop1234";', 'code')).toBe('+const k = "[masked]";');
  });
});
