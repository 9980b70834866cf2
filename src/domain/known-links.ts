import type { Catalogue } from './service.ts';

/**
 * An address that came with an alert, if people may click it: whoever can send an alert can write one. Known are the hosts
 * that operators named, for links or as the place of a dashboard.
 */
export function knownLink(
  url: string | undefined | null,
  linkHosts: readonly string[],
  catalogue: Catalogue,
): string | null {
  if (url === undefined || url === null) return null;
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return null;
  // A name and a password in front of the host are there to make it look like another one.
  if (parsed.username !== '' || parsed.password !== '') return null;
  const known = new Set([
    ...linkHosts.map((host) => host.toLowerCase()),
    ...catalogue.services.flatMap((service) =>
      service.dashboards.flatMap((one) => URL.parse(one)?.hostname ?? []),
    ),
  ]);
  return known.has(parsed.hostname) ? parsed.href : null;
}
