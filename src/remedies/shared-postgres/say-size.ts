/** `212 MB`. */
export function sayBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = Math.max(bytes, 0);
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** `0.9 ms`, `2,358 ms`. */
export function sayMs(ms: number): string {
  if (ms < 0.05) return 'less than 0.1 ms';
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US')} ms`;
}

/** `5 s`, `12 min`, `3 h`: estimates, so they are rounded up. */
export function saySeconds(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.ceil(seconds))} s`;
  return seconds < 90 * 60 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}

export function sayCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
