import { createHmac, timingSafeEqual } from 'node:crypto';

/** Links to Warroom's own read-only pages; the signature stands for the right to read, so it is never guessable. */
export interface Links {
  evidence(incidentId: string, number: number): string;
  incident(incidentId: string): string;
}

/** @param baseUrl where people reach Warroom, without a trailing slash */
export function createLinks(baseUrl: string, secret: string): Links {
  return {
    evidence: (incidentId, number) => signed(baseUrl, `/incidents/${incidentId}/evidence/${number}`, secret),
    incident: (incidentId) => signed(baseUrl, `/incidents/${incidentId}`, secret),
  };
}

/** True when `signature` (hex) was made for this path with this secret. */
export function verifyLink(path: string, signature: string, secret: string): boolean {
  const expected = Buffer.from(signPath(path, secret));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function signed(baseUrl: string, path: string, secret: string): string {
  return `${baseUrl}${path}?sig=${signPath(path, secret)}`;
}

function signPath(path: string, secret: string): string {
  return createHmac('sha256', secret).update(path).digest('hex').slice(0, 40);
}
