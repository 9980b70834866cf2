const earliest = Date.UTC(1990, 0, 1);
const latest = Date.UTC(2200, 0, 1);

/**
 * ISO 8601 text, or an epoch in seconds, milliseconds, microseconds or nanoseconds as number or digits; which of these
 * is told by its size. Undefined for anything that is no plausible time.
 */
export function parseTime(value: unknown): Date | undefined {
  const ms =
    typeof value === 'number' ? epochMs(value) : typeof value === 'string' ? textMs(value) : undefined;
  return ms === undefined || Number.isNaN(ms) || ms < earliest || ms > latest ? undefined : new Date(ms);
}

function textMs(text: string): number | undefined {
  if (text.length > 40) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return epochMs(Number(text));
  // Without a leading four-digit year, Date.parse reads almost anything as some time.
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(asUtc(text)) : undefined;
}

/** Times without a zone are taken as UTC, as shippers write them, and not as this machine's. */
function asUtc(text: string): string {
  const iso = text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T').replace(/(\d),(\d)/, '$1.$2');
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) || iso.length <= 10 ? iso : `${iso}Z`;
}

function epochMs(value: number): number {
  if (value < 1e11) return value * 1e3;
  if (value < 1e14) return value;
  if (value < 1e17) return value / 1e3;
  // Nanoseconds are beyond what a number holds exactly: to the microsecond first, or a millisecond is lost now and then.
  return Math.round(value / 1e3) / 1e3;
}
