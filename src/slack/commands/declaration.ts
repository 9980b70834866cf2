import type { Severity } from '../../domain/incident.ts';
import type { Service } from '../../domain/service.ts';

/** `sev1 Checkout is down` → severity and title; without a severity it is `sev2`. */
export function parseDeclaration(
  text: string,
  services: readonly Service[],
): { title: string; severity: Severity; services: string[] } {
  const match = /^(sev[1-4])\b[\s:,-]*(.*)$/is.exec(text);
  const title = (match?.[2] ?? text).trim().slice(0, 200);
  const words = new Set(title.toLowerCase().split(/[^a-z0-9_-]+/));
  return {
    title: title === '' ? 'Declared by hand' : title,
    severity: (match?.[1]?.toLowerCase() as Severity | undefined) ?? 'sev2',
    services: services.map((service) => service.name).filter((name) => words.has(name.toLowerCase())),
  };
}
